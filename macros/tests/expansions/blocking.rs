// Input:
#[transactional]
#[tracing::instrument(skip(tx))]
fn f(tx: Tx<'_, PgConnection>, n: u8) -> Result<u8, E> {
    body(&mut tx, n)
}

// Output:
fn f<'tx>(
    tx: impl ::txkit::__private::Begin<
        Tx<'tx, PgConnection>,
        ::txkit::__private::Anywhere,
    >,
    n: u8,
) -> Result<u8, E> {
    #[doc(hidden)]
    #[allow(clippy::too_many_arguments, clippy::type_complexity)]
    #[tracing::instrument(name = "f", skip(tx))]
    fn __f<'tx>(
        tx: ::txkit::__private::SourceOf<Tx<'tx, PgConnection>>,
        n: u8,
    ) -> Result<u8, E> {
        const __DEFINITION: &::txkit::__private::Definition = &::txkit::__private::Definition::new(
            ::core::concat!(::core::module_path!(), "::f"),
            ::core::file!(),
            ::core::line!(),
        );
        let __returns = ::txkit::__private::evidence::<Result<u8, E>>();
        let mut __call = ::txkit::__private::Call::new(tx, __DEFINITION);
        let __caught = {
            let mut __entered = match ::txkit::__private::Call::enter_blocking(
                &mut __call,
            ) {
                ::core::result::Result::Ok(__entered) => __entered,
                ::core::result::Result::Err(__error) => {
                    return ::txkit::__private::Evidence::fail(__returns, __error);
                }
            };
            let __guard = ::txkit::__private::Entered::guard(&mut __entered);
            #[allow(unused_mut)]
            let mut tx: Tx<'_, PgConnection> = ::txkit::__private::Entered::handle(
                __entered,
            );
            let __caught = ::txkit::__private::Guard::run_blocking(
                __guard,
                move || -> Result<u8, E> { body(&mut tx, n) },
            );
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
        let __value = ::txkit::__private::Call::finish_once_blocking(
            __ended,
            __caught,
            __verdict,
            __returns,
        );
        __value
    }
    __f(
        ::txkit::__private::Begin::<
            Tx<'tx, PgConnection>,
            ::txkit::__private::Anywhere,
        >::source(tx),
        n,
    )
}
