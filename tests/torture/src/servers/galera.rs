//! A Galera cluster on loopback, whose nodes may be killed and join again; knows nothing of what runs on it.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use super::{
    TRIES,
    error::{Doing as _, ServerError},
    mariadb, ping, ports,
    process::Process,
    programs,
    site::Site,
};

/// MariaDB servers that hold the same data, each killed when dropped.
///
/// What is committed on one is known to all, and seen there a moment later: at once with `wsrep_sync_wait`. Galera's
/// own time limits are its defaults: commits wait about six seconds for a killed node. A majority must live on, so
/// that two nodes survive no kill. For the folder see [`Server`](super::Server).
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Node>,
    library: PathBuf,
    snapshot_isolation: bool,
}

#[derive(Debug)]
struct Node {
    site: Site,
    /// Where the others reach it.
    group: u16,
    /// Where it receives what it missed.
    missed: u16,
    /// Where it receives all there is.
    state: u16,
    process: Option<Process>,
}

impl Cluster {
    /// Makes and starts a cluster of so many nodes below `home`, one after another; each is synced on return.
    ///
    /// # Errors
    /// If something is not installed, or a node does not start or join.
    pub async fn start(
        home: &Path,
        nodes: usize,
        snapshot_isolation: bool,
    ) -> Result<Self, ServerError> {
        programs::transfer()?;
        let first = mariadb::prepare(&home.join("node0")).await?;
        let password = first.password.clone();
        let mut sites = vec![first];
        for node in 1..nodes {
            // Its data is to come from the others, and users are data.
            sites.push(mariadb::place(
                &home.join(format!("node{node}")),
                &password,
            )?);
        }
        let mut cluster = Self {
            nodes: sites.into_iter().map(Node::new).collect(),
            library: programs::galera()?,
            snapshot_isolation,
        };
        for node in 0..nodes {
            cluster.first(node).await?;
        }
        Ok(cluster)
    }

    async fn first(&mut self, node: usize) -> Result<(), ServerError> {
        let mut tries = 0..TRIES;
        loop {
            tries.next();
            self.nodes[node].move_to(ports::free());
            let how = if node == 0 {
                self.nodes[node].forget()?;
                vec!["--wsrep-new-cluster".into(), address("")]
            } else {
                vec![self.others(node)?]
            };
            match self.begin(node, &how).await {
                Err(ServerError::Ended(_)) if !tries.is_empty() => {}
                other => return other,
            }
        }
    }

    /// Where clients of this node find the database `txkit`, as a user who may do everything.
    ///
    /// # Panics
    /// As all that takes a node, if there is none of this number.
    #[must_use]
    pub fn url(&self, node: usize) -> String {
        self.nodes[node].site.url()
    }

    /// The host and the port of this node; they stay the same when it joins again.
    #[must_use]
    pub fn address(&self, node: usize) -> (String, u16) {
        self.nodes[node].site.address()
    }

    /// SIGKILL to this node and whatever it started; returns when they are gone, not when the others know.
    pub async fn kill(&mut self, node: usize) {
        if let Some(process) = self.nodes[node].process.take() {
            process.kill().await;
        }
    }

    /// Starts a killed node and joins it to those that live; returns when it has all they have and takes clients.
    ///
    /// They must hold a majority of the cluster as it last was: kill one, let it join, kill the next.
    ///
    /// # Errors
    /// If it runs already, if no other lives, or if it does not start or join.
    pub async fn rejoin(&mut self, node: usize) -> Result<(), ServerError> {
        if self.nodes[node].is_alive() {
            return Err(ServerError::Running);
        }
        let others = self.others(node)?;
        // One that ended by itself may have left processes behind.
        self.kill(node).await;
        let position = self.nodes[node].recover(&others).await?;
        let position = position.map(|at| format!("--wsrep-start-position={at}"));
        let how: Vec<String> = std::iter::once(others).chain(position).collect();
        self.begin(node, &how).await
    }

    /// Whether this node has all the others have, and takes clients.
    pub async fn is_synced(&self, node: usize) -> bool {
        is_synced(&self.nodes[node].site).await
    }

    /// How many nodes this one sees, itself included; none where it takes no client.
    pub async fn size(&self, node: usize) -> Option<usize> {
        let status = ping::status(&self.nodes[node].site).await?;
        status.get("wsrep_cluster_size")?.parse().ok()
    }

