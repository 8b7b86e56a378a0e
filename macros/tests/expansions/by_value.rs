// Input:
/// Documented.
#[must_use]
#[transactional]
pub(crate) async fn place_order(tx: PgTx<'_>, order: Order) -> Result<OrderId, ShopError> {
    charge(&mut tx, order).await
}

// Output:
/// Documented.
#[must_use]
pub(crate) async fn place_order<'tx>(
    tx: impl ::txkit::__private::Begin<PgTx<'tx>, ::txkit::__private::Anywhere>,
    order: Order,
) -> Result<OrderId, ShopError> {
    #[doc(hidden)]
    #[allow(clippy::too_many_arguments, clippy::type_complexity)]
    async fn __place_order<'tx>(
        tx: ::txkit::__private::SourceOf<PgTx<'tx>>,
        order: Order,
    ) -> Result<OrderId, ShopError> {
        const __DEFINITION: &::txkit::__private::Definition = &::txkit::__private::Definition::new(
            ::core::concat!(::core::module_path!(), "::place_order"),
            ::core::file!(),
            ::core::line!(),
        );
        let __returns = ::txkit::__private::evidence::<Result<OrderId, ShopError>>();
        let mut __call = ::txkit::__private::Call::new(tx, __DEFINITION);
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
                            Result<OrderId, ShopError>,
                        > {
                            return __never;
                        }
                        charge(&mut tx, order).await
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
    __place_order(
            ::txkit::__private::Begin::<
                PgTx<'tx>,
                ::txkit::__private::Anywhere,
            >::source(tx),
            order,
        )
        .await
}
