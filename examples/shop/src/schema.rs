//! The tables as SQL, in the words each engine wants; sends nothing.
//!
//! All runs share them, and each row says whose it is: Diesel wants to know the names of tables when it is compiled.

use crate::database::Engine;

/// One table to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    columns: &'static str,
}

const fn table(name: &'static str, columns: &'static str) -> Table {
    Table { name, columns }
}

/// The tables of the shop itself.
///
/// Keys, but no foreign keys and no checks: the audit is to find what transactions got wrong, not to be kept from it.
pub(crate) const SHOP: &[Table] = &[
    table(
        "shop_orders",
        "run VARCHAR(32) NOT NULL, line BIGINT NOT NULL, customer BIGINT NOT NULL, day BIGINT NOT NULL, \
         units BIGINT NOT NULL, cents BIGINT NOT NULL, status VARCHAR(16) NOT NULL, PRIMARY KEY (run, line)",
    ),
    table(
        "shop_payments",
        "run VARCHAR(32) NOT NULL, line BIGINT NOT NULL, cents BIGINT NOT NULL, status VARCHAR(16) NOT NULL, \
         PRIMARY KEY (run, line)",
    ),
    table(
        "shop_stock",
        "run VARCHAR(32) NOT NULL, id BIGINT NOT NULL, units BIGINT NOT NULL, PRIMARY KEY (run, id)",
    ),
    table(
        "shop_transfers",
        "id {ID}, run VARCHAR(32) NOT NULL, from_row BIGINT NOT NULL, to_row BIGINT NOT NULL, units BIGINT NOT NULL",
    ),
    table(
        "shop_confirmations",
        "id {ID}, run VARCHAR(32) NOT NULL, line BIGINT NOT NULL",
    ),
];

/// The table of the audit trail, which may live in another database.
///
/// Its key is the attempt's own: an id drawn in a transaction that is rolled back may be drawn again.
pub(crate) const AUDIT_TRAIL: &[Table] = &[table(
    "shop_audit",
    "run VARCHAR(32) NOT NULL, line BIGINT NOT NULL, submission BIGINT NOT NULL, attempt BIGINT NOT NULL, \
     PRIMARY KEY (run, line, submission, attempt)",
)];

impl Table {
    /// Leaves alone what is there.
    pub(crate) fn create(&self, engine: Engine) -> String {
        let (id, storage) = match engine {
            Engine::Sqlite => ("INTEGER PRIMARY KEY", ""),
            Engine::Postgres => ("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", ""),
            // said aloud: on MyISAM or Aria nothing would ever roll back
            Engine::MySql => ("BIGINT AUTO_INCREMENT PRIMARY KEY", " ENGINE=InnoDB"),
        };
        let columns = self.columns.replace("{ID}", id);
        format!(
            "CREATE TABLE IF NOT EXISTS {} ({columns}){storage}",
            self.name
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_differ_in_ids_and_storage() {
        let table = table("t", "id {ID}, line BIGINT NOT NULL");
        assert_eq!(
            table.create(Engine::Sqlite),
            "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, line BIGINT NOT NULL)"
        );
        assert!(table.create(Engine::MySql).ends_with("ENGINE=InnoDB"));
    }
}
