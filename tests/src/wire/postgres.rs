//! Reads the statements out of what a PostgreSQL client sends.

use std::collections::HashMap;

use super::Reader;

/// Version 3.0 of the protocol, in the startup message.
const STARTUP: u32 = 196_608;

/// The bytes not read yet, and the statements that were given names.
#[derive(Default)]
pub(super) struct Frontend {
    pending: Vec<u8>,
    started: bool,
    named: HashMap<String, String>,
}

impl Reader for Frontend {
    fn sent(&mut self, bytes: &[u8]) -> Vec<String> {
        self.pending.extend_from_slice(bytes);
        let mut statements = Vec::new();
        while let Some((kind, body)) = self.message() {
            statements.extend(self.statement(kind, &body));
        }
        statements
    }
}

impl Frontend {
    /// The next whole message: a type, which the first ones lack, a length that counts itself, a body.
    fn message(&mut self) -> Option<(u8, Vec<u8>)> {
        let typed = usize::from(self.started);
        let length = u32::from_be_bytes(self.pending.get(typed..typed + 4)?.try_into().ok()?);
        let end = typed + length as usize;
        let body = self.pending.get(typed + 4..end)?.to_vec();
        let kind = if self.started { self.pending[0] } else { 0 };
        self.started |= body
            .get(..4)
            .is_some_and(|version| version == STARTUP.to_be_bytes());
        self.pending.drain(..end);
        Some((kind, body))
    }

    fn statement(&mut self, kind: u8, body: &[u8]) -> Option<String> {
        let mut texts = body
            .split(|byte| *byte == 0)
            .map(|text| String::from_utf8_lossy(text).into_owned());
        match kind {
            b'Q' => texts.next(),
            b'P' => {
                self.named.insert(texts.next()?, texts.next()?);
                None
            }
            // Bind names a portal, then the statement.
            b'B' => self.named.get(&texts.nth(1)?).cloned(),
            _ => None,
        }
    }
}
