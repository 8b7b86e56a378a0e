//! What diesel-async can say, said to a handle.

use diesel::dsl::{exists, select};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{
    AsyncConnection, AsyncConnectionCore, RunQueryDsl, SaveChangesDsl, SimpleAsyncConnection,
};
use futures_util::TryStreamExt as _;
use txkit::diesel_async::{MysqlTx, PgReadTx, PgTx, SqliteTx};
use txkit::{read_only, transactional};

diesel::table! { customer (id) { id -> BigInt, name -> Text } }
diesel::table! { purchase (id) { id -> BigInt, customer_id -> BigInt, cents -> BigInt } }
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
async fn read(tx: PgReadTx<'_>, id: i64) -> QueryResult<i64> {
    let customers = customer::table
        .select(Customer::as_select())
        .load(&mut tx)
        .await?;
    let purchases = Purchase::belonging_to(&customers)
        .select(Purchase::as_select())
        .load(&mut tx)
        .await?;
    let _each = purchases.grouped_by(&customers);
    let one: QueryResult<Customer> = customer::table.find(id).first(&mut tx).await;
    let _joined: Vec<(Customer, Option<Purchase>)> = customer::table
        .left_join(purchase::table)
        .select((Customer::as_select(), Option::<Purchase>::as_select()))
        .load(&mut tx)
        .await?;
    let _is_known: bool = select(exists(customer::table.find(id)))
        .get_result(&mut tx)
        .await?;
    let named: Vec<Named> = diesel::sql_query("SELECT id, name FROM customer WHERE id = $1")
        .bind::<BigInt, _>(id)
        .load(&mut tx)
        .await?;
    let mut boxed = customer::table.into_boxed::<Pg>();
    if let [named, ..] = named.as_slice() {
        let found = customer::id.eq(named.id).or(customer::name.eq(&named.name));
        boxed = boxed.filter(found);
    }
    let _names: Vec<String> = boxed.select(customer::name).load(&mut tx).await?;
    let mut rows = customer::table.load_stream::<Customer>(&mut tx).await?;
    while rows.try_next().await?.is_some() {}
    Ok(one.optional()?.map_or(0, |it| it.id))
}

#[transactional]
async fn write(tx: PgTx<'_>, mut one: Customer) -> QueryResult<Customer> {
    let _id: i64 = diesel::insert_into(customer::table)
        .values(&one)
        .on_conflict(customer::id)
        .do_update()
        .set(customer::name.eq(&one.name))
        .returning(customer::id)
        .get_result(&mut tx)
        .await?;
    let _locked: Customer = customer::table
        .find(one.id)
        .for_update()
        .first(&mut tx)
        .await?;
    one.name.push('!');
    let _saved: Customer = one.save_changes(&mut tx).await?;
    tx.batch_execute("CREATE INDEX ON customer (name); ANALYZE customer")
        .await?;
    tx.transaction(async |tx| diesel::delete(purchase::table).execute(tx).await)
        .await?;
    diesel::update(&one)
        .set(customer::name.eq("other"))
        .get_result(&mut tx)
        .await
}

#[transactional]
async fn write_to_sqlite(tx: SqliteTx<'_>, one: Customer) -> QueryResult<Customer> {
    diesel::replace_into(customer::table)
        .values(&one)
        .execute(&mut tx)
        .await?;
    tx.with_conn(async |conn| {
        conn.spawn_blocking(|conn| {
            diesel::RunQueryDsl::execute(diesel::delete(purchase::table), conn)
        })
        .await
    })
    .await?;
    diesel::update(&one).set(&one).execute(&mut tx).await?;
    Ok(one)
}

#[transactional]
async fn write_to_mysql(tx: MysqlTx<'_>, one: Customer) -> QueryResult<Customer> {
    diesel::insert_or_ignore_into(customer::table)
        .values(vec![&one])
        .execute(&mut tx)
        .await?;
    one.save_changes(&mut tx).await
}

/// What a helper asks of any connection, a handle has.
async fn loaded<C>(conn: &mut C) -> QueryResult<Vec<i64>>
where
    C: AsyncConnectionCore<Backend = Pg> + Send,
{
    customer::table.select(customer::id).load(conn).await
}

async fn deleted<C>(conn: &mut C) -> QueryResult<usize>
where
    C: AsyncConnection<Backend = Pg>,
{
    diesel::delete(customer::table).execute(conn).await
}

async fn callers(tx: &mut PgTx<'_>) -> QueryResult<usize> {
    Ok(loaded(&mut *tx).await?.len() + deleted(tx).await?)
}
