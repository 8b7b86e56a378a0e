# The shop's totals, which are known: every driver, engine and number of workers must reach them.
# shellcheck shell=bash

shop_expected=(purchases=6919 orders_confirmed=6875 orders_declined=44 units_sold=15749 revenue_cents=23216563 audit=ok)

shop_runs() {
    local driver workers
    say "shop: building"
    supervised cargo build --release -q -p shop --features client-libraries || {
        shop_failed=$((shop_failed + 1))
        fail "the shop does not build"
        return
    }
    for driver in sqlx diesel diesel-async; do
        for workers in $(shop_workers "$driver"); do
            shop_run "$driver" sqlite "sqlite:$work/shop-$driver-$workers.db" "$workers"
            shop_run "$driver" postgres "$TXKIT_POSTGRES_URL" "$workers"
            shop_run "$driver" mysql "$TXKIT_MYSQL_URL" "$workers"
        done
    done
}

# How many workers each driver is tried with.
shop_workers() { # DRIVER
    if [ "$1" = sqlx ]; then echo 1 8 32; else echo 8 32; fi
}

shop_run() { # DRIVER ENGINE URL WORKERS
    local log="$work/shop.log" line status found
    supervised cargo run --release -q -p shop --features client-libraries -- \
        --format json --driver "$1" --database "$3" --workers "$4" >"$log" 2>"$log.err"
    status=$?
    line=$(tail -n 1 "$log")
    found=$(shop_values "$line" "${shop_expected[@]}")
    if [ "$status" = 0 ] && [ "$found" = "${shop_expected[*]}" ] &&
        [ "$(shop_values "$line" driver engine)" = "driver=$1 engine=$2" ]; then
        shop_passed=$((shop_passed + 1))
        say "shop with $1 on $2, $4 workers: $found in $(shop_values "$line" seconds)"
    else
        shop_failed=$((shop_failed + 1))
        tail -n 20 "$log" "$log.err" >&2
        fail "shop with $1 on $2, $4 workers: exit status $status, $(shop_values "$line" driver engine) $found"
    fi
}

# Values of a JSON line, as `name=value`; what stands behind `=` in the names is left aside.
shop_values() { # LINE NAME..
    local line=$1 name out=
    for name in "${@:2}"; do
        name=${name%%=*}
        out+="$name=$(grep -oE "\"$name\": *(\"[^\"]*\"|[0-9.]+|\[[^]]*\])" <<<"$line" | head -1 | sed -E 's/^[^:]*: *//; s/"//g') "
    done
    echo "${out% }"
}
