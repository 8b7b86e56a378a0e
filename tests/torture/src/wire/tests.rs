//! Hand-made frames over real sockets, through the proxy and into a hand that plays the server.

mod faults;
mod passing;

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Direction, Fault, Protocol, Proxy};

const PROTOCOLS: [Protocol; 2] = [Protocol::Postgres, Protocol::MySql];
const DIRECTIONS: [Direction; 2] = [Direction::ToServer, Direction::ToClient];
/// Longer than any test takes.
const EVER: Duration = Duration::from_secs(3600);

/// A proxy and the server behind it.
struct Rig {
    protocol: Protocol,
    proxy: Proxy,
    server: TcpListener,
}

/// Both ends of a connection through the proxy.
struct Ends {
    client: TcpStream,
    server: TcpStream,
}

impl Rig {
    async fn new(protocol: Protocol) -> Self {
        let server = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let proxy = Proxy::start(address(&server), protocol)
            .await
            .expect("start a proxy");
        Self {
            protocol,
            proxy,
            server,
        }
    }

    async fn client(&self) -> TcpStream {
        TcpStream::connect(("127.0.0.1", self.proxy.port()))
            .await
            .expect("connect to the proxy")
    }

    async fn connect(&self) -> Ends {
        let client = self.client().await;
        let (server, _) = soon(self.server.accept()).await.expect("accept");
        Ends { client, server }
    }

    /// A connection that has said its first words; counts nothing.
    async fn started(&self) -> Ends {
        let mut ends = self.connect().await;
        let first = match self.protocol {
            Protocol::Postgres => startup(3 << 16),
            Protocol::MySql => packet(1, &[0; 40]),
        };
        send(&mut ends.client, &first).await;
        expect(&mut ends.server, &first).await;
        self.proxy.clear();
        ends
    }

    /// The n-th of a row of frames of different lengths.
    fn frame(&self, n: u8) -> Vec<u8> {
        let body = vec![n; 2 + usize::from(n)];
        match self.protocol {
            Protocol::Postgres => message(b'Q', &body),
            Protocol::MySql => packet(0, &body),
        }
    }

    fn frames(&self, ns: impl IntoIterator<Item = u8>) -> Vec<u8> {
        ns.into_iter().flat_map(|n| self.frame(n)).collect()
    }
}

impl Ends {
    /// The end that sends in this direction, and the one that receives.
    fn toward(&mut self, direction: Direction) -> (&mut TcpStream, &mut TcpStream) {
        match direction {
            Direction::ToServer => (&mut self.client, &mut self.server),
            Direction::ToClient => (&mut self.server, &mut self.client),
        }
    }

    /// The same, to keep or to drop.
    fn into(self, direction: Direction) -> (TcpStream, TcpStream) {
        match direction {
            Direction::ToServer => (self.client, self.server),
            Direction::ToClient => (self.server, self.client),
        }
    }
}

/// All protocols in both directions.
fn ways() -> impl Iterator<Item = (Protocol, Direction)> {
    PROTOCOLS
        .into_iter()
        .flat_map(|protocol| DIRECTIONS.map(|direction| (protocol, direction)))
}

fn other(direction: Direction) -> Direction {
    match direction {
        Direction::ToServer => Direction::ToClient,
        Direction::ToClient => Direction::ToServer,
    }
}

fn address(server: &TcpListener) -> (String, u16) {
    let port = server.local_addr().expect("a bound port").port();
    ("127.0.0.1".to_owned(), port)
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(4 + body.len()).expect("a short body");
    [&[kind], &length.to_be_bytes()[..], body].concat()
}

fn startup(code: u32) -> Vec<u8> {
    message(0, &code.to_be_bytes()).split_off(1)
}

fn packet(number: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("a short body");
    [&length.to_le_bytes()[..3], &[number], body].concat()
}

fn record(body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).expect("a short body");
    [&[0x16, 3, 1], &length.to_be_bytes()[..], body].concat()
}

/// A watchdog.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), future)
        .await
        .expect("something hangs")
}

async fn send(end: &mut TcpStream, bytes: &[u8]) {
    end.write_all(bytes).await.expect("send");
}

/// These bytes come.
async fn expect(end: &mut TcpStream, bytes: &[u8]) {
    let mut got = vec![0; bytes.len()];
    soon(end.read_exact(&mut got)).await.expect("receive");
    assert_eq!(got, bytes);
}

/// These bytes come, and then the regular end.
async fn expect_last(end: &mut TcpStream, bytes: &[u8]) {
    let mut got = Vec::new();
    soon(end.read_to_end(&mut got)).await.expect("receive");
    assert_eq!(got, bytes);
}

/// The end comes, be it regular or not.
async fn expect_cut(end: &mut TcpStream) {
    let mut got = Vec::new();
    let _ = soon(end.read_to_end(&mut got)).await;
    assert_eq!(got, [0_u8; 0], "nothing comes before the cut");
}

/// Neither bytes nor an end have come.
async fn expect_silence(end: &mut TcpStream) {
    // The proxy may do what it would do.
    tokio::time::sleep(Duration::from_millis(60)).await;
    let error = end.try_read(&mut [0]).expect_err("something came");
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
}
