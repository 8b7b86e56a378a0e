//! The tables of a run as SQL, in the words each engine wants; sends nothing.

use crate::database::Engine;
use crate::run_id::Tables;

/// One table to be made.
pub(crate) struct Table {
    pub(crate) name: String,
    columns: &'static str,
}

/// Keys, but no foreign keys and no checks: the audit is to find what transactions got wrong, not to be kept from it.
const ORDERS: &str = "line BIGINT PRIMARY KEY, customer BIGINT NOT NULL, day BIGINT NOT NULL, units BIGINT NOT NULL, \
                      cents BIGINT NOT NULL, status VARCHAR(16) NOT NULL";
const PAYMENTS: &str =
    "line BIGINT PRIMARY KEY, cents BIGINT NOT NULL, status VARCHAR(16) NOT NULL";
const STOCK: &str = "id BIGINT PRIMARY KEY, units BIGINT NOT NULL";
const TRANSFERS: &str =
    "id {ID}, from_row BIGINT NOT NULL, to_row BIGINT NOT NULL, units BIGINT NOT NULL";
const CONFIRMATIONS: &str = "id {ID}, line BIGINT NOT NULL";
/// Its key is the attempt's own: an id drawn in a transaction that is rolled back may be drawn again.
const AUDIT: &str = "line BIGINT NOT NULL, submission BIGINT NOT NULL, attempt BIGINT NOT NULL, \
                     PRIMARY KEY (line, submission, attempt)";

impl Table {
    /// The tables of the shop itself.
    pub(crate) fn of_shop(tables: &Tables) -> [Self; 5] {
        [
            Table {
                name: tables.orders.clone(),
                columns: ORDERS,
            },
            Table {
                name: tables.payments.clone(),
                columns: PAYMENTS,
            },
            Table {
                name: tables.stock.clone(),
                columns: STOCK,
            },
            Table {
                name: tables.transfers.clone(),
                columns: TRANSFERS,
            },
            Table {
                name: tables.confirmations.clone(),
                columns: CONFIRMATIONS,
            },
        ]
    }

    /// The table of the audit trail, which may live in another database.
    pub(crate) fn of_audit_trail(tables: &Tables) -> Self {
        Table {
            name: tables.audit.clone(),
            columns: AUDIT,
        }
    }

    /// Fails where there is such a table: no `IF NOT EXISTS`, what is there is someone else's.
    pub(crate) fn create(&self, engine: Engine) -> String {
        let (id, storage) = match engine {
            Engine::Sqlite => ("INTEGER PRIMARY KEY", ""),
            Engine::Postgres => ("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", ""),
            // said aloud: on MyISAM or Aria nothing would ever roll back
            Engine::MySql => ("BIGINT AUTO_INCREMENT PRIMARY KEY", " ENGINE=InnoDB"),
        };
        format!(
            "CREATE TABLE {} ({}){storage}",
            self.name,
            self.columns.replace("{ID}", id)
        )
    }

    /// For a table that this run has just made.
    pub(crate) fn drop(&self) -> String {
        format!("DROP TABLE {}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_differ_in_ids_and_storage() {
        let table = Table {
            name: "t".to_owned(),
            columns: CONFIRMATIONS,
        };
        assert_eq!(
            table.create(Engine::Sqlite),
            "CREATE TABLE t (id INTEGER PRIMARY KEY, line BIGINT NOT NULL)"
        );
        assert!(table.create(Engine::MySql).ends_with("ENGINE=InnoDB"));
    }
}
