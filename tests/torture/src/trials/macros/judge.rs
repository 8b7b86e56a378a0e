//! What every answer must be, whatever was asked; knows nothing of how cases are made.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use txkit_expander::Kind;

use super::case::{Case, Expected};
use super::{Expand, Outcome, Wrong};

/// Stands for the runtime where `crate = ..` says so; no case writes it elsewhere.
const VENDORED: &str = "vendored :: kit";

/// The argument of an attribute whose options another one took.
const MERGED: &str = "__merged";

/// An error in an answer.
struct Complaint {
    message: String,
    start: Span,
    end: Span,
}

/// Expands the case and judges the answer.
pub(super) fn judge(case: &Case, expand: Expand<'_>) -> Result<Outcome, Wrong> {
    proc_macro2::extra::invalidate_current_thread_spans();
    judged(case, expand).map_err(|what| Wrong {
        what,
        case: case.to_string(),
    })
}

fn judged(case: &Case, expand: Expand<'_>) -> Result<Outcome, String> {
    let Some((args, item)) = case.tokens() else {
        return Ok(Outcome::Refused);
    };
    let output = caught(|| expand(case.kind, args.clone(), item.clone()))?;
    if args.to_string() == MERGED {
        return match output.to_string() == item.to_string() {
            true => Ok(Outcome::Accepted),
            false => Err("an attribute that was merged changed something".into()),
        };
    }
    let complaints = complaints(&output)?;
    let outcome = match complaints.is_empty() {
        true => Outcome::Accepted,
        false => Outcome::Refused,
    };
    for complaint in &complaints {
        points(case.kind, complaint, &args, &item)?;
    }
    as_expected(case.expected, &complaints)?;
    private_only(&args, &item, &output)?;
    kept(&item, &output, outcome)?;
    if case.expected == Expected::Accepted {
        elsewhere(case, &output)?;
        refused_again(output, expand)?;
    }
    Ok(outcome)
}

fn caught(expand: impl FnOnce() -> TokenStream) -> Result<TokenStream, String> {
    catch_unwind(AssertUnwindSafe(expand)).map_err(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()));
        format!("a panic: {}", text.unwrap_or_default())
    })
}

/// Every `compile_error! { "message" }`, at any depth.
fn complaints(output: &TokenStream) -> Result<Vec<Complaint>, String> {
    let trees: Vec<TokenTree> = output.clone().into_iter().collect();
    let mut found = Vec::new();
    for (at, tree) in trees.iter().enumerate() {
        match tree {
            TokenTree::Group(group) => found.extend(complaints(&group.stream())?),
            TokenTree::Ident(word) if word == "compile_error" => {
                let Some(TokenTree::Group(group)) = trees.get(at + 2) else {
                    return Err("a `compile_error` that is no macro call".into());
                };
                let message = syn::parse2::<syn::LitStr>(group.stream())
                    .map_err(|error| format!("a `compile_error!` without a message: {error}"))?;
                found.push(Complaint {
                    message: message.value(),
                    start: word.span(),
                    end: group.span(),
                });
            }
            _ => (),
        }
    }
    Ok(found)
}

/// An error has words, and points into what was written.
fn points(
    kind: Kind,
    complaint: &Complaint,
    args: &TokenStream,
    item: &TokenStream,
) -> Result<(), String> {
    let message = &complaint.message;
    if message.trim().is_empty() {
        return Err("an error without words".into());
    }
    let files: Vec<String> = [args, item]
        .into_iter()
        .filter_map(|it| it.clone().into_iter().next())
        .map(|tree| tree.span().file())
        .collect();
    let within = |span: Span| files.contains(&span.file());
    // What the attribute says by its name alone is at the attribute, which is where a macro is called.
    let attribute = args.is_empty() && kind != Kind::Transactional;
    if (within(complaint.start) && within(complaint.end)) || attribute || item.is_empty() {
        return Ok(());
    }
    Err(format!("an error that points at nothing: {message}"))
}

fn as_expected(expected: Expected, complaints: &[Complaint]) -> Result<(), String> {
    let messages = || {
        let each = complaints.iter().map(|it| it.message.as_str());
        each.collect::<Vec<_>>().join("\n    ")
    };
    match (expected, complaints.len()) {
        (Expected::Either, _) | (Expected::Accepted, 0) | (Expected::OneError, 1) => Ok(()),
        (Expected::Accepted, _) => Err(format!("a valid use was refused: {}", messages())),
        (Expected::OneError, 0) => Err("a mistake was accepted".into()),
        (Expected::OneError, n) => Err(format!("{n} errors for one mistake: {}", messages())),
    }
}

