# The engine and the vocabulary in an interpreter that sees undefined behaviour, their tests' sizes bounded for it.
# shellcheck shell=bash

# No driver, no clock and no server is in these: nothing that the interpreter could not run.
miri_modules=(conflict definition engine hooks outcome retry statement)

need_miri() {
    cargo +nightly miri --version >/dev/null 2>&1 && return
    command -v rustup >/dev/null ||
        die "miri is missing, and so is rustup to add it: see https://rustup.rs, then \`rustup toolchain install nightly --component miri,rust-src\`"
    say "installing miri"
    supervised rustup toolchain install nightly --profile minimal --component miri,rust-src >&2
    cargo +nightly miri --version >/dev/null 2>&1 ||
        die "miri could not be installed: run \`rustup toolchain install nightly --component miri,rust-src\` where its servers can be reached"
}

command_miri() {
    need_compiler
    need_miri
    run_tests "miri" cargo +nightly miri test -p txkit --no-default-features --lib -- "${miri_modules[@]/%/::}"
}
