//! `save_changes` on the handles, as diesel-async has it on its connections; knows no engine but by what it can return.

use diesel::dsl::{Find, Update};
use diesel::query_builder::{AsQuery, IntoUpdateTarget, UpdateStatement};
use diesel::query_dsl::methods::FindDsl;
use diesel::{AsChangeset, Identifiable, QueryResult, Table};
use diesel_async::methods::{ExecuteDsl, LoadQuery};
use diesel_async::{RunQueryDsl, UpdateAndFetchResults};
use futures_core::future::BoxFuture;

use crate::tx::Tx;

/// For engines that return the row they update.
#[cfg(any(feature = "diesel-async-postgres", feature = "diesel-async-sqlite"))]
macro_rules! returning {
    ($connection:ty) => {
        impl<'t, 'b, Changes, Output, Tab, V, A> UpdateAndFetchResults<Changes, Output>
            for Tx<'t, $connection, A>
        where
            Output: Send + 'static,
            Changes: Copy + AsChangeset<Target = Tab> + Send + Identifiable<Table = Tab>,
            Tab: Table + FindDsl<Changes::Id> + 'b,
            Find<Tab, Changes::Id>: IntoUpdateTarget<Table = Tab, WhereClause = V>,
            UpdateStatement<Tab, V, Changes::Changeset>: AsQuery,
            Update<Changes, Changes>: LoadQuery<'b, Self, Output>,
            V: Send + 'b,
            Changes::Changeset: Send + 'b,
            Tab::FromClause: Send,
        {
            fn update_and_fetch<'conn, 'changes>(
                &'conn mut self,
                changeset: Changes,
            ) -> BoxFuture<'changes, QueryResult<Output>>
            where
                Changes: 'changes,
                Changes::Changeset: 'changes,
                'conn: 'changes,
                Self: 'changes,
            {
                Box::pin(async move {
                    let update = diesel::update(changeset).set(changeset);
                    RunQueryDsl::get_result(update, self).await
                })
            }
        }
    };
}

#[cfg(feature = "diesel-async-postgres")]
returning!(diesel_async::AsyncPgConnection);
#[cfg(feature = "diesel-async-sqlite")]
returning!(super::SqliteConnection);

#[cfg(feature = "diesel-async-mysql")]
impl<'b, Changes, Output, Tab, V, A> UpdateAndFetchResults<Changes, Output>
    for Tx<'_, diesel_async::AsyncMysqlConnection, A>
where
    Output: Send + 'static,
    Changes: Copy + AsChangeset<Target = Tab> + Send + Identifiable<Table = Tab>,
    Tab: Table + FindDsl<Changes::Id> + 'b,
    Find<Tab, Changes::Id>: IntoUpdateTarget<Table = Tab, WhereClause = V>,
    UpdateStatement<Tab, V, Changes::Changeset>: AsQuery,
    Update<Changes, Changes>: ExecuteDsl<Self>,
    V: Send + 'b,
    Changes::Changeset: Send + 'b,
    Changes::Id: 'b,
    Tab::FromClause: Send,
    Find<Tab, Changes::Id>: LoadQuery<'b, Self, Output> + Send,
{
    fn update_and_fetch<'conn, 'changes>(
        &'conn mut self,
        changeset: Changes,
    ) -> BoxFuture<'changes, QueryResult<Output>>
    where
        Changes: 'changes,
        Changes::Changeset: 'changes,
        'conn: 'changes,
        Self: 'changes,
    {
        Box::pin(async move {
            let update = diesel::update(changeset).set(changeset);
            RunQueryDsl::execute(update, self).await?;
            let find = <Changes as diesel::associations::HasTable>::table().find(changeset.id());
            RunQueryDsl::get_result(find, self).await
        })
    }
}
