//! What the asynchronous adapters share; knows no driver.

use std::pin::Pin;

pub(crate) use super::prelude::*;

/// A function inside another one: in a box, because it may call itself.
pub type Playing<'a, E> = Pin<Box<dyn Future<Output = Result<Seen, E>> + Send + 'a>>;

pub async fn pass(gate: &Gate) {
    gate.pass().await;
}

/// The adapter of this module, where calls are futures.
macro_rules! subject {
    ($driver:ident, $engine:ident) => {
        /// The adapter.
        pub struct Adapter;

        struct Pooled(Pool);

        impl Subject for Adapter {
            fn driver(&self) -> Driver {
                Driver::$driver
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
                Box::pin(async move { Told::new(outermost(&pool, shape, script).await) })
            }

            fn each(&self, sql: &str) -> Boxed<Result<Vec<Vec<String>>, String>> {
                let (pool, sql) = (self.0.clone(), sql.to_owned());
                Box::pin(async move { each(&pool, &sql).await })
            }

            fn meddle(&self, sql: &str) -> Boxed<Result<(), String>> {
                let (pool, sql) = (self.0.clone(), sql.to_owned());
                Box::pin(async move { meddle(&pool, &sql).await })
            }
        }
    };
}
