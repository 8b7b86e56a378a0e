//! Where PostgreSQL's messages end; knows nothing of what is in them but how a connection starts.

use std::io;

use super::{Direction, Framing, malformed, tls_record, whole};

/// Codes in the place of a version.
const SSL_REQUEST: u32 = 1234 << 16 | 5679;
const GSS_REQUEST: u32 = 1234 << 16 | 5680;
/// The server takes no longer one.
const LONGEST_STARTUP: usize = 10_000;

/// How far a connection has come.
#[derive(Default)]
pub(super) enum Messages {
    /// The client's next message has no type.
    #[default]
    Starting,
    /// So it is, but the server's next is the single byte that says whether there will be encryption.
    Asked,
    /// All messages have types.
    Started,
    /// All is in records.
    Tls,
}

impl Framing for Messages {
    fn frame(&mut self, direction: Direction, bytes: &[u8]) -> io::Result<Option<usize>> {
        match (&self, direction) {
            (Self::Tls, _) => Ok(tls_record(bytes)),
            (Self::Starting | Self::Asked, Direction::ToServer) => self.startup(bytes),
            (Self::Asked, Direction::ToClient) => self.answer(bytes),
            (Self::Starting | Self::Started, _) => typed(bytes),
        }
    }
}

impl Messages {
    fn startup(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        let Some([l0, l1, l2, l3, c0, c1, c2, c3]) = bytes.first_chunk().copied() else {
            return Ok(None);
        };
        let length = u32::from_be_bytes([l0, l1, l2, l3]) as usize;
        if !(8..=LONGEST_STARTUP).contains(&length) {
            return Err(malformed("no startup message"));
        }
        if bytes.len() < length {
            return Ok(None);
        }
        *self = match u32::from_be_bytes([c0, c1, c2, c3]) {
            SSL_REQUEST | GSS_REQUEST => Self::Asked,
            // Version 3, whatever its minor number.
            code if code >> 16 == 3 => Self::Started,
            _ => Self::Starting,
        };
        Ok(Some(length))
    }

    fn answer(&mut self, bytes: &[u8]) -> io::Result<Option<usize>> {
        match bytes.first() {
            Some(b'S') => *self = Self::Tls,
            Some(b'N') => *self = Self::Starting,
            Some(b'G') => return Err(malformed("GSSAPI encryption")),
            // An error.
            _ => return typed(bytes),
        }
        Ok(Some(1))
    }
}

/// A type, a length that counts itself, a body.
fn typed(bytes: &[u8]) -> io::Result<Option<usize>> {
    let Some([_, l0, l1, l2, l3]) = bytes.first_chunk().copied() else {
        return Ok(None);
    };
    match u32::from_be_bytes([l0, l1, l2, l3]) {
        0..4 => Err(malformed("a message shorter than its length")),
        length => Ok(whole(bytes, 1 + length as usize)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Direction::{ToClient, ToServer};
    use super::*;

    const SSL: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
    const START: [u8; 8] = [0, 0, 0, 8, 0, 3, 0, 0];

    #[test]
    fn no_frame_before_its_last_byte() {
        let message = [b'Z', 0, 0, 0, 5, b'I'];
        for end in 0..8 {
            let mut messages = Messages::default();
            assert_eq!(messages.frame(ToServer, &START[..end]).expect("none"), None);
        }
        for end in 0..6 {
            let mut messages = Messages::default();
            assert_eq!(
                messages.frame(ToClient, &message[..end]).expect("none"),
                None
            );
        }
        let frame = Messages::default().frame(ToClient, &message);
        assert_eq!(frame.expect("a frame"), Some(6));
    }

    #[test]
    fn types_come_after_a_startup_of_version_3() {
        for minor in [0, 2] {
            let mut messages = Messages::default();
            let start = [0, 0, 0, 9, 0, 3, 0, minor, 0];
            let frame = messages.frame(ToServer, &start);
            assert_eq!(frame.expect("a frame"), Some(9));
            let sync = messages.frame(ToServer, &[b'S', 0, 0, 0, 4, b'Q']);
            assert_eq!(sync.expect("a frame"), Some(5));
        }
        let mut messages = Messages::default();
        let cancel = [0, 0, 0, 16, 4, 210, 22, 46, 0, 0, 0, 1, 0, 0, 0, 2];
        for frame in [&cancel[..], &START[..]] {
            let found = messages.frame(ToServer, frame);
            assert_eq!(found.expect("a frame"), Some(frame.len()));
        }
    }

    #[test]
    fn an_error_in_place_of_the_byte_is_a_message() {
        let mut messages = Messages::default();
        messages.frame(ToServer, &SSL).expect("a frame");
        let error = messages.frame(ToClient, &[b'E', 0, 0, 0, 4]);
        assert_eq!(error.expect("a frame"), Some(5));
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        let tls_at_once = [22, 3, 1, 0, 200, 1, 0, 0];
        for bytes in [tls_at_once, [0, 0, 0, 7, 0, 3, 0, 0]] {
            assert!(Messages::default().frame(ToServer, &bytes).is_err());
        }
        let mut messages = Messages::default();
        messages.frame(ToServer, &SSL).expect("a frame");
        assert!(messages.frame(ToClient, b"G").is_err());
    }
}
