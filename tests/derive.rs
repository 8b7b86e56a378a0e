//! Derives a blocking text from an asynchronous one, line by line; knows no file. For build scripts.
//!
//! A line of the one is the same line of the other. What it takes is little, because the texts keep to names that come in an
//! asynchronous and in a blocking form: `async` and `.await` go, a block that is a future becomes a closure (a hook's or a
//! check's becomes its body), and functions of txkit get their blocking names.

use std::fs;
use std::path::Path;

/// What becomes of words, in this order.
const WORDS: [(&str, &str); 20] = [
    ("async fn ", "fn "),
    ("async move |", "move |"),
    ("async |", "|"),
    (".await", ""),
    ("AsyncFn(", "Fn("),
    ("AsyncFnOnce(", "FnOnce("),
    ("AsyncFnMut(", "FnMut("),
    // A check's future, whose block has become a plain one, or a call's that calls itself.
    ("Box::pin(", "("),
    ("txkit::begin(", "txkit::begin_blocking("),
    ("txkit::transaction(", "txkit::transaction_blocking("),
    (
        "txkit::test::rolled_back(",
        "txkit::test::rolled_back_blocking(",
    ),
    (".with_conn(", ".with_conn_blocking("),
    (".before_commit(", ".before_commit_blocking("),
    (".run(", ".run_blocking("),
    (
        "diesel_async::AsyncConnectionCore::",
        "diesel::Connection::",
    ),
    ("diesel_async::AsyncConnection>", "diesel::Connection>"),
    (
        "execute_returning_count(tx, query)",
        "execute_returning_count(tx, &query)",
    ),
    ("diesel_async::", "diesel::"),
    // The first lines of a file that is included cannot be its documentation.
    ("\n//!", "\n//"),
    ("#[tokio::test]", "#[test]"),
];

/// Every file of a folder becomes a file of the same name in another one.
pub fn folder(from: &Path, to: &Path) {
    println!("cargo::rerun-if-changed={}", from.display());
    fs::create_dir_all(to).unwrap();
    for file in fs::read_dir(from).unwrap() {
        let file = file.unwrap();
        let text = fs::read_to_string(file.path()).unwrap();
        fs::write(to.join(file.file_name()), blocking(&text)).unwrap();
    }
}

fn blocking(text: &str) -> String {
    let mut text = format!("\n{text}");
    text = outputs(&tests(&text));
    text = blocks(
        &blocks(&text, "async move {", "move || {"),
        "async {",
        "|| {",
    );
    for (word, other) in WORDS {
        text = text.replace(word, other);
    }
    text.split_off(1)
}

/// `#[tokio::test(flavor = ..)]` is a test like others.
fn tests(text: &str) -> String {
    let mut parts = text.split("#[tokio::test(");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, rest) = part.split_once(")]").unwrap();
        plain.push_str("#[tokio::test]");
        plain.push_str(rest);
    }
    plain
}

/// `impl Future<Output = T> + Send` is a `T`.
fn outputs(text: &str) -> String {
    const FUTURE: &str = "impl Future<Output = ";
    let mut parts = text.split(FUTURE);
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut depth = 1;
        let end = part.char_indices().find_map(|(at, letter)| {
            match letter {
                '<' => depth += 1,
                '>' => depth -= 1,
                _ => {}
            }
            (depth == 0).then_some(at)
        });
        let (output, rest) = part.split_at(end.unwrap());
        plain.push_str(output);
        plain.push_str(rest[1..].trim_start_matches(" + Send"));
    }
    plain
}

/// A block that is a future is a closure that runs it: but where it is all that a closure returns, it is run at once.
fn blocks(text: &str, future: &str, closure: &str) -> String {
    let mut parts = text.split(future);
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let before = plain.trim_end();
        let at_once = before.ends_with('|') || before.ends_with("Box::pin(");
        plain.push_str(if at_once { "{" } else { closure });
        plain.push_str(part);
    }
    plain
}
