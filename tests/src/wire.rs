//! A wire to a server that notes the statements on it and can break it; knows nothing of what they mean.

mod mysql;
mod postgres;

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What happens to the first statement that contains a text.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// The connection ends before the statement reaches the server.
    CutBefore,
    /// The server runs the statement; the connection ends before its answer reaches the client.
    LoseAnswer,
    /// The server's answer is held back for this long.
    Delay(Duration),
    /// The last letter of this word arrives as another one, everywhere in the message.
    Misspell(&'static str),
}

/// Which protocol to read.
#[derive(Clone, Copy, Debug)]
pub enum Protocol {
    /// PostgreSQL's, version 3.
    Postgres,
    /// MySQL's and MariaDB's.
    MySql,
}

/// Stands between clients and a server, on a loopback port of its own; ends when dropped.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Shared {
    statements: Mutex<Vec<String>>,
    faults: Mutex<Vec<(String, Fault)>>,
    trips: AtomicUsize,
}

impl Proxy {
    /// Starts one in front of the server at this address. Connect to `127.0.0.1` and [`Proxy::port`].
    pub async fn start((host, port): (String, u16), protocol: Protocol) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("bind a loopback port");
        let own_port = listener.local_addr().expect("a bound port").port();
        let shared = Arc::new(Shared::default());
        let noted = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect((host.as_str(), port)).await else {
                    continue;
                };
                tokio::spawn(relay(client, server, protocol, Arc::clone(&noted)));
            }
        });
        Self {
            port: own_port,
            shared,
            accepting,
        }
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The statements that clients sent so far, prepared ones at each execution.
    pub fn statements(&self) -> Vec<String> {
        lock(&self.shared.statements).clone()
    }

    /// How often clients sent something and waited for the answer.
    pub fn round_trips(&self) -> usize {
        self.shared.trips.load(Ordering::SeqCst)
    }

    /// Forgets what was noted.
    pub fn clear(&self) {
        lock(&self.shared.statements).clear();
        self.shared.trips.store(0, Ordering::SeqCst);
    }

    /// Lets `fault` happen, once, to the next statement that contains `text`.
    pub fn on(&self, text: &str, fault: Fault) {
        lock(&self.shared.faults).push((text.to_owned(), fault));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Shared {
    /// Notes a statement; the fault it meets.
    fn note(&self, statement: String) -> Option<Fault> {
        let mut faults = lock(&self.faults);
        let met = faults
            .iter()
            .position(|(text, _)| statement.contains(text.as_str()));
        lock(&self.statements).push(statement);
        met.map(|n| faults.remove(n).1)
    }
}

/// What a protocol's reader makes of the bytes it sees.
trait Reader: Send {
    /// The statements that these bytes from the client complete.
    fn sent(&mut self, bytes: &[u8]) -> Vec<String>;
    /// Bytes from the server, for readers that learn from them.
    fn answered(&mut self, _bytes: &[u8]) {}
}

/// What both directions of one connection share.
struct Line {
    shared: Arc<Shared>,
    reader: Mutex<Box<dyn Reader>>,
    fault: Mutex<Option<Fault>>,
    answered: AtomicBool,
}

async fn relay(client: TcpStream, server: TcpStream, protocol: Protocol, shared: Arc<Shared>) {
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let reader: Box<dyn Reader> = match protocol {
        Protocol::Postgres => Box::<postgres::Frontend>::default(),
        Protocol::MySql => Box::<mysql::Client>::default(),
    };
    let line = Line {
        shared,
        reader: Mutex::new(reader),
        fault: Mutex::new(None),
        answered: AtomicBool::new(true),
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // The first direction to end closes both.
    tokio::select! {
        _ = forward(&line, from_client, to_server) => {}
        _ = answer(&line, from_server, to_client) => {}
    }
}

async fn forward(line: &Line, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        let statements = lock(&line.reader).sent(&buffer[..length]);
        for statement in statements {
            match line.shared.note(statement) {
                Some(Fault::CutBefore) => return Ok(()),
                Some(Fault::Misspell(word)) => misspell(&mut buffer[..length], word.as_bytes()),
                Some(fault) => *lock(&line.fault) = Some(fault),
                None => {}
            }
        }
        if line.answered.swap(false, Ordering::SeqCst) {
            line.shared.trips.fetch_add(1, Ordering::SeqCst);
        }
        to.write_all(&buffer[..length]).await?;
    }
}

async fn answer(line: &Line, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        line.answered.store(true, Ordering::SeqCst);
        lock(&line.reader).answered(&buffer[..length]);
        let fault = lock(&line.fault).take();
        match fault {
            Some(Fault::LoseAnswer) => return Ok(()),
            Some(Fault::Delay(time)) => tokio::time::sleep(time).await,
            Some(Fault::CutBefore | Fault::Misspell(_)) | None => {}
        }
        to.write_all(&buffer[..length]).await?;
    }
}

/// Changes the last letter of each `word` in a message, and nothing about its length.
fn misspell(message: &mut [u8], word: &[u8]) {
    let starts = 0..(message.len() + 1).saturating_sub(word.len());
    for start in starts {
        let end = start + word.len();
        if message[start..end] == *word {
            message[end - 1] = b'Q';
        }
    }
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
