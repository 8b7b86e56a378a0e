# Throwaway servers: started on free ports below the temporary folder, stopped at the end.
# shellcheck shell=bash

postgres_data=   # set while our PostgreSQL runs
mariadb_pid=     # set while our MariaDB runs

start_servers() {
    if [ -n "${TXKIT_POSTGRES_URL-}" ]; then
        must_listen TXKIT_POSTGRES_URL "$TXKIT_POSTGRES_URL" 5432
    else
        need_postgres
        want_german
        unset TXKIT_POSTGRES_GERMAN
        retried postgres_start PostgreSQL "$work/postgres.log"
    fi
    if [ -n "${TXKIT_MYSQL_URL-}" ]; then
        must_listen TXKIT_MYSQL_URL "$TXKIT_MYSQL_URL" 3306
    else
        need_mariadb
        retried mariadb_start MariaDB "$work/mariadb.log"
    fi
    export TXKIT_POSTGRES_URL TXKIT_MYSQL_URL
    [ -n "${TXKIT_POSTGRES_GERMAN-}" ] || say "this PostgreSQL speaks no German"
}

stop_servers() {
    postgres_stop
    mariadb_stop
}

# Another program may take the port between our look and the server's start.
retried() { # FUNCTION NAME LOG
    local try
    for try in 1 2 3; do
        "$1" "$(free_port)" && return
        say "$2 did not start (try $try)"
    done
    tail -n 30 "$3" >&2
    die "$2 does not start"
}

