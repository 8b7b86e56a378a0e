//! Under `#[async_trait]`: the machine goes into the boxed future, around what was there.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Block, Expr, Local, Pat, Stmt, parse_quote};

use super::machine;
use crate::check::{Boxed, Checked, Form};
use crate::model::Body;

// Input:  Box::pin(async move { let tx = tx; BODY })
// Output: Box::pin(async move { MACHINE(async move { let tx = tx; BODY }) })
pub(super) fn expand(checked: &Checked<'_>, boxed: &Boxed, source: &TokenStream) -> TokenStream {
    let body = body(checked, &boxed.future.block);
    let machine = machine::machine(checked, source, &body);
    let mut future = boxed.future.clone();
    future.block.stmts = vec![Stmt::Expr(Expr::Verbatim(machine), None)];
    let (before, func) = (&boxed.before, &boxed.call.func);
    quote!(#(#before)* #func(#future))
}

fn body(checked: &Checked<'_>, block: &Block) -> Body {
    let handle = checked.handle();
    let mut block = block.clone();
    if let (Some(ident), Form::On { by_ref: false }) = (handle.ident, handle.form) {
        rebind_mutably(&mut block, ident);
    }
    let tokens = block.stmts.iter().map(ToTokens::to_token_stream).collect();
    Body {
        brace: block.brace_token,
        tokens,
    }
}

/// Undoes that `let tx = tx;` takes the handle's mutability away.
pub(super) fn rebind_mutably(block: &mut Block, handle: &Ident) {
    for local in block.stmts.iter_mut().filter_map(rebinding) {
        make_mutable(local, handle);
    }
}

fn rebinding(stmt: &mut Stmt) -> Option<&mut Local> {
    match stmt {
        Stmt::Local(local) => Some(local),
        _ => None,
    }
}

fn make_mutable(local: &mut Local, handle: &Ident) {
    let from = local
        .init
        .as_ref()
        .is_some_and(|init| matches!(&*init.expr, Expr::Path(path) if path.path.is_ident(handle)));
    if let Pat::Ident(it) = &mut local.pat
        && from
        && it.ident == *handle
        && it.mutability.is_none()
    {
        it.mutability = Some(parse_quote!(mut));
        local.attrs.push(parse_quote!(#[allow(unused_mut)]));
    }
}
