//! The program under measure: started on loopback with a data folder of its own, stopped politely or killed.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::http::{Client, Request};
use crate::{Outcome, machine};

/// How long a start may take: the machine may be busy, and PostgreSQL may be recovering.
const START: Duration = Duration::from_secs(120);

/// How the program is started.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Binary.
    pub bin: PathBuf,
    /// Data folder.
    pub data: PathBuf,
    /// PostgreSQL; none: the embedded database.
    pub database_url: Option<String>,
}

impl Setup {
    fn command(&self, word: &str) -> Command {
        let mut command = Command::new(&self.bin);
        command.arg(word).arg("--data").arg(&self.data);
        // Only what the bench says counts, not what the environment happens to hold.
        command.env_remove("TONGBAN_DATABASE_URL").env_remove("TONGBAN_DATA").env_remove("TONGBAN_BASE_URL");
        if let Some(url) = &self.database_url {
            command.arg("--database-url").arg(url);
        }
        command.kill_on_drop(true).stdin(Stdio::null());
        command
    }

    /// Runs `tongban WORD` to its end; gives whether it exits 0, and what it printed.
    pub async fn run(&self, word: &str) -> Outcome<(bool, String)> {
        let output = self.command(word).stdout(Stdio::piped()).stderr(Stdio::piped()).output();
        let output = tokio::time::timeout(Duration::from_secs(600), output).await;
        let output = output.map_err(|_| format!("tongban {word} did not end in 10 minutes"))?;
        let output = output.map_err(|e| format!("{}: {e}", self.bin.display()))?;
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        Ok((output.status.success(), text.into_owned()))
    }

    /// Starts the program and waits until it is ready.
    pub async fn start(&self, jobs: bool) -> Outcome<Server> {
        std::fs::create_dir_all(&self.data).map_err(|e| e.to_string())?;
        let log_path = self.data.join("server.log");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&log_path);
        let mut command = self.command("serve");
        command.args(["--demo", "--listen", "127.0.0.1:0"]);
        if !jobs {
            command.arg("--no-jobs");
        }
        let began = Instant::now();
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(log.map_err(|e| e.to_string())?)
            .spawn()
            .map_err(|e| format!("{}: {e}", self.bin.display()))?;
        let pid = child.id().ok_or("the server is gone")?;
        let stdout = child.stdout.take().ok_or("no output")?;
        let mut lines = BufReader::new(stdout).lines();
        let mut printed = String::new();
        let told = async {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some((_, address)) = line.split_once("http://") {
                    return address.trim().parse::<SocketAddr>().ok();
                }
                printed.push_str(&line);
            }
            None
        };
        let address = tokio::time::timeout(START, told).await.ok().flatten();
        let Some(address) = address else {
            let log = std::fs::read_to_string(&log_path).unwrap_or_default();
            let end: Vec<&str> = log.lines().rev().take(8).collect();
            let end: Vec<&str> = end.into_iter().rev().collect();
            return Err(format!("the server did not start: {printed}\n{}", end.join("\n")));
        };
        // Whatever else it prints is read, so that it never waits for a full pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let server = Server { child, pid, address, ready_after: began.elapsed() };
        while server.health().await.is_none() {
            if began.elapsed() > START {
                return Err("the server does not become ready".into());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(Server { ready_after: began.elapsed(), ..server })
    }
}

/// The running program.
#[derive(Debug)]
pub struct Server {
    child: Child,
    /// Process.
    pub pid: u32,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start until /healthz said 200.
    pub ready_after: Duration,
}

/// What /healthz counts; none where the server does not say.
#[derive(Debug, Clone, Copy, Default)]
pub struct Health {
    /// Batches the writer committed.
    pub batches: Option<u64>,
}

impl Server {
    /// What /healthz says; none unless it answers 200.
    pub async fn health(&self) -> Option<Health> {
        let answer = Client::new(self.address).send(&Request::get("/healthz", &"".into())).await.ok()?;
        answer.ok().then(|| Health { batches: answer.json()["batches"].as_u64() })
    }

    /// Asks it to stop and waits.
    pub async fn stop(mut self) -> Outcome<()> {
        machine::signal("TERM", &[self.pid])?;
        match tokio::time::timeout(Duration::from_secs(60), self.child.wait()).await {
            Ok(Ok(status)) if status.success() => Ok(()),
            Ok(Ok(status)) => Err(format!("the server ended with {status}")),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => {
                self.kill().await?;
                Err("the server did not stop in a minute".into())
            }
        }
    }

    /// kill -9.
    pub async fn kill(mut self) -> Outcome<()> {
        self.child.kill().await.map_err(|e| e.to_string())
    }
}
