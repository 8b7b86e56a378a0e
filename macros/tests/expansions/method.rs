// Input:
#[transactional(commit_on(E::Declined(_)), no_mark(E::Gone))]
#[allow(clippy::unused_self)]
#[expect(dead_code)]
async fn place(&self, mut tx: PgTx<'_>, x: impl Into<String>) -> Result<impl Iterator<Item = u8>, E> {
    body(&mut tx).await
}

// Output:
#[allow(clippy::unused_self)]
#[allow(dead_code)]
async fn place<'tx>(
    &self,
    tx: impl ::txkit::__private::Begin<PgTx<'tx>, ::txkit::__private::Anywhere>,
    x: impl Into<String>,
) -> Result<impl Iterator<Item = u8>, E> {
    Self::__place_by_value_does_not_fit_a_trait_impl_declare_the_handle_as_mut_reference(
            self,
            ::txkit::__private::Begin::<
                PgTx<'tx>,
                ::txkit::__private::Anywhere,
            >::source(tx),
            x,
        )
        .await
}
#[doc(hidden)]
#[allow(clippy::too_many_arguments, clippy::type_complexity)]
#[allow(clippy::unused_self)]
#[allow(dead_code)]
async fn __place_by_value_does_not_fit_a_trait_impl_declare_the_handle_as_mut_reference<
    'tx,
>(
    &self,
    tx: ::txkit::__private::SourceOf<PgTx<'tx>>,
    x: impl Into<String>,
) -> Result<impl Iterator<Item = u8>, E> {
    const __DEFINITION: &::txkit::__private::Definition = &::txkit::__private::Definition::new(
        ::core::concat!(::core::module_path!(), "::place"),
        ::core::file!(),
        ::core::line!(),
    );
    let __returns = ::txkit::__private::evidence::<Result<_, E>>();
    let mut __call = ::txkit::__private::Call::new(tx, __DEFINITION);
    let __caught = {
        let mut __entered = match ::txkit::__private::Call::enter(&mut __call).await {
            ::core::result::Result::Ok(__entered) => __entered,
            ::core::result::Result::Err(__error) => {
                return ::txkit::__private::Evidence::fail(__returns, __error);
            }
        };
        let __guard = ::txkit::__private::Entered::guard(&mut __entered);
        #[allow(unused_mut)]
        let mut tx: PgTx<'_> = ::txkit::__private::Entered::handle(__entered);
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
                        Result<_, E>,
                    > {
                        return __never;
                    }
                    body(&mut tx).await
                },
            )
            .await;
        __caught
    };
    let __verdict = match ::txkit::__private::Caught::value(&__caught) {
        ::core::option::Option::Some(::core::result::Result::Err(__error)) => {
            use ::txkit::__private::{ViaDebug as _, ViaDisplay as _, ViaName as _};
            ::txkit::__private::Verdict::default()
                .commit({
                    #[allow(
                        unreachable_patterns,
                        clippy::match_like_matches_macro,
                        clippy::wildcard_in_or_patterns
                    )]
                    match __error {
                        E::Declined(_) => true,
                        _ => false,
                    }
                })
                .no_mark({
                    #[allow(
                        unreachable_patterns,
                        clippy::match_like_matches_macro,
                        clippy::wildcard_in_or_patterns
                    )]
                    match __error {
                        E::Gone => true,
                        _ => false,
                    }
                })
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
