// Input:
#[transactional(on = self.pool)]
fn save<'life0, 'life1, 'life2, 'async_trait>(
    &'life0 self,
    tx: PgTx<'life1>,
    name: &'life2 str,
) -> ::core::pin::Pin<Box<dyn ::core::future::Future<Output = Result<u8, E>> + ::core::marker::Send + 'async_trait>>
where
    'life0: 'async_trait,
    'life1: 'async_trait,
    'life2: 'async_trait,
    Self: 'async_trait,
{
    Box::pin(async move {
        let __self = self;
        let tx = tx;
        let name = name;
        let __ret: Result<u8, E> = { body(&mut tx, name).await };
        __ret
    })
}

// Output:
fn save<'life0, 'life2, 'async_trait>(
    &'life0 self,
    name: &'life2 str,
) -> ::core::pin::Pin<
    Box<
        dyn ::core::future::Future<
            Output = Result<u8, E>,
        > + ::core::marker::Send + 'async_trait,
    >,
>
where
    'life0: 'async_trait,
    'life2: 'async_trait,
    Self: 'async_trait,
{
    Box::pin(async move {
        const __DEFINITION: &::txkit::__private::Definition = &::txkit::__private::Definition::new(
            ::core::concat!(::core::module_path!(), "::save"),
            ::core::file!(),
            ::core::line!(),
        );
        let __returns = ::txkit::__private::evidence::<Result<u8, E>>();
        let mut __call = ::txkit::__private::Call::new(
            ::txkit::__private::Begin::<
                PgTx<'_>,
                ::txkit::__private::Anywhere,
            >::source(&self.pool),
            __DEFINITION,
        );
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
                            Result<u8, E>,
                        > {
                            return __never;
                        }
                        let __self = self;
                        #[allow(unused_mut)]
                        let mut tx = tx;
                        let name = name;
                        let __ret: Result<u8, E> = { body(&mut tx, name).await };
                        __ret
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
    })
}
