//! A MariaDB data folder and the settings it is served with; knows nothing of the server's life, nor of clusters.

use std::path::Path;

use super::{
    account::{Account, password},
    error::{Doing as _, ServerError},
    process::Farewell,
    programs,
    site::Site,
};

/// Makes a data folder below `home`, with the user `txkit`, who may do everything, and the database `txkit`.
pub(super) async fn prepare(home: &Path) -> Result<Site, ServerError> {
    let site = place(home, &password()?)?;
    let mut install = site
        .account
        .command(programs::mariadb_install(&site.program)?);
    install
        .arg("--no-defaults")
        .arg("--auth-root-authentication-method=normal");
    install
        .arg("--skip-test-db")
        .arg(format!("--datadir={}", site.data.display()))
        .arg(format!("--tmpdir={}", temporary(&site)));
    site.account.run(install, "", &site.log).await?;
    // By the server itself, so that no client program is needed and no first start.
    let mut bootstrap = site.account.command(&site.program);
    bootstrap.arg("--no-defaults").arg("--bootstrap");
    bootstrap
        .arg(format!("--datadir={}", site.data.display()))
        .arg(format!("--tmpdir={}", temporary(&site)));
    let statements = first_statements(&site.password);
    site.account.run(bootstrap, &statements, &site.log).await?;
    Ok(site)
}

/// A server's place below `home`, its data folder empty.
pub(super) fn place(home: &Path, password: &str) -> Result<Site, ServerError> {
    let account = Account::pick(&["mysql", "nobody"])?;
    let home = std::path::absolute(home).doing(|| "find `home`".into())?;
    account.home(&home)?;
    account.folder(&home.join("data"))?;
    // Of its own: a server that starts removes what others have in a folder that they share.
    account.folder(&home.join("tmp"))?;
    Ok(Site {
        scheme: "mysql",
        program: programs::mariadbd()?,
        account,
        password: password.into(),
        port: 0,
        data: home.join("data"),
        log: home.join("log"),
        farewell: Farewell::Kill,
    })
}

fn temporary(site: &Site) -> String {
    site.home().join("tmp").display().to_string()
}

/// Each in one line, as the server reads them before it serves.
fn first_statements(password: &str) -> String {
    [
        // Until then it knows no users.
        "FLUSH PRIVILEGES;",
        "CREATE DATABASE txkit;",
        &format!("CREATE USER txkit@'%' IDENTIFIED BY '{password}';"),
        "GRANT ALL PRIVILEGES ON *.* TO txkit@'%' WITH GRANT OPTION;",
        &format!("ALTER USER root@localhost IDENTIFIED BY '{password}';"),
        "DELETE FROM mysql.global_priv WHERE User = '';",
        "FLUSH PRIVILEGES;\n",
    ]
    .join("\n")
}

/// As in production, but small: what is committed is on the disk.
pub(super) fn settings(site: &Site) -> String {
    let (data, tmp, port) = (site.data.display(), temporary(site), site.port);
    // The server works in its data folder: a short name always fits into a socket's 107 bytes.
    format!(
        "[mysqld]\n\
         datadir={data}\n\
         tmpdir={tmp}\n\
         socket=socket\n\
         pid_file=pid\n\
         port={port}\n\
         bind_address=127.0.0.1\n\
         skip_name_resolve\n\
         character_set_server=utf8mb4\n\
         performance_schema=OFF\n\
         max_connections=300\n\
         innodb_flush_log_at_trx_commit=1\n\
         innodb_buffer_pool_size=64M\n\
         innodb_log_file_size=32M\n\
         key_buffer_size=8M\n\
         aria_pagecache_buffer_size=8M\n"
    )
}

/// Writes the settings: state transfers read them too.
pub(super) fn configure(site: &Site, more: &str) -> Result<(), ServerError> {
    let file = site.home().join("settings");
    site.account.file(&file, &(settings(site) + more))
}

pub(super) fn args(site: &Site) -> Vec<String> {
    vec![format!(
        "--defaults-file={}",
        site.home().join("settings").display()
    )]
}
