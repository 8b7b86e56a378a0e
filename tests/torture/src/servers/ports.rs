//! Free ports on loopback, below those the system hands out by itself; knows nothing of servers.

use std::net::{Ipv4Addr, TcpListener};

/// As many different ports as asked for, each free a moment ago; another program may take one before its server does.
pub(super) fn free<const N: usize>() -> [u16; N] {
    let mut found = [0; N];
    for at in 0..N {
        found[at] = loop {
            let port = fastrand::u16(20_000..32_000);
            if !found.contains(&port) && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
                break port;
            }
        };
    }
    found
}
