//! What a test may ask of a database on any engine; knows nothing of any one engine.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::pool::PoolOptions;
use sqlx::{Connection, Database, Pool};
use url::Url;

/// A connection's settings, and whether it is in a transaction, by name.
pub type Session = BTreeMap<String, String>;

type Options<D> = <<D as Database>::Connection as Connection>::Options;

/// An empty database of a test's own, gone when this is dropped.
pub trait TestDatabase: Sized + Send + Sync + 'static {
    /// SQLx's name of the engine.
    type Driver: Database;

    /// The engine as in the names of tests.
    const ENGINE: &'static str;

    /// Makes one, with a name that no other test has.
    fn create() -> impl Future<Output = Self> + Send;

    /// How to connect to it.
    fn options(&self) -> Options<Self::Driver>;

    /// The transactions open on it now, one line each; SQLite knows only whether there are any.
    fn open_transactions(&self) -> impl Future<Output = Vec<String>> + Send;

    /// Reads a connection's settings, to be compared with another reading by [`changes`].
    fn session(
        connection: &mut <Self::Driver as Database>::Connection,
    ) -> impl Future<Output = Session> + Send;

    /// A pool of at most `size` connections, which gives up after five seconds: a test that hangs says so.
    fn pool(&self, size: u32) -> Pool<Self::Driver> {
        PoolOptions::new()
            .max_connections(size)
            .acquire_timeout(Duration::from_secs(5))
            .connect_lazy_with(self.options())
    }

    /// Panics unless all transactions are over soon: a rollback at a dropped connection takes the server a moment.
    fn assert_quiet(&self) -> impl Future<Output = ()> + Send {
        async {
            let mut open = self.open_transactions().await;
            for _ in 0..60 {
                if open.is_empty() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
                open = self.open_transactions().await;
            }
            panic!("transactions are still open on {}: {open:#?}", Self::ENGINE);
        }
    }
}

/// What differs between two readings of a session, one line each.
pub fn changes(before: &Session, after: &Session) -> Vec<String> {
    let names = before
        .keys()
        .chain(after.keys().filter(|name| !before.contains_key(*name)));
    names
        .filter(|name| before.get(*name) != after.get(*name))
        .map(|name| {
            format!(
                "{name}: {:?} is now {:?}",
                before.get(name),
                after.get(name)
            )
        })
        .collect()
}

/// A server's URL without what only SQLx understands, leading to a proxy on this port if there is one.
pub(crate) fn proxied(mut url: Url, proxy: Option<u16>) -> String {
    url.set_query(None);
    if proxy.is_some() {
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(proxy).expect("a port");
    }
    url.into()
}

/// A name that no other test has, in this process or another.
pub(crate) fn fresh_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let time = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_micros();
    format!(
        "txkit_{}_{}_{time:x}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    )
}

/// Runs a future to its end from `drop`, whatever runtime the test has, and also while it panics.
pub(crate) fn run_apart<F: Future + Send + 'static>(future: F)
where
    F::Output: Send,
{
    let thread = std::thread::spawn(|| {
        if let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
        {
            runtime.block_on(future);
        }
    });
    let _ = thread.join();
}
