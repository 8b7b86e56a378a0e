// Input:
#[transactional(propagation = nested, timeout = "5s", lock_timeout = "100us")]
async fn f<'a>(tx: &'a mut PgTx<'_>, n: u8) -> Result<(), E> {
    body(tx, n).await
}

// Output:
async fn f<'a>(tx: &'a mut PgTx<'_>, n: u8) -> Result<(), E> {
    const __DEFINITION: &::txkit::__private::Definition = &::txkit::__private::Definition::new(
            ::core::concat!(::core::module_path!(), "::f"),
            ::core::file!(),
            ::core::line!(),
        )
        .propagation(::txkit::__private::Propagation::Nested)
        .timeout(::core::time::Duration::from_millis(5000u64))
        .lock_timeout(::core::time::Duration::from_micros(100u64));
    let __returns = ::txkit::__private::evidence::<Result<(), E>>();
    let mut __call = ::txkit::__private::Call::new(
        <PgTx<'_> as ::txkit::__private::ByRef>::source(tx),
        __DEFINITION,
    );
    let __caught = {
        let mut __entered = match ::txkit::__private::Call::enter(&mut __call).await {
            ::core::result::Result::Ok(__entered) => __entered,
            ::core::result::Result::Err(__error) => {
                return ::txkit::__private::Evidence::fail(__returns, __error);
            }
        };
        let __guard = ::txkit::__private::Entered::guard(&mut __entered);
        let mut __held = ::txkit::__private::Entered::held::<PgTx<'_>>(__entered);
        let tx: &mut PgTx<'_> = __held.get();
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
                    body(tx, n).await
                },
            )
            .await;
        __caught
    };
    let __verdict = match ::txkit::__private::Caught::value(&__caught) {
        ::core::option::Option::Some(::core::result::Result::Err(__error)) => {
            use ::txkit::__private::{ViaDebug as _, ViaDisplay as _, ViaName as _};
            ::txkit::__private::Verdict::default()
                .described((&&&::txkit::__private::Described(__error)).text())
        }
        _ => ::txkit::__private::Verdict::default(),
    };
    let __ended = &mut __call;
    let __value = ::txkit::__private::Call::finish_once(
            __ended,
            __caught,
            __verdict,
            __returns,
        )
        .await;
    __value
}
