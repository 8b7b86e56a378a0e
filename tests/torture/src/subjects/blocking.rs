//! What the blocking adapters share; knows no driver.

pub(crate) use super::prelude::*;

/// A function inside another one.
pub type Playing<'a, E> = Result<Seen, E>;

pub fn pass(gate: &Gate) {
    // Bodies run on the blocking threads of a runtime.
    tokio::runtime::Handle::current().block_on(gate.pass());
}

/// Runs a call on a thread where it may block.
pub fn on_a_thread<T: Send + 'static>(call: impl FnOnce() -> T + Send + 'static) -> Boxed<T> {
    Box::pin(async move {
        match tokio::task::spawn_blocking(call).await {
            Ok(output) => output,
            Err(panic) => std::panic::resume_unwind(panic.into_panic()),
        }
    })
}

/// The adapter of this module, where calls block.
macro_rules! blocking_subject {
    ($engine:ident) => {
        /// The adapter.
        pub struct Adapter;

        struct Pooled(Pool);

        impl Subject for Adapter {
            fn driver(&self) -> Driver {
                Driver::Diesel
            }

            fn engine(&self) -> Engine {
                Engine::$engine
            }

            fn open(&self, url: &str, size: u32) -> Arc<dyn Client> {
                Arc::new(Pooled(build(url, size)))
            }
        }

        impl Client for Pooled {
            fn call(&self, shape: Shape, script: Script) -> Boxed<Told> {
                let pool = self.0.clone();
                on_a_thread(move || Told::new(outermost(&pool, shape, script)))
            }

            fn each(&self, sql: &str) -> Boxed<Result<Vec<Vec<String>>, String>> {
                let (pool, sql) = (self.0.clone(), sql.to_owned());
                on_a_thread(move || each(&pool, &sql))
            }

            fn meddle(&self, sql: &str) -> Boxed<Result<(), String>> {
                let (pool, sql) = (self.0.clone(), sql.to_owned());
                on_a_thread(move || meddle(&pool, &sql))
            }
        }
    };
}