    async fn begin(&mut self, node: usize, how: &[String]) -> Result<(), ServerError> {
        let settings = self.settings(node);
        let node = &mut self.nodes[node];
        mariadb::configure(&node.site, &settings)?;
        let args: Vec<String> = mariadb::args(&node.site)
            .into_iter()
            .chain(how.to_vec())
            .collect();
        let process = node.site.start(&args)?;
        node.site.until(&process, || is_synced(&node.site)).await?;
        node.process = Some(process);
        Ok(())
    }

    /// The address of those that live.
    fn others(&self, node: usize) -> Result<String, ServerError> {
        let others = self.nodes.iter().enumerate();
        let living = others.filter(|(at, other)| *at != node && other.is_alive());
        let living: Vec<String> = living
            .map(|(_, other)| format!("127.0.0.1:{}", other.group))
            .collect();
        if living.is_empty() {
            return Err(ServerError::NobodyLives);
        }
        Ok(address(&living.join(",")))
    }

    fn settings(&self, node: usize) -> String {
        let Node {
            site,
            group,
            missed,
            state,
            ..
        } = &self.nodes[node];
        let isolation = match self.snapshot_isolation {
            true => "innodb_snapshot_isolation=ON",
            // Off anyway where there is no such variable.
            false => "loose_innodb_snapshot_isolation=OFF",
        };
        format!(
            "binlog_format=ROW\n\
             default_storage_engine=InnoDB\n\
             innodb_autoinc_lock_mode=2\n\
             {isolation}\n\
             wsrep_on=ON\n\
             wsrep_provider={library}\n\
             wsrep_provider_options=\"gmcast.listen_addr=tcp://127.0.0.1:{group};base_port={group};\
             ist.recv_addr=127.0.0.1:{missed};gcache.size=16M\"\n\
             wsrep_cluster_name=txkit\n\
             wsrep_node_name=node{node}\n\
             wsrep_node_address=127.0.0.1:{group}\n\
             wsrep_node_incoming_address=127.0.0.1:{port}\n\
             wsrep_sst_method=rsync\n\
             wsrep_sst_receive_address=127.0.0.1:{state}\n",
            library = self.library.display(),
            port = site.port,
        )
    }
}

fn address(nodes: &str) -> String {
    format!("--wsrep-cluster-address=gcomm://{nodes}")
}

async fn is_synced(site: &Site) -> bool {
    let Some(status) = ping::status(site).await else {
        return false;
    };
    let says = |status: &HashMap<String, String>, name, value| {
        status.get(name).is_some_and(|is| is == value)
    };
    says(&status, "wsrep_ready", "ON") && says(&status, "wsrep_local_state_comment", "Synced")
}

impl Node {
    fn new(site: Site) -> Self {
        Self {
            site,
            group: 0,
            missed: 0,
            state: 0,
            process: None,
        }
    }

    fn move_to(&mut self, ports: [u16; 4]) {
        [self.site.port, self.group, self.missed, self.state] = ports;
    }

    fn is_alive(&self) -> bool {
        self.process.as_ref().is_some_and(Process::is_alive)
    }

    /// Forgets a first try, whose traces would forbid a second.
    fn forget(&self) -> Result<(), ServerError> {
        for name in ["grastate.dat", "gvwstate.dat"] {
            let file = self.site.data.join(name);
            if file.exists() {
                fs::remove_file(&file).doing(|| format!("remove `{}`", file.display()))?;
            }
        }
        Ok(())
    }

    /// How far it was when it was killed, as its storage knows: with that, it receives only what it missed.
    ///
    /// None where the data is no use, as after a kill amid a transfer: then it receives all there is.
    async fn recover(&self, others: &str) -> Result<Option<String>, ServerError> {
        let site = &self.site;
        let log = site.home().join("recover.log");
        site.account.file(&log, "")?;
        let mut command = site.account.command(&site.program);
        command
            .args(mariadb::args(site))
            .args([others, "--wsrep-recover"]);
        match site.account.run(command, "", &log).await {
            Ok(()) => {}
            Err(ServerError::Setup { .. }) => return Ok(None),
            Err(error) => return Err(error),
        }
        let text = fs::read(&log).doing(|| format!("read `{}`", log.display()))?;
        let text = String::from_utf8_lossy(&text);
        let said = text.rsplit_once("Recovered position:");
        let position = said.and_then(|(_, rest)| rest.split_whitespace().next());
        Ok(position.map(Into::into))
    }
}
