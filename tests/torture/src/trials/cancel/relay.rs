//! A way to a server on which no answer is there at once, so that every round trip is an await point; reads no protocol.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::seed::Seed;

/// Copies both ways, on a loopback port of its own; ends when dropped.
pub struct Relay {
    port: u16,
    pace: Pace,
    accepting: JoinHandle<()>,
}

/// The longest time, in microseconds, for which answers are held back.
type Pace = Arc<AtomicU64>;

impl Relay {
    /// Starts one in front of the server at this address.
    pub async fn start((host, port): (String, u16), seed: Seed) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await;
        let listener = listener.expect("bind a loopback port");
        let own_port = listener.local_addr().expect("a bound port").port();
        let pace = Pace::default();
        let shared = pace.clone();
        let accepting = tokio::spawn(async move {
            let mut lines = 0;
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect((host.as_str(), port)).await else {
                    continue;
                };
                lines += 1;
                let chance = seed.of(format_args!("cancel, line {lines}"));
                tokio::spawn(copy(client, server, shared.clone(), chance));
            }
        });
        Self {
            port: own_port,
            pace,
            accepting,
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Holds answers back for at most so long, each for a time of its own.
    pub fn slow(&self, most: Duration) {
        let micros = u64::try_from(most.as_micros()).unwrap_or(u64::MAX);
        self.pace.store(micros, Ordering::Relaxed);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn copy(client: TcpStream, server: TcpStream, pace: Pace, chance: fastrand::Rng) {
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let never = Pace::default();
    // The first direction to end closes both.
    tokio::select! {
        _ = forward(from_client, to_server, &never, chance.clone()) => {}
        _ = forward(from_server, to_client, &pace, chance) => {}
    }
}

async fn forward(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    pace: &AtomicU64,
    mut chance: fastrand::Rng,
) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 14];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        let most = pace.load(Ordering::Relaxed);
        if most > 0 {
            tokio::time::sleep(Duration::from_micros(chance.u64(..most))).await;
        }
        to.write_all(&buffer[..length]).await?;
    }
}
