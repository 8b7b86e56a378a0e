# The shop's totals, which are known: every engine and number of workers must reach them.
# shellcheck shell=bash

shop_expected='purchases=6919 orders_confirmed=6875 orders_declined=44 units_sold=15749 revenue_cents=23216563 audit=ok'

shop_runs() {
    local workers
    say "shop: building"
    supervised cargo build --release -q -p shop || {
        shop_failed=$((shop_failed + 1))
        fail "the shop does not build"
        return
    }
    for workers in 1 8 32; do
        shop_run "sqlite:$work/shop-$workers.db" "$workers"
        shop_run "$TXKIT_POSTGRES_URL" "$workers"
        shop_run "$TXKIT_MYSQL_URL" "$workers"
    done
}

shop_run() { # URL WORKERS
    local engine=${1%%:*} log="$work/shop.log" status found
    supervised cargo run --release -q -p shop -- --format json --database "$1" --workers "$2" >"$log" 2>"$log.err"
    status=$?
    found=$(shop_totals "$(tail -n 1 "$log")")
    if [ "$status" = 0 ] && [ "$found" = "$shop_expected" ]; then
        shop_passed=$((shop_passed + 1))
        say "shop on $engine, $2 workers: $found"
    else
        shop_failed=$((shop_failed + 1))
        tail -n 20 "$log" "$log.err" >&2
        fail "shop on $engine, $2 workers: exit status $status, $found"
    fi
}

# The totals of a JSON line, as `name=value` in the order of the expected ones.
shop_totals() {
    local pair name out=
    for pair in $shop_expected; do
        name=${pair%%=*}
        out+="$name=$(grep -oE "\"$name\": *(\"[^\"]*\"|[0-9]+|\[[^]]*\])" <<<"$1" | head -1 | sed -E 's/^[^:]*: *//; s/"//g') "
    done
    echo "${out% }"
}
