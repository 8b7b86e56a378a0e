# Counts what cargo's test binaries say, per engine and in all.
# shellcheck shell=bash

logs=()          # outputs of the test runs
shop_passed=0
shop_failed=0
torture_line=    # what the torture found, as JSON

run_tests() { # NAME COMMAND..
    local name=$1 log="$work/tests-${#logs[@]}.log"
    shift
    say "$name: $*"
    logs+=("$log")
    # Through the pipe that keeps the output, cargo would not see the terminal.
    [ ! -t 1 ] || export CARGO_TERM_COLOR=${CARGO_TERM_COLOR-always}
    logged "$log" "$@" || fail "$name: \`$*\` failed"
}

# Sums one column of cargo's `test result:` lines, say `passed`.
summed() {
    [ ${#logs[@]} -gt 0 ] || { echo 0; return; }
    awk -v what="$1" '/^test result: / { for (i = 2; i <= NF; i++) if ($i == what ";") n += $(i - 1) } END { print n + 0 }' "${logs[@]}"
}

# Tests of an engine that ended so: engine_count sqlite ok. Their module path holds the engine's name.
engine_count() {
    [ ${#logs[@]} -gt 0 ] || { echo 0; return; }
    grep -hcE "^test ([^ ]*::)?([a-z_]+_)?$1::[^ ]* .*\.\.\. $2" "${logs[@]}" | awk '{ n += $1 } END { print n + 0 }'
}

whole_contract='' # whether its table can be asked for

engines_must_have_run() {
    local engine
    whole_contract=1
    for engine in sqlite postgres mysql; do
        [ "$(engine_count "$engine" ok)" -gt 0 ] || fail "no test passed on $engine"
    done
}

# Adapter by case of the contract, if the contract was run as a whole.
contract_table() {
    say "the contract"
    cargo run -q -p txkit-tests --bin conformance -- "${logs[@]}" >&2 \
        || fail "an adapter does not keep the contract, or a case was not run"
}

report() {
    local engine passed failed ignored
    passed=$(summed passed) failed=$(summed failed) ignored=$(summed ignored)
    [ -n "$torture_line" ] || [ $((passed + failed + shop_passed + shop_failed)) -gt 0 ] || fail "nothing ran"
    [ "$ignored" = 0 ] || fail "$ignored tests are ignored; a test that cannot run is a failure"
    if [ ${#logs[@]} -gt 0 ]; then
        say "what ran"
        for engine in sqlite postgres mysql; do
            printf '   %-9s %5d passed %5d failed\n' "$engine" "$(engine_count "$engine" ok)" "$(engine_count "$engine" FAILED)" >&2
        done
        printf '   %-9s %5d passed %5d failed\n' "all tests" "$passed" "$failed" >&2
    fi
    if [ $((shop_passed + shop_failed)) -gt 0 ]; then
        printf '   %-9s %5d passed %5d failed\n' "shop runs" "$shop_passed" "$shop_failed" >&2
    fi
    [ -z "$torture_line" ] || say "torture: $(shop_values "$torture_line" seed)"
    [ -z "$whole_contract" ] || contract_table
    for failure in "${failures[@]}"; do printf '!! %s\n' "$failure" >&2; done
    # The torture alone counts no tests.
    [ $((passed + failed + shop_passed + shop_failed)) = 0 ] ||
        printf '%d passed, %d failed\n' $((passed + shop_passed)) $((failed + shop_failed))
    [ ${#failures[@]} = 0 ] && [ $((failed + shop_failed)) = 0 ]
    exit
}
