// Input:
#[serializable]
#[read_only]
#[transactional(on = self.pool, deferrable, durable, name = "ledger.sum", crate = crate::kit)]
async fn sum(&self, tx: PgReadTx<'_>, day: Day) -> Result<u64, E> {
    body(&mut tx, day).await
}

// Output:
#[read_only(__merged)]
#[transactional(__merged)]
async fn sum(&self, day: Day) -> Result<u64, E> {
    const __DEFINITION: &crate::kit::__private::Definition = &crate::kit::__private::Definition::new(
            "ledger.sum",
            ::core::file!(),
            ::core::line!(),
        )
        .isolation(crate::kit::__private::Isolation::Serializable)
        .read_only()
        .deferrable()
        .durable();
    let __returns = crate::kit::__private::evidence::<Result<u64, E>>();
    crate::kit::__private::deferrable::<
        <PgReadTx<'_> as crate::kit::__private::Handle>::Conn,
    >();
    let mut __call = crate::kit::__private::Call::new(
        crate::kit::__private::Begin::<
            PgReadTx<'_>,
            crate::kit::__private::Outermost,
        >::source(&self.pool),
        __DEFINITION,
    );
    let __caught = {
        let mut __entered = match crate::kit::__private::Call::enter(&mut __call).await {
            ::core::result::Result::Ok(__entered) => __entered,
            ::core::result::Result::Err(__error) => {
                return crate::kit::__private::Evidence::fail(__returns, __error);
            }
        };
        let __guard = crate::kit::__private::Entered::guard(&mut __entered);
        #[allow(unused_mut)]
        let mut tx: PgReadTx<'_> = crate::kit::__private::Entered::reader(__entered);
        let __caught = crate::kit::__private::Guard::run(
                __guard,
                async move {
                    #[allow(
                        unknown_lints,
                        clippy::all,
                        clippy::pedantic,
                        clippy::nursery
                    )]
                    if let ::core::option::Option::Some(__never) = ::core::option::Option::None::<
                        Result<u64, E>,
                    > {
                        return __never;
                    }
                    body(&mut tx, day).await
                },
            )
            .await;
        __caught
    };
    let __verdict = match crate::kit::__private::Caught::value(&__caught) {
        ::core::option::Option::Some(::core::result::Result::Err(__error)) => {
            use crate::kit::__private::{ViaDebug as _, ViaDisplay as _, ViaName as _};
            crate::kit::__private::Verdict::default()
                .described((&&&crate::kit::__private::Described(__error)).text())
        }
        _ => crate::kit::__private::Verdict::default(),
    };
    let __ended = &mut __call;
    let __value = crate::kit::__private::Call::finish_once(
            __ended,
            __caught,
            __verdict,
            __returns,
        )
        .await;
    __value
}
