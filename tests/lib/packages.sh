# Finds what the run stands on, and installs it where that is allowed.
# shellcheck shell=bash

apt_updated=

apt() {
    if [ "$(id -u)" = 0 ]; then
        DEBIAN_FRONTEND=noninteractive apt-get "$@" </dev/null >&2
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive apt-get "$@" </dev/null >&2
    fi
}

may_install() {
    command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }
}

# install WHAT PACKAGES..: tries each argument, itself a list of packages, until one can be installed.
install() {
    local what=$1 packages
    shift
    may_install || die "$what is missing and cannot be installed from here; install it (Debian: $1)"
    say "installing $what"
    [ -n "$apt_updated" ] || apt update -q || die "apt-get update failed"
    apt_updated=yes
    for packages in "$@"; do
        # shellcheck disable=SC2086 # a list of words
        apt install -q -y --no-install-recommends $packages && return
    done
    die "$what could not be installed"
}

need_compiler() {
    command -v cargo >/dev/null || die "cargo is missing, see https://rustup.rs"
    command -v cc >/dev/null || install "a C compiler" "gcc libc6-dev"
    libpq_found || install "PostgreSQL's client library" "libpq-dev pkg-config"
    mysql_client_found || install "MySQL's client library" "libmariadb-dev pkg-config" "default-libmysqlclient-dev pkg-config"
}

# What blocking Diesel links, looked for where its build scripts look.
libpq_found() {
    [ -n "${PQ_LIB_DIR-}" ] || pkg-config --exists libpq 2>/dev/null || {
        # The tool that comes with a server names a folder even where nothing to link against is in it.
        local folder
        folder=$(pg_config --libdir 2>/dev/null) && [ -n "$(ls "$folder"/libpq.{so,dylib,a} 2>/dev/null)" ]
    }
}

mysql_client_found() {
    [ -n "${MYSQLCLIENT_LIB_DIR-}" ] || pkg-config --exists mysqlclient 2>/dev/null ||
        pkg-config --exists libmariadb 2>/dev/null || mysql_config --libs >/dev/null 2>&1
}

# Prints the first argument that is a program, by path or by name.
first_program() {
    local program
    for program in "$@"; do
        command -v "$program" && return
    done
    return 1
}

# The folder of the newest PostgreSQL that has a server.
postgres_folder() {
    local initdb
    initdb=$(first_program initdb $(printf '%s\n' /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb | sort -rV)) || return
    dirname "$(readlink -f "$initdb")"
}

need_postgres() {
    postgres_bin=$(postgres_folder) && return
    install "a PostgreSQL server" postgresql
    postgres_bin=$(postgres_folder) || die "no PostgreSQL server, even after installing it"
}

# What a German locale is made of. Without it a few tests cannot ask for errors in German, and that is all.
want_german() {
    [ -e /usr/share/i18n/locales/de_DE ] || ! may_install || (install "the sources of locales" locales)
}

mariadb_programs() {
    mariadb_install=$(first_program mariadb-install-db mysql_install_db) &&
        mariadb_server=$(first_program mariadbd {/usr,/usr/local}/sbin/mariadbd /usr/libexec/mariadbd mysqld {/usr,/usr/local}/sbin/mysqld /usr/libexec/mysqld)
}

need_mariadb() {
    mariadb_programs && return
    # The core packages bring the server without starting one.
    install "a MariaDB server" "mariadb-server-core mariadb-client-core" mariadb-server
    mariadb_programs || die "no MariaDB server, even after installing it"
}

# What a cluster of MariaDB nodes is made of: the replication, and the script that copies one node's data to another.
galera_found() {
    [ -n "$(ls /usr/lib/galera/libgalera_smm.so /usr/lib*/galera*/libgalera_smm.so 2>/dev/null)" ] &&
        command -v wsrep_sst_rsync >/dev/null && command -v rsync >/dev/null &&
        { command -v lsof >/dev/null || command -v ss >/dev/null; }
}

need_galera() {
    galera_found && return
    without_services install "a MariaDB cluster" "mariadb-server galera-4 rsync lsof" || exit
    galera_found || die "no MariaDB cluster, even after installing it"
}

# Debian starts the servers that it installs; this keeps it from that.
without_services() { # COMMAND..
    local policy=/usr/sbin/policy-rc.d status
    if [ "$(id -u)" != 0 ] || [ -e "$policy" ] || [ ! -d /usr/sbin ]; then
        "$@"
        return
    fi
    printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
    # Where it gives up, it must not leave this behind.
    ("$@")
    status=$?
    rm -f "$policy"
    return "$status"
}
