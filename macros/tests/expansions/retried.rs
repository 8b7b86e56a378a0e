// Input:
#[transactional]
#[retry_on_conflict(attempts = 5, base = "10ms", also(E::Gone | E::Busy(_)))]
async fn f<T: Clone, const N: usize>(tx: Tx<'_, C>, (a, mut b): (T, [u8; N]), name: &str, _: u8) -> Result<T, E>
where
    T: Send,
{
    body(&mut tx, a, b, name).await
}

// Output:
#[retry_on_conflict(__merged)]
async fn f<'tx, T: Clone, const N: usize>(
    tx: impl ::txkit::__private::Begin<Tx<'tx, C>, ::txkit::__private::Anywhere>,
    __argument0: (T, [u8; N]),
    name: &str,
    __argument2: u8,
) -> Result<T, E>
where
    T: Send,
{
    #[doc(hidden)]
    #[allow(clippy::too_many_arguments, clippy::type_complexity)]
    async fn __f<'tx, T: Clone, const N: usize>(
        tx: ::txkit::__private::SourceOf<Tx<'tx, C>>,
        __argument0: (T, [u8; N]),
        name: &str,
        _: u8,
    ) -> Result<T, E>
    where
        T: Send,
    {
        const __DEFINITION: &::txkit::__private::Definition = &::txkit::__private::Definition::new(
                ::core::concat!(::core::module_path!(), "::f"),
                ::core::file!(),
                ::core::line!(),
            )
            .retry(
                ::txkit::__private::Retry::new()
                    .attempts(5u32)
                    .base(::core::time::Duration::from_millis(10u64)),
            );
        let __returns = ::txkit::__private::evidence::<Result<T, E>>();
        let mut __call = ::txkit::__private::Call::new(tx, __DEFINITION);
        loop {
            let __caught = {
                let mut __entered = match ::txkit::__private::Call::enter(&mut __call)
                    .await
                {
                    ::core::result::Result::Ok(__entered) => __entered,
                    ::core::result::Result::Err(__error) => {
                        return ::txkit::__private::Evidence::fail(__returns, __error);
                    }
                };
                let __guard = ::txkit::__private::Entered::guard(&mut __entered);
                #[allow(unused_mut)]
                let mut tx: Tx<'_, C> = ::txkit::__private::Entered::handle(__entered);
                let (a, mut b) = ::txkit::__private::replay(&__argument0);
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
                                Result<T, E>,
                            > {
                                return __never;
                            }
                            body(&mut tx, a, b, name).await
                        },
                    )
                    .await;
                __caught
            };
            let __verdict = match ::txkit::__private::Caught::value(&__caught) {
                ::core::option::Option::Some(::core::result::Result::Err(__error)) => {
                    use ::txkit::__private::{
                        ViaDebug as _, ViaDisplay as _, ViaName as _,
                    };
                    ::txkit::__private::Verdict::default()
                        .also({
                            #[allow(
                                unreachable_patterns,
                                clippy::match_like_matches_macro,
                                clippy::wildcard_in_or_patterns
                            )]
                            match __error {
                                E::Gone | E::Busy(_) => true,
                                _ => false,
                            }
                        })
                        .described((&&&::txkit::__private::Described(__error)).text())
                }
                _ => ::txkit::__private::Verdict::default(),
            };
            let __ended = &mut __call;
            match ::txkit::__private::Call::finish(
                    __ended,
                    __caught,
                    __verdict,
                    __returns,
                )
                .await
            {
                ::txkit::__private::Flow::Return(__value) => return __value,
                ::txkit::__private::Flow::Replay => {}
            }
        }
    }
    __f::<
        T,
        N,
    >(
            ::txkit::__private::Begin::<
                Tx<'tx, C>,
                ::txkit::__private::Anywhere,
            >::source(tx),
            __argument0,
            name,
            __argument2,
        )
        .await
}