must_listen() { # VARIABLE URL DEFAULT-PORT
    local at=${2#*://} host port
    at=${at%%[/?]*}
    at=${at##*@}
    host=${at%:*} port=${at##*:}
    [ "$host" != "$at" ] || port=$3
    host=${host#[} host=${host%]}
    say "using the server of $1 at $host, port $port"
    listening "$host" "$port" || die "nothing listens at $host, port $port; see $1"
}

postgres_start() { # PORT
    local port=$1 user home="$work/postgres"
    local data="$home/data" log="$home/log"
    postgres_locales="$work/locales"
    user=$(pick_user postgres nobody) || user=$(id -un)
    own_folder "$user" "$home"
    [ -e "$data/PG_VERSION" ] || postgres_init "$user" "$data" >"$work/postgres.log" 2>&1 || return
    [ -d "$postgres_locales" ] || postgres_german "$user" "$data" >>"$work/postgres.log" 2>&1
    # Known before it starts: a signal may come while it does.
    postgres_data=$data postgres_user=$user
    # Without fsync: it would survive what these tests do to it, which is to be killed, and no power cut.
    # Over TCP alone: a socket would have to fit its path into 107 bytes.
    as_user "$user" env LOCPATH="$postgres_locales" "$postgres_bin/pg_ctl" -D "$data" -l "$log" -w -t 60 -s start \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=500 \
        -c max_prepared_transactions=64 -c shared_buffers=64MB -c fsync=off" </dev/null >>"$work/postgres.log" 2>&1 || {
        cat "$log" >>"$work/postgres.log"
        return 1
    }
    TXKIT_POSTGRES_URL="postgres://txkit:$postgres_password@127.0.0.1:$port/txkit"
    say "PostgreSQL $("$postgres_bin/postgres" --version | grep -oE '[0-9][0-9.]*' | head -1) on port $port"
}

postgres_init() { # USER DATA
    local user=$1 data=$2
    postgres_password=$(secret)
    # shellcheck disable=SC2016
    as_user "$user" sh -c 'umask 077; cat >"$1"' sh "$data.password" <<<"$postgres_password" &&
        as_user "$user" "$postgres_bin/initdb" -D "$data" -U txkit -A scram-sha-256 --pwfile="$data.password" -E UTF8 --locale=C &&
        echo 'CREATE DATABASE txkit' | as_user "$user" "$postgres_bin/postgres" --single -D "$data" postgres
}

# Lets the server say its errors in German, by a locale below the temporary folder: the machine's stay as they are.
postgres_german() { # USER DATA
    local user=$1 data=$2 locale=de_DE.UTF-8
    mkdir "$postgres_locales" && localedef -i de_DE -f UTF-8 --no-archive "$postgres_locales/$locale"
    chmod -R a+rX "$postgres_locales"
    # It may have been built or installed without the texts, so that only asking tells.
    if echo 'SELECT nothing' | as_user "$user" env LOCPATH="$postgres_locales" "$postgres_bin/postgres" --single \
        -D "$data" -c lc_messages="$locale" txkit 2>&1 | grep FEHLER; then
        export TXKIT_POSTGRES_GERMAN=$locale
    fi
}

postgres_stop() {
    [ -n "$postgres_data" ] || return
    as_user "$postgres_user" "$postgres_bin/pg_ctl" -D "$postgres_data" -w -t 30 -s -m fast stop >/dev/null 2>&1 ||
        as_user "$postgres_user" "$postgres_bin/pg_ctl" -D "$postgres_data" -w -s -m immediate stop >/dev/null 2>&1
    postgres_data=
}

mariadb_start() { # PORT
    local port=$1 user data="$work/mariadb"
    user=$(pick_user mysql nobody) || user=$(id -un)
    if [ ! -d "$data/mysql" ]; then
        own_folder "$user" "$data"
        # Of its own: a server that starts removes what others have in a folder that they share.
        own_folder "$user" "$work/mariadb-tmp"
        as_user "$user" "$mariadb_install" --no-defaults --datadir="$data" --tmpdir="$work/mariadb-tmp" --auth-root-authentication-method=normal \
            --skip-test-db >"$work/mariadb.log" 2>&1 || return
        mariadb_password=$(secret)
    fi
    mariadb_first_statements "$mariadb_password" >"$work/mariadb.sql"
    # In a session of its own, so that Ctrl-C reaches it through `leave` alone.
    (become "$user" setsid "$mariadb_server" --no-defaults --datadir="$data" --tmpdir="$work/mariadb-tmp" --socket="$work/mariadb/socket" \
        --port="$port" --bind-address=127.0.0.1 --pid-file="$data/pid" --init-file="$work/mariadb.sql" \
        --max-connections=500 --innodb-buffer-pool-size=64M --innodb-flush-method=nosync --skip-name-resolve --performance-schema=OFF \
        --character-set-server=utf8mb4) </dev/null >>"$work/mariadb.log" 2>&1 &
    mariadb_pid=$!
    mariadb_wait || { mariadb_stop; return 1; }
    TXKIT_MYSQL_URL="mysql://txkit:$mariadb_password@127.0.0.1:$port/txkit"
    say "MariaDB $("$mariadb_server" --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -1) on port $port"
}

# What the server runs as it starts, so that no client program is needed.
mariadb_first_statements() { # PASSWORD
    cat <<SQL
CREATE DATABASE IF NOT EXISTS txkit;
CREATE OR REPLACE USER txkit@'%' IDENTIFIED BY '$1';
GRANT ALL PRIVILEGES ON *.* TO txkit@'%' WITH GRANT OPTION;
ALTER USER root@localhost IDENTIFIED BY '$1';
DELETE FROM mysql.global_priv WHERE User = '';
FLUSH PRIVILEGES;
SQL
}

mariadb_wait() {
    local _
    for _ in {1..300}; do
        kill -0 "$mariadb_pid" 2>/dev/null || return
        # Said once the first statements have run.
        ! grep -q 'ready for connections' "$work/mariadb.log" || return 0
        sleep 0.2
    done
    return 1
}

mariadb_stop() {
    local _
    [ -n "$mariadb_pid" ] || return
    kill -TERM "$mariadb_pid" 2>/dev/null
    for _ in {1..100}; do
        kill -0 "$mariadb_pid" 2>/dev/null || break
        sleep 0.2
    done
    kill -KILL "$mariadb_pid" 2>/dev/null
    wait "$mariadb_pid" 2>/dev/null
    mariadb_pid=
}
