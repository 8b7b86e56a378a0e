# The torture: cuts, kills, cancellations, histories, storms, a cluster; see `tests/run torture --help`.
# shellcheck shell=bash

command_torture() {
    local argument
    need_compiler
    for argument in "$@"; do
        # What only tells needs no server.
        case $argument in
            -h | --help | --list)
                say "torture: building"
                cargo run -q -p txkit-torture --bin torture -- "$@"
                exit
                ;;
        esac
    done
    start_servers
    torture_needs
    torture "$@"
}

# What it starts servers of its own from, to kill them.
torture_needs() {
    need_postgres
    need_mariadb
    need_galera
    export TXKIT_POSTGRES_BIN=${TXKIT_POSTGRES_BIN:-$postgres_bin} TXKIT_MARIADBD=${TXKIT_MARIADBD:-$mariadb_server}
}

torture() { # ARGUMENTS..
    local log="$work/torture.log"
    say "torture: building"
    supervised cargo build -q -p txkit-torture --bin torture || {
        fail "the torture does not build"
        return
    }
    say "torture $*"
    logged "$log" cargo run -q -p txkit-torture --bin torture -- "$@" || fail "torture: \`tests/run torture $*\` failed"
    torture_line=$(grep '^{' "$log" | tail -n 1)
    [ -n "$torture_line" ] || fail "torture: no line of JSON"
}
