//! What is Diesel's own: its query builder through a handle.

use diesel::sql_types::Text;
use diesel::{
    Associations, BelongingToDsl as _, ExpressionMethods as _, GroupedBy as _, Identifiable,
    Insertable, JoinOnDsl as _, OptionalExtension as _, QueryDsl as _, Queryable, QueryableByName,
    Selectable, SelectableHelper as _,
};

use super::*;

diesel::table! {
    author (id) {
        id -> BigInt,
        name -> Text,
    }
}

diesel::table! {
    book (id) {
        id -> BigInt,
        author_id -> BigInt,
        title -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(author, book);

#[derive(Clone, Debug, PartialEq, Queryable, Selectable, Identifiable, Insertable)]
#[diesel(table_name = author)]
struct Author {
    id: i64,
    name: String,
}

#[derive(Debug, PartialEq, Queryable, Selectable, Identifiable, Insertable, Associations)]
#[diesel(table_name = book, belongs_to(Author))]
struct Book {
    id: i64,
    author_id: i64,
    title: String,
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
}

/// A stage with the tables of a library.
async fn library() -> Stage {
    let stage = Stage::of(1).await;
    for sql in [
        "CREATE TABLE author (id BIGINT PRIMARY KEY, name VARCHAR(100) NOT NULL)",
        "CREATE TABLE book (id BIGINT PRIMARY KEY, author_id BIGINT NOT NULL, title VARCHAR(100) NOT NULL)",
    ] {
        stage.rival(sql).await;
    }
    stage
}

/// A helper as people have them.
async fn write(tx: &mut DbTx<'_>, id: i64, title: &str) -> Result<usize, DriverError> {
    let book = Book {
        id,
        author_id: 1,
        title: title.to_owned(),
    };
    let insert = diesel::insert_into(book::table).values(&book);
    insert.execute(tx).await
}

#[tokio::test]
async fn d01_the_query_builder_works_through_a_handle() {
    #[transactional]
    async fn works(tx: DbTx<'_>, fail: bool) -> Result<(), AppError> {
        let ann = Author {
            id: 1,
            name: "Ann".to_owned(),
        };
        let insert = diesel::insert_into(author::table).values(&ann);
        assert_eq!(insert.execute(&mut tx).await?, 1);
        write(&mut tx, 10, "One").await?;
        write(&mut tx, 11, "Two").await?;

        let all: Vec<Author> = author::table.load(&mut tx).await?;
        assert_eq!(all, std::slice::from_ref(&ann));
        let query = author::table.find(1).select(Author::as_select());
        assert_eq!(query.first(&mut tx).await?, ann);
        let none = author::table
            .find(7)
            .first::<Author>(&mut tx)
            .await
            .optional();
        assert_eq!(none?, None);
        let count: i64 = book::table.count().get_result(&mut tx).await?;
        assert_eq!(count, 2);

        let update = diesel::update(author::table.find(1)).set(author::name.eq("Anna"));
        assert_eq!(update.execute(&mut tx).await?, 1);

        let books: Vec<Book> = Book::belonging_to(&all)
            .order(book::id)
            .load(&mut tx)
            .await?;
        let shelves = books.grouped_by(&all);
        assert_eq!(shelves[0].len(), 2);
        let join = author::table.inner_join(book::table.on(book::author_id.eq(author::id)));
        let pairs: Vec<(String, String)> = join
            .select((author::name, book::title))
            .order(book::id)
            .load(&mut tx)
            .await?;
        assert_eq!(pairs[1], ("Anna".to_owned(), "Two".to_owned()));

        let named = diesel::sql_query("SELECT name FROM author WHERE id = 1");
        let named: Named = named.get_result(&mut tx).await?;
        assert_eq!(named.name, "Anna");
        let batch = "UPDATE book SET title = 'Eins' WHERE id = 10; DELETE FROM book WHERE id = 11";
        tx.batch_execute(batch).await?;
        let titles: Vec<String> = book::table.select(book::title).load(&mut tx).await?;
        assert_eq!(titles, ["Eins"]);
        let delete = diesel::delete(book::table.filter(book::id.eq(10)));
        assert_eq!(delete.execute(&mut tx).await?, 1);
        if fail { Err(AppError::Other) } else { Ok(()) }
    }
    let stage = library().await;
    let authors = async || {
        let mut conn = stage.rival_connection().await;
        raw_number(&mut conn, "SELECT count(*) FROM author")
            .await
            .unwrap()
    };
    works(&stage.pool, true).await.unwrap_err();
    assert_eq!(authors().await, 0);
    works(&stage.pool, false).await.unwrap();
    assert_eq!(authors().await, 1);
    stage.end().await;
}

#[tokio::test]
async fn d01_a_reader_loads_and_a_session_does_both() {
    #[read_only]
    async fn titles(tx: DbReadTx<'_>) -> diesel::QueryResult<Vec<String>> {
        book::table.select(book::title).load(&mut tx).await
    }
    #[transactional(propagation = supports)]
    async fn anywhere(session: DbSession<'_>, id: i64) -> diesel::QueryResult<i64> {
        let book = Book {
            id,
            author_id: 1,
            title: "Three".to_owned(),
        };
        let insert = diesel::insert_into(book::table).values(&book);
        insert.execute(&mut session).await?;
        book::table.count().get_result(&mut session).await
    }
    let stage = library().await;
    assert_eq!(anywhere(&stage.pool, 1).await.unwrap(), 1);
    assert_eq!(titles(&stage.pool).await.unwrap(), ["Three"]);
    stage.end().await;
}
