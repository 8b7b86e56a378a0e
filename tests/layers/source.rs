//! Reads Rust source just well enough to tell which modules it names; knows no rule.

/// A word, `::`, or one other character, and the line it stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token<'s> {
    pub(crate) text: &'s str,
    pub(crate) line: usize,
}

/// A path that starts in this crate, from its root.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Import {
    pub(crate) path: Vec<String>,
    pub(crate) line: usize,
}

/// The code's tokens: no comments, nothing inside strings.
pub(crate) fn tokens(text: &str) -> Vec<Token<'_>> {
    let (mut found, mut at, mut line) = (Vec::new(), 0, 1);
    while let Some(first) = text[at..].chars().next() {
        let length = blank(&text[at..]).unwrap_or_else(|| token(&text[at..], first));
        let piece = &text[at..at + length];
        if blank(piece).is_none() {
            found.push(Token { text: piece, line });
        }
        line += piece.matches('\n').count();
        at += length;
    }
    found
}

/// The length of the white space, comment, string or character that the text starts with.
fn blank(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    if first.is_whitespace() {
        return Some(first.len_utf8());
    }
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    if text.starts_with("/*") {
        return Some(block_comment(text));
    }
    let prefix = text
        .find(|c: char| !matches!(c, 'b' | 'c' | 'r'))
        .filter(|n| *n <= 2)?;
    let rest = &text[prefix..];
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    match rest[hashes..].chars().next() {
        Some('"') if text[..prefix].contains('r') => {
            Some(prefix + hashes + raw_string(&rest[hashes..], hashes))
        }
        Some('"') if hashes == 0 => Some(prefix + closing(rest, '"')),
        Some('\'') if hashes == 0 && is_character(rest) => Some(prefix + closing(rest, '\'')),
        _ => None,
    }
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
        } else {
            at += 1;
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn raw_string(text: &str, hashes: usize) -> usize {
    let end = format!("\"{}", "#".repeat(hashes));
    text[1..]
        .find(&end)
        .map_or(text.len(), |n| 1 + n + end.len())
}

/// The length of a quoted text with escapes.
fn closing(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (n, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return n + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// Tells `'a'` from the lifetime `'a`.
fn is_character(text: &str) -> bool {
    let mut after = text.chars().skip(1);
    after.next() == Some('\\') || after.next() == Some('\'')
}

fn token(text: &str, first: char) -> usize {
    if text.starts_with("::") {
        return 2;
    }
    let word = |c: char| c.is_alphanumeric() || c == '_';
    if word(first) {
        text.find(|c| !word(c)).unwrap_or(text.len())
    } else {
        first.len_utf8()
    }
}

/// All paths that start with `crate` or `super`, in a file that is this module (`["run", "blocking"]`).
pub(crate) fn imports(module: &[&str], tokens: &[Token<'_>]) -> Vec<Import> {
    let (mut found, mut inline, mut depth) = (Vec::new(), Vec::new(), 0_usize);
    for (n, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                inline.retain(|opened| *opened <= depth);
            }
            "mod" if tokens.get(n + 2).is_some_and(|t| t.text == "{") => inline.push(depth + 1),
            "crate" | "super" if starts_path(tokens, n) => {
                // Inline modules are nameless here: `super` leaves them before it leaves the file's.
                let mut root = [module, &vec![""; inline.len()]].concat();
                root.pop();
                if token.text == "crate" {
                    root.clear();
                }
                let root = root.into_iter().map(str::to_owned).collect();
                tree(root, &tokens[n + 1..], token.line, &mut found);
            }
            _ => {}
        }
    }
    found.retain(|import| !import.path.iter().any(String::is_empty) && import.path != module);
    found
}

fn starts_path(tokens: &[Token<'_>], n: usize) -> bool {
    let follows = tokens.get(n + 1).is_some_and(|t| t.text == "::");
    follows && (n == 0 || tokens[n - 1].text != "::")
}

/// Adds the paths of a use tree, whose tokens start at a `::`; how many tokens it has.
fn tree(
    mut path: Vec<String>,
    tokens: &[Token<'_>],
    line: usize,
    found: &mut Vec<Import>,
) -> usize {
    let mut at = 0;
    while tokens.get(at).is_some_and(|t| t.text == "::") {
        match tokens.get(at + 1).map(|t| t.text) {
            Some("{") => return at + 2 + group(&path, &tokens[at + 2..], line, found),
            Some("super") => drop(path.pop()),
            Some("self") | None => {}
            Some(word) => path.push(word.to_owned()),
        }
        at += 2;
    }
    path.retain(|word| word != "*");
    found.push(Import { path, line });
    at
}

fn group(path: &[String], tokens: &[Token<'_>], line: usize, found: &mut Vec<Import>) -> usize {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token.text {
            "}" => return at + 1,
            "," => at += 1,
            "as" => at += 2,
            word => {
                let mut path = path.to_vec();
                if word != "self" {
                    path.push(word.to_owned());
                }
                at += 1 + tree(path, &tokens[at + 1..], token.line.max(line), found);
            }
        }
    }
    at
}
