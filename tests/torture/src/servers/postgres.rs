//! A PostgreSQL data folder and the settings it is served with; knows nothing of the server's life.

use std::path::Path;

use super::{
    account::{Account, password},
    error::{Doing as _, ServerError},
    process::Farewell,
    programs,
    site::Site,
};

/// Makes a data folder below `home`, with the superuser and the database `txkit`.
pub(super) async fn prepare(home: &Path) -> Result<Site, ServerError> {
    let bin = programs::postgres_folder()?;
    let account = Account::pick(&["postgres", "nobody"])?;
    let home = std::path::absolute(home.join("postgres")).doing(|| "find `home`".into())?;
    account.home(&home)?;
    let site = Site {
        scheme: "postgres",
        program: bin.join("postgres"),
        account,
        password: password()?,
        port: 0,
        data: home.join("data"),
        log: home.join("log"),
        farewell: Farewell::Quit,
    };
    let secret = home.join("password");
    site.account.file(&secret, &site.password)?;
    let mut initdb = site.account.command(bin.join("initdb"));
    initdb
        .arg("-D")
        .arg(&site.data)
        .arg("--pwfile")
        .arg(&secret);
    initdb.args([
        "-U",
        "txkit",
        "-A",
        "scram-sha-256",
        "-E",
        "UTF8",
        "--locale=C",
    ]);
    // Nothing is killed while the folder is made.
    initdb.arg("--no-sync");
    site.account.run(initdb, "", &site.log).await?;
    let mut single = site.account.command(&site.program);
    single
        .arg("--single")
        .arg("-D")
        .arg(&site.data)
        .arg("postgres");
    site.account
        .run(single, "CREATE DATABASE txkit\n", &site.log)
        .await?;
    Ok(site)
}

/// As in production, but small. Over TCP alone: a socket would have to fit its path into 107 bytes.
pub(super) fn args(site: &Site) -> Vec<String> {
    let settings = [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=300",
        "max_prepared_transactions=64",
        "shared_buffers=64MB",
        "fsync=on",
        "full_page_writes=on",
        "synchronous_commit=on",
        "restart_after_crash=on",
    ];
    let mut args = vec!["-D".into(), site.data.display().to_string()];
    args.extend(["-p".into(), site.port.to_string()]);
    args.extend(settings.iter().flat_map(|set| ["-c".into(), (*set).into()]));
    args
}
