//! Cuts SQL text into words, semicolons and the rest; knows how each dialect quotes and comments, and no grammar.

use super::Dialect;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'s> {
    /// A keyword or identifier, quoted ones without their quotes; on MySQL with leading `@` or `@@`.
    Word(&'s [u8]),
    Semicolon,
    /// A string, as its opening quote, or a single byte of anything else.
    Other(u8),
}

impl Token<'_> {
    pub(super) fn is(self, word: &str) -> bool {
        matches!(self, Token::Word(found) if found.eq_ignore_ascii_case(word.as_bytes()))
    }
}

/// A cursor over the text; cheap to clone, so looking ahead is reading from a clone.
#[derive(Clone)]
pub(super) struct Lexer<'s> {
    sql: &'s [u8],
    at: usize,
    dialect: Dialect,
}

impl<'s> Iterator for Lexer<'s> {
    type Item = Token<'s>;

    fn next(&mut self) -> Option<Token<'s>> {
        self.skip_blank();
        let byte = *self.sql.get(self.at)?;
        Some(match byte {
            b';' => {
                self.at += 1;
                Token::Semicolon
            }
            b'\'' => self.string(byte, self.dialect == Dialect::MySql),
            b'"' if self.dialect == Dialect::MySql => self.string(byte, true),
            b'"' => self.quoted(byte),
            b'`' if self.dialect != Dialect::Postgres => self.quoted(byte),
            b'[' if self.dialect == Dialect::Sqlite => self.quoted(b']'),
            b'$' if self.dialect == Dialect::Postgres => self.dollar(),
            _ if self.in_word(byte) => self.word(),
            _ => {
                self.at += 1;
                Token::Other(byte)
            }
        })
    }
}

impl<'s> Lexer<'s> {
    pub(super) fn new(sql: &'s str, dialect: Dialect) -> Self {
        Self {
            sql: sql.as_bytes(),
            at: 0,
            dialect,
        }
    }

    pub(super) fn dialect(&self) -> Dialect {
        self.dialect
    }

    fn rest(&self) -> &'s [u8] {
        &self.sql[self.at.min(self.sql.len())..]
    }

    fn in_word(&self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'$' | 0x80..)
            || (byte == b'@' && self.dialect == Dialect::MySql)
    }

    /// Moves past white space and comments. The text inside MySQL's `/*! .. */` is executed, so only its brackets are blank.
    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            match rest {
                [b' ' | b'\t'..=b'\r', ..] => self.at += 1,
                // A byte order mark, which SQLite takes for a space.
                [0xEF, 0xBB, 0xBF, ..] => self.at += 3,
                [b'-', b'-', ..] if self.dashes_comment(rest) => self.skip_line(),
                [b'#', ..] if self.dialect == Dialect::MySql => self.skip_line(),
                [b'/', b'*', b'!', ..] if self.dialect == Dialect::MySql => self.enter(3),
                [b'/', b'*', b'M', b'!', ..] if self.dialect == Dialect::MySql => self.enter(4),
                [b'*', b'/', ..] if self.dialect == Dialect::MySql => self.at += 2,
                [b'/', b'*', ..] => self.skip_block(),
                _ => return,
            }
        }
    }

    /// MySQL wants white space or a control character after the dashes: `5--1` is arithmetic there.
    fn dashes_comment(&self, rest: &[u8]) -> bool {
        self.dialect != Dialect::MySql || rest.get(2).is_none_or(|byte| *byte <= b' ')
    }

    fn skip_line(&mut self) {
        let ends: &[u8] = if self.dialect == Dialect::Postgres {
            b"\n\r"
        } else {
            b"\n"
        };
        let length = self.rest().iter().position(|byte| ends.contains(byte));
        self.at = length.map_or(self.sql.len(), |length| self.at + length);
    }

    /// Moves past the opening of an executable comment and its version number.
    fn enter(&mut self, bracket: usize) {
        self.at += bracket;
        self.at += self
            .rest()
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
    }

    /// Moves past a block comment; PostgreSQL's nest.
    fn skip_block(&mut self) {
        self.at += 2;
        let mut depth = 1_usize;
        while depth > 0 && self.at < self.sql.len() {
            match self.rest() {
                [b'*', b'/', ..] => (depth, self.at) = (depth - 1, self.at + 2),
                [b'/', b'*', ..] if self.dialect == Dialect::Postgres => {
                    (depth, self.at) = (depth + 1, self.at + 2)
                }
                _ => self.at += 1,
            }
        }
    }

    fn word(&mut self) -> Token<'s> {
        let word = self.rest();
        let length = word.iter().take_while(|byte| self.in_word(**byte)).count();
        self.at += length;
        let word = &word[..length];
        // PostgreSQL's E'..' is the string that knows backslashes.
        if self.dialect == Dialect::Postgres
            && word.eq_ignore_ascii_case(b"E")
            && self.rest().first() == Some(&b'\'')
        {
            return self.string(b'\'', true);
        }
        Token::Word(word)
    }

    fn string(&mut self, quote: u8, backslashes: bool) -> Token<'s> {
        self.quoted_text(quote, backslashes);
        Token::Other(quote)
    }

    fn quoted(&mut self, quote: u8) -> Token<'s> {
        Token::Word(self.quoted_text(quote, false))
    }

    /// Moves past the closing quote, or to the end of the text; what stood between. A doubled quote is no end, but a `]` is.
    fn quoted_text(&mut self, quote: u8, backslashes: bool) -> &'s [u8] {
        let start = self.at + 1;
        self.at = start;
        loop {
            match self.rest() {
                [] => return &self.sql[start.min(self.sql.len())..],
                [b'\\', ..] if backslashes => self.at += 2,
                [a, b, ..] if *a == quote && *b == quote && quote != b']' => self.at += 2,
                [a, ..] if *a == quote => {
                    self.at += 1;
                    return &self.sql[start..self.at - 1];
                }
                _ => self.at += 1,
            }
        }
    }

    /// PostgreSQL's `$$ .. $$` and `$tag$ .. $tag$`; else a parameter's `$`.
    fn dollar(&mut self) -> Token<'s> {
        let rest = self.rest();
        let tag = rest[1..]
            .iter()
            .take_while(|byte| **byte != b'$' && self.in_word(**byte))
            .count();
        let numbered = rest.get(1).is_some_and(u8::is_ascii_digit);
        if numbered || rest.get(tag + 1) != Some(&b'$') {
            self.at += 1;
            return Token::Other(b'$');
        }
        let (delimiter, body) = rest.split_at(tag + 2);
        let length = find(body, delimiter).map_or(body.len(), |length| length + delimiter.len());
        self.at += delimiter.len() + length;
        Token::Other(b'$')
    }
}

/// Where `delimiter`, which starts with a `$`, begins in `text`. One pass: a tag holds no `$`.
fn find(text: &[u8], delimiter: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        from += text[from..].iter().position(|byte| *byte == b'$')?;
        if text[from..].starts_with(delimiter) {
            return Some(from);
        }
        from += 1;
    }
}
