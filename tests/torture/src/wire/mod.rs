//! A wire to a server that counts the messages on it and can break it at one of them; knows nothing of what they say.

mod line;
mod mysql;
mod postgres;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use line::Line;

/// After a failed accept (no file handles left, say), before the next.
const ACCEPT_AGAIN: Duration = Duration::from_millis(10);

/// Whose framing to read. Once a connection has turned to TLS, its records are the frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// PostgreSQL's, version 3. The byte that answers an SSLRequest is a frame of its own.
    Postgres,
    /// MySQL's and MariaDB's, without compression. Packets that continue each other are one frame.
    MySql,
}

/// Which way a frame goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From a client.
    ToServer,
    /// From the server.
    ToClient,
}

/// What happens to one frame. All before it, in its direction, has been delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Both ends of the connection are closed instead of passing it on.
    Drop,
    /// The first half of its bytes is passed on, rounded down; then both ends are closed.
    Tear,
    /// It waits this long, and so does all that follows on that connection in that direction. What a client sent reaches
    /// the server even if the client has gone by then.
    Hold(Duration),
    /// It reaches the server, and so does what the client sends after it, but nothing comes back. Once the server has
    /// said something and fallen silent, its end is closed; the client's end follows when the server has closed too.
    /// So the server has done all that it was asked to before the client learns of the loss.
    LoseAnswer,
}

/// Stands between clients and a server, on a loopback port of its own; everything ends when it is dropped.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    /// Notified at a cut; closed with the proxy.
    cuts: watch::Sender<()>,
}

/// What all connections of a proxy share.
#[derive(Debug)]
struct Shared {
    server: (String, u16),
    mark: Mutex<Mark>,
    refusing: AtomicBool,
}

/// What happened since the last mark, and what is yet to happen.
#[derive(Debug, Default)]
struct Mark {
    frames: [usize; 2],
    armed: Option<(Direction, usize, Fault)>,
    struck: bool,
}

impl Proxy {
    /// Starts one in front of the server at this address. Connect to `127.0.0.1` and [`Proxy::port`].
    ///
    /// # Errors
    ///
    /// If no loopback port can be had.
    pub async fn start(server: (String, u16), protocol: Protocol) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            server,
            mark: Mutex::default(),
            refusing: AtomicBool::new(false),
        });
        let (cuts, cut) = watch::channel(());
        tokio::spawn(accept(listener, protocol, Arc::clone(&shared), cut));
        Ok(Self { port, shared, cuts })
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Counts from 0 again, over all connections, those already open too, and lets `fault` happen, once, to the `n`-th
    /// frame of this direction. A fault that is under way on some connection goes on there.
    ///
    /// # Panics
    ///
    /// If `n` is 0, for the first frame is 1, or if an answer to the server's own words is to be lost.
    pub fn arm(&self, direction: Direction, n: usize, fault: Fault) {
        assert!(n > 0, "frames count from 1");
        let answered = fault != Fault::LoseAnswer || direction == Direction::ToServer;
        assert!(answered, "only what a client sends has an answer");
        *lock(&self.shared.mark) = Mark {
            armed: Some((direction, n, fault)),
            ..Mark::default()
        };
    }

    /// How many frames of this direction were passed on since the mark, the one that met the fault included.
    pub fn frames(&self, direction: Direction) -> usize {
        lock(&self.shared.mark).frames[direction as usize]
    }

    /// Whether a frame has met the fault since the mark.
    pub fn has_struck(&self) -> bool {
        lock(&self.shared.mark).struck
    }

    /// Counts from 0 again, and lets no fault happen.
    pub fn clear(&self) {
        *lock(&self.shared.mark) = Mark::default();
    }

    /// While `true`, new connections are closed at once. Those there are when it becomes so are cut, whatever is on
    /// them: no frame is passed on any more.
    pub fn refuse(&self, refusing: bool) {
        self.shared.refusing.store(refusing, Ordering::SeqCst);
        if refusing {
            self.cuts.send_replace(());
        }
    }
}

impl Shared {
    /// Counts a frame; the fault it meets.
    fn count(&self, direction: Direction) -> Option<Fault> {
        let mut mark = lock(&self.mark);
        mark.frames[direction as usize] += 1;
        let now = mark.frames[direction as usize];
        let (_, _, fault) = mark
            .armed
            .take_if(|(way, n, _)| (*way, *n) == (direction, now))?;
        mark.struck = true;
        Some(fault)
    }
}

async fn accept(
    listener: TcpListener,
    protocol: Protocol,
    shared: Arc<Shared>,
    mut cut: watch::Receiver<()>,
) {
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((client, _)) => receive(client, protocol, &shared, cut.clone()),
                Err(_) => tokio::time::sleep(ACCEPT_AGAIN).await,
            },
            ended = cut.changed() => if ended.is_err() {
                return;
            }
        }
    }
}

fn receive(
    client: TcpStream,
    protocol: Protocol,
    shared: &Arc<Shared>,
    mut cut: watch::Receiver<()>,
) {
    // In this order: a cut before it is seen as a refusal, one after it as a cut.
    cut.mark_unchanged();
    if shared.refusing.load(Ordering::SeqCst) {
        return;
    }
    let address = shared.server.clone();
    let line = Line::new(Arc::clone(shared), protocol, cut.clone());
    tokio::spawn(async move {
        tokio::select! {
            _ = cut.changed() => {}
            () = line.carry(client, address) => {}
        }
    });
}

/// Tells where frames end, for both directions of one connection.
trait Framing: Send {
    /// The length of the frame at the front of these bytes, if all of it is there; it is then taken note of.
    ///
    /// # Errors
    ///
    /// If this is nothing that the protocol's framing knows.
    fn frame(&mut self, direction: Direction, bytes: &[u8]) -> io::Result<Option<usize>>;
}

impl Protocol {
    fn framing(self) -> Box<dyn Framing> {
        match self {
            Self::Postgres => Box::<postgres::Messages>::default(),
            Self::MySql => Box::<mysql::Packets>::default(),
        }
    }
}

/// The length of the TLS record at the front: a type, a version, a length.
fn tls_record(bytes: &[u8]) -> Option<usize> {
    let [_, _, _, high, low] = *bytes.first_chunk()?;
    whole(bytes, 5 + usize::from(u16::from_be_bytes([high, low])))
}

/// A length, if that many bytes are there.
fn whole(bytes: &[u8], length: usize) -> Option<usize> {
    (bytes.len() >= length).then_some(length)
}

fn malformed(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
