//! What the figures were measured on: machine, load, CPU time of processes. Reads /proc and asks `rustc` and `git`.

use std::process::Command;

use crate::Outcome;

/// CPU ticks (utime + stime) of one process; 0 when it is gone.
fn ticks(pid: u32) -> u64 {
    let Some((_, rest)) = stat(pid) else { return 0 };
    let fields: Vec<&str> = rest.split_whitespace().collect();
    // After the command's name the state is field 0, the parent 1, utime 11 and stime 12.
    let at = |n: usize| fields.get(n).and_then(|f| f.parse::<u64>().ok()).unwrap_or(0);
    at(11) + at(12)
}

fn stat(pid: u32) -> Option<(String, String)> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (head, rest) = text.rsplit_once(')')?;
    Some((head.split_once('(')?.1.to_owned(), rest.to_owned()))
}

/// The parent of a process.
pub fn parent(pid: u32) -> Option<u32> {
    stat(pid)?.1.split_whitespace().nth(1)?.parse().ok()
}

/// The command's name.
pub fn name(pid: u32) -> Option<String> {
    stat(pid).map(|(name, _)| name)
}

/// The children of a process.
pub fn children(of: u32) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(|e| e.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| parent(*pid) == Some(of))
        .collect()
}

/// CPU microseconds of a process so far.
pub fn cpu_us(pid: u32) -> u64 {
    ticks(pid) * tick_us()
}

/// CPU microseconds of a process and its living children.
pub fn cpu_us_with_children(pid: u32) -> u64 {
    (ticks(pid) + children(pid).into_iter().map(ticks).sum::<u64>()) * tick_us()
}

/// CPU microseconds of this process.
pub fn own_cpu_us() -> u64 {
    cpu_us(std::process::id())
}

fn tick_us() -> u64 {
    static TICK: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    *TICK.get_or_init(|| 1_000_000 / ask("getconf", &["CLK_TCK"]).parse::<u64>().unwrap_or(100).max(1))
}

/// CPU microseconds that all cores worked (everything but idle and waiting for disks).
pub fn busy_us() -> u64 {
    let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let line = text.lines().next().unwrap_or_default();
    let fields: Vec<u64> = line.split_whitespace().skip(1).filter_map(|f| f.parse().ok()).collect();
    let all: u64 = fields.iter().take(8).sum();
    let idle: u64 = fields.iter().skip(3).take(2).sum();
    (all - idle) * tick_us()
}

/// Most memory a process ever held, MiB.
pub fn peak_mib(pid: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

/// The three load averages.
pub fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

/// Cores this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// What a program prints, first line; empty when it cannot be run.
fn ask(program: &str, words: &[&str]) -> String {
    let Ok(output) = Command::new(program).args(words).output() else { return String::new() };
    String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().trim().to_owned()
}

/// Today and now, as the machine's clock has it: for file names.
pub fn date() -> String {
    ask("date", &["+%Y-%m-%d-%H%M%S"])
}

/// Sends a signal to processes this program started.
pub fn signal(which: &str, pids: &[u32]) -> Outcome<()> {
    if pids.iter().any(|p| *p <= 1) {
        return Err("not a process of ours".into());
    }
    let pids: Vec<String> = pids.iter().map(u32::to_string).collect();
    Command::new("kill").arg(format!("-{which}")).args(pids).output().map(drop).map_err(|e| e.to_string())
}

/// The machine in lines: label and value.
pub fn description() -> Vec<(String, String)> {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo
        .lines()
        .find_map(|l| l.strip_prefix("model name"))
        .unwrap_or("")
        .trim_matches([':', ' ', '\t']);
    let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory =
        meminfo.lines().next().and_then(|l| l.split_whitespace().nth(1)?.parse::<u64>().ok()).unwrap_or(0);
    let changed = if ask("git", &["status", "--porcelain"]).is_empty() { "" } else { " with changes" };
    [
        (
            "machine",
            format!("{} cores, {model}, {} GiB, {}", cores(), memory / 1024 / 1024, ask("uname", &["-sr"])),
        ),
        ("rustc", ask("rustc", &["--version"])),
        ("commit", ask("git", &["rev-parse", "--short=12", "HEAD"]) + changed),
        ("date", ask("date", &["--iso-8601=seconds"])),
    ]
    .into_iter()
    .map(|(label, value)| (label.to_owned(), value))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_found_with_its_parent_and_its_cpu_time() {
        let own = std::process::id();
        assert!(parent(own).is_some_and(|p| children(p).contains(&own)));
        assert!(name(own).is_some() && peak_mib(own) > 0 && busy_us() > 0);
        assert!(signal("KILL", &[1]).is_err());
    }
}
