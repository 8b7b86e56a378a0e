//! Where MySQL's and MariaDB's packets end; knows nothing of what is in them but the wish for TLS.

use std::io;

use super::{Direction, Framing, tls_record, whole};

/// A packet this long is continued by the next.
const CONTINUED: usize = 0xff_ffff;
/// The flag among a client's capabilities that asks for TLS. Such a login stops after its fixed part.
const TLS: u32 = 0x800;
const FIXED_PART: usize = 32;

/// How far a connection has come.
#[derive(Default)]
pub(super) enum Packets {
    /// The client has not said anything.
    #[default]
    Greeting,
    /// All is in packets.
    Plain,
    /// All is in records.
    Tls,
}

impl Framing for Packets {
    fn frame(&mut self, direction: Direction, bytes: &[u8]) -> io::Result<Option<usize>> {
        if matches!(self, Self::Tls) {
            return Ok(tls_record(bytes));
        }
        let length = packets(bytes);
        if let (Self::Greeting, Direction::ToServer, Some(length)) = (&self, direction, length) {
            *self = if asks_for_tls(&bytes[..length]) {
                Self::Tls
            } else {
                Self::Plain
            };
        }
        Ok(length)
    }
}

/// A length, a number, a body; as often as they continue each other.
fn packets(bytes: &[u8]) -> Option<usize> {
    let mut end = 0;
    loop {
        let [a, b, c, _] = *bytes.get(end..)?.first_chunk()?;
        let length = u32::from_le_bytes([a, b, c, 0]) as usize;
        end += 4 + length;
        if length < CONTINUED {
            return whole(bytes, end);
        }
    }
}

fn asks_for_tls(login: &[u8]) -> bool {
    let body = &login[4..];
    let flags = body
        .first_chunk()
        .map_or(0, |flags| u32::from_le_bytes(*flags));
    body.len() == FIXED_PART && flags & TLS != 0
}

#[cfg(test)]
mod tests {
    use super::super::Direction::{ToClient, ToServer};
    use super::*;

    fn packet(length: usize) -> Vec<u8> {
        let bytes = u32::try_from(length).expect("a length").to_le_bytes();
        let mut packet = [&bytes[..3], &[0]].concat();
        packet.resize(4 + length, 1);
        packet
    }

    fn frame(bytes: &[u8]) -> Option<usize> {
        Packets::Plain.frame(ToServer, bytes).expect("no error")
    }

    #[test]
    fn no_frame_before_its_last_byte() {
        let packet = packet(3);
        for end in 0..7 {
            assert_eq!(frame(&packet[..end]), None);
        }
        assert_eq!(frame(&packet), Some(7));
        assert_eq!(frame(&[0, 0, 0, 1, 9]), Some(4));
    }

    #[test]
    fn a_full_packet_is_continued() {
        let full = packet(CONTINUED);
        let almost = packet(CONTINUED - 1);
        assert_eq!(frame(&full), None);
        assert_eq!(frame(&almost), Some(almost.len()));
        // The end may be empty.
        for end in [packet(0), packet(5), [full.clone(), packet(0)].concat()] {
            let whole = [&full[..], &end].concat();
            let more = [&whole[..], &packet(2)].concat();
            assert_eq!(frame(&more), Some(whole.len()));
            assert_eq!(frame(&whole[..whole.len() - 1]), None);
        }
    }

    #[test]
    fn only_the_first_words_of_a_client_ask_for_tls() {
        let mut asking = packet(FIXED_PART);
        asking[4..8].copy_from_slice(&TLS.to_le_bytes());
        let record = [23, 3, 3, 0, 2, 0, 0];
        let after = |turns: &[(Direction, &[u8])]| {
            let mut packets = Packets::default();
            for (direction, bytes) in turns {
                packets.frame(*direction, bytes).expect("no error");
            }
            packets.frame(ToClient, &record).expect("no error")
        };
        assert_eq!(after(&[(ToServer, &asking)]), Some(7));
        assert_eq!(after(&[(ToClient, &asking)]), None);
        assert_eq!(after(&[(ToServer, &packet(40)), (ToServer, &asking)]), None);
        assert_eq!(after(&[(ToServer, &packet(FIXED_PART + 1))]), None);
    }
}
