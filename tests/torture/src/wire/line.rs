//! One connection through a proxy: passes frames on, both ways, and lets faults happen; knows nothing of protocols.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;

use super::{Direction, Fault, Framing, Protocol, Shared, lock};

/// How much to read at once.
const CHUNK: usize = 1 << 16;
/// A server that has said something and then nothing for so long has answered.
const SILENCE: Duration = Duration::from_millis(20);
/// How long a peer may take to close its end too.
const LINGER: Duration = Duration::from_secs(1);

/// What both directions of one connection share.
pub(super) struct Line {
    shared: Arc<Shared>,
    framing: Mutex<Box<dyn Framing>>,
    cut: watch::Receiver<()>,
    /// Nothing reaches the client any more.
    mute: AtomicBool,
    /// An answer is to be lost: wait for its end.
    losing: AtomicBool,
}

/// How a direction came to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// The sender closed its end, or can't be served any more.
    Closed,
    /// A fault wants both ends closed.
    Struck,
    /// The server has given the answer that was to be lost.
    Answered,
}

impl Line {
    pub(super) fn new(shared: Arc<Shared>, protocol: Protocol, cut: watch::Receiver<()>) -> Self {
        Self {
            shared,
            framing: Mutex::new(protocol.framing()),
            cut,
            mute: AtomicBool::new(false),
            losing: AtomicBool::new(false),
        }
    }

    /// Carries frames between a client and the server at this address until one of them, or a fault, ends it.
    pub(super) async fn carry(&self, mut client: TcpStream, (host, port): (String, u16)) {
        let Ok(mut server) = TcpStream::connect((host.as_str(), port)).await else {
            return;
        };
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        if self.converse(&mut client, &mut server).await == End::Answered {
            // The server does what is left, and is done with this client when it closes its end.
            let _ = server.shutdown().await;
            drain(&mut server).await;
        }
        tokio::join!(hang_up(client), hang_up(server));
    }

    async fn converse(&self, client: &mut TcpStream, server: &mut TcpStream) -> End {
        let (mut from_client, mut to_client) = client.split();
        let (mut from_server, mut to_server) = server.split();
        let forth = async {
            match self.forth(&mut from_client, &mut to_server).await {
                End::Closed => {
                    // What the client sent has been passed on; the server closes when it has done it.
                    let _ = to_server.shutdown().await;
                    std::future::pending().await
                }
                end => end,
            }
        };
        tokio::select! {
            end = forth => end,
            end = self.back(&mut from_server, &mut to_client) => end,
        }
    }

    async fn forth(&self, from: &mut ReadHalf<'_>, to: &mut WriteHalf<'_>) -> End {
        let mut pending = Vec::new();
        while read(from, &mut pending).await {
            match self.pass(Direction::ToServer, &mut pending, to).await {
                Ok(None) => {}
                Ok(Some(end)) => return end,
                Err(error) => return broken(&error),
            }
        }
        let _ = to.write_all(&pending).await;
        End::Closed
    }

    async fn back(&self, from: &mut ReadHalf<'_>, to: &mut WriteHalf<'_>) -> End {
        let mut pending = Vec::new();
        loop {
            let open = read(from, &mut pending).await;
            if self.losing.load(Ordering::SeqCst) {
                return if open {
                    silence(from).await
                } else {
                    End::Closed
                };
            }
            if self.mute.load(Ordering::SeqCst) {
                pending.clear();
            }
            if !open {
                let _ = to.write_all(&pending).await;
                return End::Closed;
            }
            match self.pass(Direction::ToClient, &mut pending, to).await {
                Ok(None) => {}
                Ok(Some(end)) => return end,
                Err(error) if broken(&error) == End::Struck => return End::Struck,
                // The client has gone; what it sent may still be on its way to the server, who may still be talking.
                Err(_) => self.mute.store(true, Ordering::SeqCst),
            }
        }
    }

    /// Passes on the whole frames among these bytes, and leaves the rest.
    async fn pass(
        &self,
        direction: Direction,
        pending: &mut Vec<u8>,
        to: &mut WriteHalf<'_>,
    ) -> io::Result<Option<End>> {
        // These many bytes, of frames that met no fault, are to be written at once.
        let mut sound = 0;
        while let Some(length) = self.frame(direction, &pending[sound..])? {
            let fault = self.meet(direction);
            if fault.is_some() {
                to.write_all(&pending[..sound]).await?;
                pending.drain(..sound);
                sound = 0;
            }
            match fault {
                None => {}
                Some(Fault::Drop) => return Ok(Some(End::Struck)),
                Some(Fault::Tear) => {
                    to.write_all(&pending[..length / 2]).await?;
                    return Ok(Some(End::Struck));
                }
                Some(Fault::Hold(time)) => tokio::time::sleep(time).await,
                Some(Fault::LoseAnswer) => self.losing.store(true, Ordering::SeqCst),
            }
            sound += length;
        }
        to.write_all(&pending[..sound]).await?;
        pending.drain(..sound);
        Ok(None)
    }

    fn frame(&self, direction: Direction, bytes: &[u8]) -> io::Result<Option<usize>> {
        lock(&self.framing).frame(direction, bytes)
    }

    /// The fault that the next frame meets. After a cut none is passed on, nor counted, although this line may not have
    /// been told yet.
    fn meet(&self, direction: Direction) -> Option<Fault> {
        match self.cut.has_changed() {
            Ok(false) => self.shared.count(direction),
            Ok(true) | Err(_) => Some(Fault::Drop),
        }
    }
}

/// A receiver that is gone ends one direction only; bytes that are no frame end both, lest they be waited for.
fn broken(error: &io::Error) -> End {
    if error.kind() == io::ErrorKind::InvalidData {
        End::Struck
    } else {
        End::Closed
    }
}

/// Reads some more; `false` at the end, be it regular or not.
async fn read(from: &mut ReadHalf<'_>, pending: &mut Vec<u8>) -> bool {
    pending.reserve(CHUNK);
    matches!(from.read_buf(pending).await, Ok(1..))
}

/// Waits until a server that has begun to answer says no more.
async fn silence(from: &mut ReadHalf<'_>) -> End {
    let mut heard = Vec::new();
    loop {
        heard.clear();
        match tokio::time::timeout(SILENCE, read(from, &mut heard)).await {
            Ok(true) => {}
            Ok(false) => return End::Closed,
            Err(_) => return End::Answered,
        }
    }
}

/// Closes an end such that all that was written to it arrives: dropped with bytes unread, it would be reset.
async fn hang_up(mut peer: TcpStream) {
    let _ = peer.shutdown().await;
    let _ = tokio::time::timeout(LINGER, drain(&mut peer)).await;
}

/// Reads to the end, for nothing.
async fn drain(peer: &mut TcpStream) {
    let _ = tokio::io::copy(peer, &mut tokio::io::sink()).await;
}