/// An expansion names the runtime's private module and nothing else of it.
fn private_only(
    args: &TokenStream,
    item: &TokenStream,
    output: &TokenStream,
) -> Result<(), String> {
    let named = |tokens: &TokenStream| {
        let text = tokens.to_string();
        let after = text.split(":: txkit ::").skip(1);
        let mut words = after.map(|it| {
            it.trim_start()
                .split(' ')
                .next()
                .unwrap_or_default()
                .to_owned()
        });
        words.find(|word| word != "__private")
    };
    match named(output) {
        Some(word) if named(args).is_none() && named(item).is_none() => {
            Err(format!("`::txkit::{word}` is named"))
        }
        _ => Ok(()),
    }
}

/// `crate = ..` holds everywhere.
fn elsewhere(case: &Case, output: &TokenStream) -> Result<(), String> {
    if !case.args.contains("vendored") && !case.item.contains("vendored") {
        return Ok(());
    }
    let text = output.to_string();
    if text.contains(":: txkit ::") {
        return Err("the runtime's own name stands where `crate = ..` gave another".into());
    }
    let private = format!("{VENDORED} :: __private");
    if text.matches(VENDORED).count() != text.matches(&private).count() {
        return Err("`crate = ..` is used for more than the private module".into());
    }
    Ok(())
}

/// The item comes back: a function with its name and its body, anything else as it was.
fn kept(item: &TokenStream, output: &TokenStream, outcome: Outcome) -> Result<(), String> {
    let Ok(function) = syn::parse2::<syn::ItemFn>(item.clone()) else {
        return other_item_kept(item, output, outcome);
    };
    let name = &function.sig.ident;
    let file = syn::parse2::<syn::File>(output.clone())
        .map_err(|error| format!("not a list of items: {error}\n{output}"))?;
    let same = |it: &&syn::Item| matches!(it, syn::Item::Fn(it) if it.sig.ident == *name);
    if file.items.iter().filter(same).count() != 1 {
        return Err(format!("the function `{name}` is lost"));
    }
    match body(item) {
        Some(body) if !is_boxed(&function) && !output.to_string().contains(&body) => {
            Err(format!("the body is lost: {body}\n{output}"))
        }
        _ => Ok(()),
    }
}

fn other_item_kept(
    item: &TokenStream,
    output: &TokenStream,
    outcome: Outcome,
) -> Result<(), String> {
    match syn::parse2::<syn::Item>(item.clone()) {
        Err(_) | Ok(syn::Item::Fn(_) | syn::Item::Verbatim(_)) => return Ok(()),
        Ok(_) => (),
    }
    if outcome == Outcome::Accepted {
        return Err("an attribute on no function was accepted".into());
    }
    let text = item.to_string();
    // A sibling among its attributes was made a no-op.
    let has_sibling = Kind::ALL.iter().any(|kind| text.contains(kind.name()));
    match has_sibling || output.to_string().ends_with(&text) {
        true => Ok(()),
        false => Err(format!("the item did not come back as it was\n{output}")),
    }
}

/// The body as text. Inner attributes do not stay where they were.
fn body(item: &TokenStream) -> Option<String> {
    match item.clone().into_iter().last() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let text = group.stream().to_string();
            (!text.starts_with('#')).then_some(text)
        }
        _ => None,
    }
}

/// What `#[async_trait]` made is taken apart.
fn is_boxed(function: &syn::ItemFn) -> bool {
    let output = &function.sig.output;
    quote::quote!(#output).to_string().contains("Pin")
}

/// An expansion is not expanded once more, as a renamed import would.
fn refused_again(output: TokenStream, expand: Expand<'_>) -> Result<(), String> {
    let file = syn::parse2::<syn::File>(output).map_err(|error| error.to_string())?;
    let Some(first) = file.items.first() else {
        return Err("nothing came back".into());
    };
    let again = caught(|| {
        expand(
            Kind::Transactional,
            TokenStream::new(),
            quote::quote!(#first),
        )
    })?;
    match complaints(&again)?.is_empty() {
        true => Err("its own output was expanded a second time".into()),
        false => Ok(()),
    }
}
