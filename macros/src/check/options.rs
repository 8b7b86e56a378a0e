//! Options that contradict each other, as a table; the error is at the key that does not fit.

use crate::diag::Errors;
use crate::model::{Isolation, Options, Propagation};

struct Clash {
    with: &'static [Propagation],
    options: &'static [&'static str],
    because: &'static str,
}

const CLASHES: &[Clash] = &[
    Clash {
        with: &[
            Propagation::Supports,
            Propagation::NotSupported,
            Propagation::Never,
        ],
        options: &[
            "isolation",
            "read_only",
            "deferrable",
            "timeout",
            "statement_timeout",
            "lock_timeout",
            "retry",
            "durable",
        ],
        because: "begins no transaction that it could apply to",
    },
    Clash {
        with: &[Propagation::NotSupported, Propagation::Never],
        options: &["commit_on", "no_mark"],
        because: "has no transaction to commit or to mark",
    },
    Clash {
        with: &[Propagation::Mandatory],
        options: &["retry"],
        because: "begins nothing, and only the call that began a transaction retries",
    },
    Clash {
        with: &[Propagation::Mandatory],
        options: &["durable"],
        because: "joins, and `durable` must be the outermost",
    },
    Clash {
        with: &[Propagation::RequiresNew, Propagation::Nested],
        options: &["durable"],
        because: "may run inside another transaction, and `durable` must be the outermost",
    },
];

pub(super) fn check(options: &Options, errors: &mut Errors) {
    let propagation = options.propagation();
    for clash in CLASHES
        .iter()
        .filter(|clash| clash.with.contains(&propagation))
    {
        for name in clash.options {
            if let Some(key) = options.key(name) {
                let (word, because) = (propagation.word(), clash.because);
                errors.at(
                    key,
                    format!("`{name}` does not fit `{word}`, which {because}: drop one of them"),
                );
            }
        }
    }
    deferrable(options, errors);
    backoff(options, errors);
}

fn deferrable(options: &Options, errors: &mut Errors) {
    let Some(key) = options.key("deferrable") else {
        return;
    };
    let isolation = options.isolation.as_ref().map(|given| given.value);
    let serializable = isolation == Some(Isolation::Serializable);
    let missing = match (serializable, options.read_only.is_some()) {
        (true, true) => return,
        (true, false) => "`read_only`",
        (false, true) => "`isolation = serializable`",
        (false, false) => "`isolation = serializable` and `read_only`",
    };
    errors.at(
        key,
        format!("`deferrable` waits for a snapshot that cannot conflict, which only a serializable reader can: add {missing}"),
    );
}

fn backoff(options: &Options, errors: &mut Errors) {
    let Some(retry) = &options.retry else {
        return;
    };
    if let (Some(base), Some(cap)) = (&retry.value.base, &retry.value.cap)
        && cap.value < base.value
    {
        errors.at(
            cap.span,
            "`cap` is the longest wait and `base` the shortest: make it at least `base`",
        );
    }
}
