// Input:
#[retry_on_conflict]
async fn f(conn: &mut PgConnection, n: String) -> Result<(), E> {
    body(conn, n).await
}

// Output:
async fn f(conn: &mut PgConnection, n: String) -> Result<(), E> {
    const __DEFINITION: &::txkit::__private::Definition = &::txkit::__private::Definition::new(
            ::core::concat!(::core::module_path!(), "::f"),
            ::core::file!(),
            ::core::line!(),
        )
        .retry(::txkit::__private::Retry::new());
    let __returns = ::txkit::__private::evidence::<Result<(), E>>();
    let mut __call = ::txkit::__private::Call::new(
        <PgConnection as ::txkit::__private::ByRef>::source(conn),
        __DEFINITION,
    );
    loop {
        let __caught = {
            let mut __entered = match ::txkit::__private::Call::enter(&mut __call).await
            {
                ::core::result::Result::Ok(__entered) => __entered,
                ::core::result::Result::Err(__error) => {
                    return ::txkit::__private::Evidence::fail(__returns, __error);
                }
            };
            let __guard = ::txkit::__private::Entered::guard(&mut __entered);
            let mut __held = ::txkit::__private::Entered::held::<
                PgConnection,
            >(__entered);
            let conn: &mut PgConnection = __held.get();
            let n = ::txkit::__private::replay(&n);
            let __caught = ::txkit::__private::Guard::run(
                    __guard,
                    async move {
                        #[allow(
                            unknown_lints,
                            clippy::all,
                            clippy::pedantic,
                            clippy::nursery
                        )]
                        if let ::core::option::Option::Some(__never) = ::core::option::Option::None::<
                            Result<(), E>,
                        > {
                            return __never;
                        }
                        body(conn, n).await
                    },
                )
                .await;
            __caught
        };
        let __verdict = match ::txkit::__private::Caught::value(&__caught) {
            ::core::option::Option::Some(
                __value @ ::core::result::Result::Err(__error),
            ) => {
                use ::txkit::__private::{ViaDebug as _, ViaDisplay as _, ViaName as _};
                ::txkit::__private::Verdict::default()
                    .conflict(
                        ::txkit::__private::conflict_of::<PgConnection, _, _>(__value),
                    )
                    .described((&&&::txkit::__private::Described(__error)).text())
            }
            _ => ::txkit::__private::Verdict::default(),
        };
        let __ended = &mut __call;
        match ::txkit::__private::Call::finish(__ended, __caught, __verdict, __returns)
            .await
        {
            ::txkit::__private::Flow::Return(__value) => return __value,
            ::txkit::__private::Flow::Replay => {}
        }
    }
}
