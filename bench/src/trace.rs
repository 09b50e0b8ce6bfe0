//! Counting flushes: strace watches the process that owns the files (the program, or PostgreSQL) during a short run.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use crate::{Outcome, machine};

/// strace at work.
#[derive(Debug)]
pub struct Trace {
    child: Child,
    output: std::path::PathBuf,
}

/// Flushes seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flushes {
    /// fdatasync
    pub fdatasync: usize,
    /// fsync
    pub fsync: usize,
}

impl Trace {
    /// Attaches to these processes, their threads and whatever they start; needs the right to (root, as a rule).
    pub async fn attach(pids: &[u32], folder: &Path) -> Outcome<Self> {
        let output = folder.join("flushes.strace");
        let errors = folder.join("strace.log");
        let log = std::fs::File::create(&errors).map_err(|e| e.to_string())?;
        let mut command = Command::new("strace");
        command.args(["-f", "-e", "trace=fdatasync,fsync", "-o"]).arg(&output);
        for pid in pids {
            command.args(["-p", &pid.to_string()]);
        }
        let child = command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        let mut child = child.map_err(|e| format!("strace: {e}"))?;
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let told = std::fs::read_to_string(&errors).unwrap_or_default();
            if child.try_wait().map_err(|e| e.to_string())?.is_some() {
                return Err(format!("strace: {}", told.trim()));
            }
            if pids.iter().all(|pid| told.contains(&format!("Process {pid} attached"))) {
                return Ok(Self { child, output });
            }
        }
        Err("strace did not attach in 5 s".into())
    }

    /// Lets go and counts.
    pub async fn end(mut self) -> Outcome<Flushes> {
        machine::signal("INT", &[self.child.id().unwrap_or_default()])?;
        let ended = tokio::time::timeout(Duration::from_secs(10), self.child.wait()).await;
        ended.map_err(|_| "strace did not let go")?.map_err(|e| e.to_string())?;
        let text = std::fs::read_to_string(&self.output).map_err(|e| e.to_string())?;
        Ok(count(&text))
    }
}

/// A call that was interrupted in the log by another thread's stands on two lines: only its beginning counts.
fn count(text: &str) -> Flushes {
    let begun = |call: &str| {
        let call = format!(" {call}(");
        text.lines().filter(|l| l.contains(&call)).count()
    };
    Flushes { fdatasync: begun("fdatasync"), fsync: begun("fsync") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_counts_once() {
        let text = "12 fdatasync(9) = 0\n13 fdatasync(9 <unfinished ...>\n12 fsync(7)  = 0\n13 <... fdatasync resumed>) = 0\n";
        assert_eq!(count(text), Flushes { fdatasync: 2, fsync: 1 });
    }
}
