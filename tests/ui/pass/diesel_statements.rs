//! What Diesel can say, said to a handle.

use diesel::connection::{DefaultLoadingMode, LoadConnection, SimpleConnection};
use diesel::dsl::{count_star, exists, select, sum};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use txkit::diesel::{MysqlTx, PgReadTx, PgTx, SqliteTx};
use txkit::{read_only, transactional};

diesel::table! { customer (id) { id -> BigInt, name -> Text } }
diesel::table! { purchase (id) { id -> BigInt, customer_id -> BigInt, cents -> BigInt } }
diesel::table! { balance (customer_id) { customer_id -> BigInt, cents -> BigInt } }
diesel::joinable!(purchase -> customer (customer_id));
diesel::allow_tables_to_appear_in_same_query!(customer, purchase);

#[derive(Queryable, Selectable, Identifiable, Insertable, AsChangeset, Debug)]
#[diesel(table_name = customer)]
struct Customer {
    id: i64,
    name: String,
}

#[derive(Queryable, Selectable, Identifiable, Associations, Debug)]
#[diesel(table_name = purchase, belongs_to(Customer))]
struct Purchase {
    id: i64,
    customer_id: i64,
    cents: i64,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    name: String,
}

#[read_only]
fn read(tx: PgReadTx<'_>, id: i64) -> QueryResult<i64> {
    let customers = customer::table
        .select(Customer::as_select())
        .load(&mut tx)?;
    let purchases = Purchase::belonging_to(&customers)
        .select(Purchase::as_select())
        .load(&mut tx)?;
    let _each = purchases.grouped_by(&customers);
    let one: Option<Customer> = customer::table.find(id).first(&mut tx).optional()?;
    let _joined: Vec<(Customer, Option<Purchase>)> = customer::table
        .left_join(purchase::table)
        .select((Customer::as_select(), Option::<Purchase>::as_select()))
        .load(&mut tx)?;
    let _is_known: bool = select(exists(customer::table.find(id))).get_result(&mut tx)?;
    let _sums: Vec<(i64, i64)> = purchase::table
        .group_by(purchase::customer_id)
        .select((purchase::customer_id, count_star()))
        .load(&mut tx)?;
    let _sum: Option<diesel::data_types::PgNumeric> = purchase::table
        .select(sum(purchase::cents))
        .get_result(&mut tx)?;
    let _view: Vec<(i64, i64)> = balance::table.get_results(&mut tx)?;
    let named: Vec<Named> = diesel::sql_query("SELECT id, name FROM customer WHERE id = $1")
        .bind::<BigInt, _>(id)
        .load(&mut tx)?;
    let mut boxed = customer::table.into_boxed::<Pg>();
    if let Some(named) = named.first() {
        boxed = boxed.filter(customer::id.eq(named.id).or(customer::name.eq(&named.name)));
    }
    let _names: Vec<String> = boxed.select(customer::name).load(&mut tx)?;
    for row in customer::table.load_iter::<Customer, DefaultLoadingMode>(&mut tx)? {
        row?;
    }
    Ok(one.map_or(0, |it| it.id))
}

#[transactional]
fn write(tx: PgTx<'_>, mut one: Customer) -> QueryResult<Customer> {
    let _id: i64 = diesel::insert_into(customer::table)
        .values(&one)
        .on_conflict(customer::id)
        .do_update()
        .set(customer::name.eq(&one.name))
        .returning(customer::id)
        .get_result(&mut tx)?;
    let _locked: Customer = customer::table.find(one.id).for_update().first(&mut tx)?;
    one.name.push('!');
    let _saved: Customer = one.save_changes(&mut tx)?;
    customer::table
        .filter(customer::name.eq(""))
        .select((customer::id, customer::name))
        .insert_into(customer::table)
        .execute(&mut tx)?;
    tx.batch_execute("CREATE INDEX ON customer (name); ANALYZE customer")?;
    tx.transaction(|tx| diesel::delete(purchase::table).execute(tx))?;
    diesel::update(&one)
        .set(customer::name.eq("other"))
        .get_result(&mut tx)
}

#[transactional]
fn write_to_sqlite(tx: SqliteTx<'_>, one: Customer) -> QueryResult<Customer> {
    diesel::replace_into(customer::table)
        .values(&one)
        .execute(&mut tx)?;
    let saved: Customer = one.save_changes(&mut tx)?;
    diesel::insert_into(customer::table)
        .values(&saved)
        .on_conflict_do_nothing()
        .execute(&mut tx)?;
    // An insert of several rows wants the connection's own type there.
    tx.with_conn_blocking(|conn| {
        diesel::insert_into(customer::table)
            .values(vec![&saved])
            .execute(conn)
    })?;
    Ok(saved)
}

#[transactional]
fn write_to_mysql(tx: MysqlTx<'_>, one: Customer) -> QueryResult<Customer> {
    diesel::insert_or_ignore_into(customer::table)
        .values(vec![&one])
        .execute(&mut tx)?;
    let _skipped: Vec<i64> = customer::table
        .select(customer::id)
        .for_update()
        .skip_locked()
        .load(&mut tx)?;
    one.save_changes(&mut tx)
}

/// What a helper asks of any connection, a handle has.
fn loaded(conn: &mut impl LoadConnection<Backend = Pg>) -> QueryResult<Vec<Customer>> {
    customer::table.load(conn)
}

fn callers(tx: &mut PgTx<'_>) -> QueryResult<usize> {
    Ok(loaded(&mut *tx)?.len() + loaded(tx)?.len())
}
