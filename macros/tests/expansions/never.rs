// Input:
#[transactional(propagation = never)]
async fn f(_: PgSession<'_>) -> Result<(), E> {
    body().await
}

// Output:
async fn f<'tx>(
    __handle: impl ::txkit::__private::Begin<PgSession<'tx>, ::txkit::__private::Outside>,
) -> Result<(), E> {
    #[doc(hidden)]
    #[allow(clippy::too_many_arguments, clippy::type_complexity)]
    async fn __f<'tx>(
        __handle: ::txkit::__private::SourceOf<PgSession<'tx>>,
    ) -> Result<(), E> {
        const __DEFINITION: &::txkit::__private::Definition = &::txkit::__private::Definition::new(
                ::core::concat!(::core::module_path!(), "::f"),
                ::core::file!(),
                ::core::line!(),
            )
            .propagation(::txkit::__private::Propagation::Never);
        let __returns = ::txkit::__private::evidence::<Result<(), E>>();
        let mut __call = ::txkit::__private::Call::new(__handle, __DEFINITION);
        let __caught = {
            let mut __entered = match ::txkit::__private::Call::enter(&mut __call).await
            {
                ::core::result::Result::Ok(__entered) => __entered,
                ::core::result::Result::Err(__error) => {
                    return ::txkit::__private::Evidence::fail(__returns, __error);
                }
            };
            let __guard = ::txkit::__private::Entered::guard(&mut __entered);
            #[allow(unused_mut)]
            let _: PgSession<'_> = ::txkit::__private::Entered::session(__entered);
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
                        body().await
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
    __f(
            ::txkit::__private::Begin::<
                PgSession<'tx>,
                ::txkit::__private::Outside,
            >::source(__handle),
        )
        .await
}
