//! What is stored on each node, and how the node fares, as an outsider sees it; knows no call.

use std::collections::BTreeMap;
use std::time::Duration;

use sqlx::{AssertSqlSafe, ConnectOptions as _, MySqlConnection, mysql::MySqlConnectOptions};

use crate::servers::Cluster;

/// The rows of one node.
#[derive(Debug, PartialEq, Eq)]
pub struct Stored {
    pub counters: BTreeMap<i64, i64>,
    /// The parts of each token.
    pub entries: BTreeMap<i64, Vec<i64>>,
}

/// Connects to a node, whose reads then wait for what the others have committed.
pub async fn connect(url: &str) -> sqlx::Result<MySqlConnection> {
    let mut conn = url.parse::<MySqlConnectOptions>()?.connect().await?;
    sqlx::raw_sql("SET SESSION wsrep_sync_wait = 15")
        .execute(&mut conn)
        .await?;
    Ok(conn)
}

pub async fn stored(url: &str) -> sqlx::Result<Stored> {
    let mut conn = connect(url).await?;
    let counters = sqlx::query_as("SELECT id, n FROM counter")
        .fetch_all(&mut conn)
        .await?;
    let sql = "SELECT token, CAST(part AS SIGNED) FROM entry ORDER BY token, part";
    let rows: Vec<(i64, i64)> = sqlx::query_as(sql).fetch_all(&mut conn).await?;
    let mut entries: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (token, part) in rows {
        entries.entry(token).or_default().push(part);
    }
    Ok(Stored {
        counters: counters.into_iter().collect(),
        entries,
    })
}

/// The clients' transactions that are open on a node, after those that are about to end had a moment to.
pub async fn open_transactions(url: &str) -> sqlx::Result<Vec<String>> {
    let mut conn = connect(url).await?;
    let sql = "SELECT CAST(CONCAT_WS(' ', trx_id, trx_state, trx_query) AS CHAR) \
        FROM information_schema.innodb_trx JOIN information_schema.processlist ON id = trx_mysql_thread_id \
        WHERE user = 'txkit' AND id <> CONNECTION_ID()";
    let mut open = Vec::new();
    for _ in 0..30 {
        open = sqlx::query_scalar(sql).fetch_all(&mut conn).await?;
        if open.is_empty() {
            break;
        }
        // The table is renewed only after a tenth of a second in which nobody read it.
        tokio::time::sleep(Duration::from_millis(150)).await;
    }
    Ok(open)
}

/// How many transactions of its clients this node gave up since it began: at certification, and for one of another node.
pub async fn given_up(url: &str) -> sqlx::Result<[i64; 2]> {
    let mut conn = connect(url).await?;
    let mut counts = [0; 2];
    for (count, name) in counts.iter_mut().zip(["cert_failures", "bf_aborts"]) {
        let sql = "SELECT CAST(variable_value AS SIGNED) FROM information_schema.global_status WHERE variable_name = ?";
        *count = sqlx::query_scalar(sql)
            .bind(format!("wsrep_local_{name}"))
            .fetch_one(&mut conn)
            .await?;
    }
    Ok(counts)
}

/// Waits until all of them see each other and have what the others have.
pub async fn are_one(cluster: &Cluster, nodes: usize) -> bool {
    for _ in 0..1200 {
        let mut one = true;
        for node in 0..nodes {
            one = one && cluster.is_synced(node).await && cluster.size(node).await == Some(nodes);
        }
        if one {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

/// Cuts a node off from the others, or gives it back.
pub async fn isolate(outsider: &mut MySqlConnection, cut: bool) {
    let cut = u8::from(cut);
    let sql = format!("SET GLOBAL wsrep_provider_options = 'gmcast.isolate={cut}'");
    let told = sqlx::raw_sql(AssertSqlSafe(sql)).execute(outsider).await;
    told.expect("tell the provider");
}
