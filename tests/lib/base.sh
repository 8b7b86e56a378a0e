# Messages, the temporary folder, and leaving cleanly.
# shellcheck shell=bash

work=            # the temporary folder of this run
child=           # process group of the command that runs now
failures=()      # what went wrong, one line each

say() { printf '== %s\n' "$*" >&2; }

fail() {
    printf '!! %s\n' "$*" >&2
    failures+=("$*")
}

die() {
    printf 'tests/run: %s\n' "$*" >&2
    exit 1
}

prepare() {
    local base=${TMPDIR:-/tmp}
    # A Unix socket's path holds 107 bytes.
    [ ${#base} -le 60 ] || base=/tmp
    work=$(mktemp -d "$base/txkit.XXXXXX") || die "cannot make a folder in \`$base\`, set TMPDIR"
    # Servers run as other users below it when this is root.
    chmod 711 "$work"
    trap leave EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

leave() {
    local status=$?
    trap '' HUP INT TERM
    [ -z "$child" ] || kill -TERM -- "-$child" 2>/dev/null
    stop_servers
    if [ -n "${TXKIT_KEEP-}" ]; then
        say "kept $work"
    else
        rm -rf "$work"
    fi
    exit "$status"
}

# Runs a command in a process group of its own, so that a signal to this script ends it at once, with its children.
supervised() {
    setsid "$@" </dev/null &
    child=$!
    wait "$child"
    local status=$?
    child=
    return "$status"
}

# supervised, its output shown and kept in a file: logged FILE COMMAND..
logged() {
    # shellcheck disable=SC2016
    supervised bash -c 'set -o pipefail; file=$1; shift; "$@" 2>&1 | tee "$file"' logged "$@"
}

# Becomes a command, as the given user where this is root (no server runs as root). For subshells.
become() { # USER COMMAND..
    local user=$1
    shift
    [ "$(id -u)" = 0 ] || exec "$@"
    cd / && exec setpriv --reuid="$(id -u "$user")" --regid="$(id -g "$user")" --init-groups -- "$@"
}

as_user() { (become "$@"); }

# The first of the given users that exists.
pick_user() {
    local user
    for user in "$@"; do
        id -u "$user" >/dev/null 2>&1 && echo "$user" && return
    done
    return 1
}

own_folder() { # USER FOLDER: makes it, with that user as owner
    mkdir -p "$2" && chmod 700 "$2" && { [ "$(id -u)" != 0 ] || chown "$1" "$2"; }
}

secret() { od -An -N12 -tx1 /dev/urandom | tr -d ' \n'; }

listening() { (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null; }

# A port below those that the system hands out by itself.
free_port() {
    local port
    while :; do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
        listening 127.0.0.1 "$port" || break
    done
    echo "$port"
}
