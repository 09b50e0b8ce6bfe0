//! A PostgreSQL of the bench's own, with the settings Debian ships (full durability), so that it may be killed: made with
//! initdb, run as user `postgres` when the bench is root, reached over loopback only.

use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::{Child, Command};

use crate::database::Db;
use crate::{Outcome, machine};

/// The server.
#[derive(Debug)]
pub struct Postgres {
    bin: PathBuf,
    data: PathBuf,
    user: Option<(u32, u32)>,
    port: u16,
    child: Option<Child>,
}

impl Postgres {
    /// Makes the data folder if it is empty, and starts the server.
    pub async fn open(bin: &Path, data: &Path) -> Outcome<Self> {
        let user = unprivileged()?;
        std::fs::create_dir_all(data).map_err(|e| e.to_string())?;
        if let Some((uid, gid)) = user {
            chown(data, Some(uid), Some(gid)).map_err(|e| e.to_string())?;
            for folder in data.ancestors().skip(1).take(2) {
                readable(folder);
            }
        }
        let socket = std::net::TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
        let port = socket.local_addr().map_err(|e| e.to_string())?.port();
        drop(socket);
        let mut server = Self { bin: bin.to_owned(), data: data.to_owned(), user, port, child: None };
        if !data.join("PG_VERSION").exists() {
            let mut initdb = server.command("initdb");
            initdb.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-D"]).arg(data);
            let output = initdb.output().await.map_err(|e| format!("initdb: {e}"))?;
            if !output.status.success() {
                return Err(format!("initdb: {}", String::from_utf8_lossy(&output.stderr)));
            }
        }
        server.start().await?;
        Ok(server)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
            .current_dir("/")
            .kill_on_drop(true)
            .stdin(Stdio::null())
            .env_clear()
            .env("PATH", "/usr/bin:/bin");
        command
    }

    /// Address of a database on it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// Process of the postmaster.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(Child::id)
    }

    /// Starts the server and waits until it answers; after a kill it recovers first.
    pub async fn start(&mut self) -> Outcome<()> {
        let began = Instant::now();
        let log_path = self.data.with_extension("log");
        loop {
            let log = std::fs::OpenOptions::new().create(true).append(true).open(&log_path);
            let log = log.map_err(|e| e.to_string())?;
            let errors = log.try_clone().map_err(|e| e.to_string())?;
            let mut command = self.command("postgres");
            command.arg("-D").arg(&self.data).args([
                "-p",
                &self.port.to_string(),
                "-c",
                "listen_addresses=127.0.0.1",
            ]);
            command.arg("-c").arg(format!("unix_socket_directories={}", self.data.display()));
            let mut child =
                command.stdout(log).stderr(errors).spawn().map_err(|e| format!("postgres: {e}"))?;
            loop {
                if Db::postgres(&self.url("postgres")).await.is_ok() {
                    self.child = Some(child);
                    return Ok(());
                }
                if began.elapsed() > Duration::from_secs(60) {
                    return Err(format!("PostgreSQL does not answer, see {}", log_path.display()));
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
                // It gives up while children of the killed one still hold the shared memory: then it is tried again.
                if child.try_wait().map_err(|e| e.to_string())?.is_some() {
                    tokio::time::sleep(Duration::from_millis(250)).await;
                    break;
                }
            }
        }
    }

    /// kill -9 of the postmaster and all its children at once.
    pub async fn kill(&mut self) -> Outcome<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        let Some(pid) = child.id() else { return Ok(()) };
        let mut all = vec![pid];
        all.extend(machine::children(pid));
        machine::signal("KILL", &all)?;
        child.wait().await.map(drop).map_err(|e| e.to_string())?;
        for _ in 0..200 {
            let left = all.iter().any(|p| machine::name(*p).is_some_and(|n| n == "postgres"));
            if !left {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// Asks it to stop and waits.
    pub async fn stop(mut self) -> Outcome<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        machine::signal("INT", &[child.id().unwrap_or_default()])?;
        match tokio::time::timeout(Duration::from_secs(60), child.wait()).await {
            Ok(_) => Ok(()),
            Err(_) => child.kill().await.map_err(|e| e.to_string()),
        }
    }
}

/// User and group of `postgres` when this is root; PostgreSQL refuses to run as root.
fn unprivileged() -> Outcome<Option<(u32, u32)>> {
    let status = std::fs::read_to_string("/proc/self/status").map_err(|e| e.to_string())?;
    let uid = status.lines().find_map(|l| l.strip_prefix("Uid:")).and_then(|l| l.split_whitespace().next());
    if uid != Some("0") {
        return Ok(None);
    }
    let passwd = std::fs::read_to_string("/etc/passwd").map_err(|e| e.to_string())?;
    let line = passwd.lines().find(|l| l.starts_with("postgres:")).ok_or("there is no user postgres")?;
    let mut fields = line.split(':').skip(2).map_while(|f| f.parse().ok());
    Ok(fields.next().zip(fields.next()))
}

/// The work folder was made by root for itself; the database's user has to pass through it.
fn readable(folder: &Path) {
    if let Ok(meta) = folder.metadata()
        && meta.permissions().mode() & 0o055 != 0o055
        && folder.file_name().is_some_and(|n| n.to_string_lossy().starts_with("tongban-bench"))
    {
        // If it fails, initdb says so in its own words.
        drop(std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755)));
    }
}
