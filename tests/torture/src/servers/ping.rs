//! Asks a server whether it takes clients, and a Galera node what it sees; knows nothing of processes.

use std::{collections::HashMap, time::Duration};

use sqlx::{
    Connection, Row as _,
    mysql::{MySqlConnectOptions, MySqlConnection},
    postgres::{PgConnectOptions, PgConnection},
};
use tokio::time::timeout;

use super::site::Site;

/// One that takes longer does not take clients.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn postgres(site: &Site) -> bool {
    let options = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(site.port)
        .username("txkit")
        .password(&site.password)
        .database("txkit");
    let asked = async {
        let mut client = PgConnection::connect_with(&options).await?;
        sqlx::raw_sql("SELECT 1").execute(&mut client).await?;
        client.close().await
    };
    matches!(timeout(PATIENCE, asked).await, Ok(Ok(())))
}

pub(super) async fn mysql(site: &Site) -> bool {
    status(site).await.is_some()
}

/// What it says of itself: its variables that begin with `wsrep_`; none where it takes no client.
pub(super) async fn status(site: &Site) -> Option<HashMap<String, String>> {
    // Without the statements that a client usually begins with: a node outside a cluster refuses them.
    let options = MySqlConnectOptions::new()
        .host("127.0.0.1")
        .port(site.port)
        .username("txkit")
        .password(&site.password)
        .database("txkit")
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None)
        .set_names(false);
    let asked = async {
        let mut client = MySqlConnection::connect_with(&options).await?;
        let rows = sqlx::raw_sql("SHOW GLOBAL STATUS LIKE 'wsrep\\_%'")
            .fetch_all(&mut client)
            .await?;
        client.close().await?;
        rows.iter()
            .map(|row| Ok((row.try_get_unchecked(0)?, row.try_get_unchecked(1)?)))
            .collect::<sqlx::Result<_>>()
    };
    timeout(PATIENCE, asked).await.ok()?.ok()
}
