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
