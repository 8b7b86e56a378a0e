//! Reads the statements out of what a MySQL or MariaDB client sends.

use std::collections::HashMap;

use super::Reader;

const QUERY: u8 = 0x03;
const PREPARE: u8 = 0x16;
const EXECUTE: u8 = 0x17;

/// The bytes not read yet, and the prepared statements by the server's number for them.
#[derive(Default)]
pub(super) struct Client {
    pending: Vec<u8>,
    preparing: Option<String>,
    prepared: HashMap<[u8; 4], String>,
}

impl Reader for Client {
    fn sent(&mut self, bytes: &[u8]) -> Vec<String> {
        self.pending.extend_from_slice(bytes);
        let mut statements = Vec::new();
        while let Some(command) = self.packet() {
            statements.extend(self.statement(&command));
        }
        statements
    }

    fn answered(&mut self, bytes: &[u8]) {
        // A header, the OK byte, the statement's number.
        if let (Some(text), [_, _, _, _, 0, a, b, c, d, ..]) = (self.preparing.take(), bytes) {
            self.prepared.insert([*a, *b, *c, *d], text);
        }
    }
}

impl Client {
    /// The next command; packets of the login, whose numbers are above 0, are empty ones.
    fn packet(&mut self) -> Option<Vec<u8>> {
        let [a, b, c, number] = *self.pending.first_chunk::<4>()?;
        let end = 4 + u32::from_le_bytes([a, b, c, 0]) as usize;
        let body = self.pending.get(4..end)?.to_vec();
        self.pending.drain(..end);
        Some(if number == 0 { body } else { Vec::new() })
    }

    fn statement(&mut self, command: &[u8]) -> Option<String> {
        let (kind, body) = command.split_first()?;
        match *kind {
            QUERY => Some(String::from_utf8_lossy(body).into_owned()),
            PREPARE => {
                self.preparing = Some(String::from_utf8_lossy(body).into_owned());
                None
            }
            EXECUTE => self.prepared.get(body.first_chunk::<4>()?).cloned(),
            _ => None,
        }
    }
}
