//! Running the outside tools the tests judge with. A tool that is missing fails the test and says what to install.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that is removed when the test ends.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("tongban-documents-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("scratch folder");
        Self(folder)
    }

    pub fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("scratch file");
        path
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs a tool, whatever it answers.
pub fn run(tool: &str, package: &str, arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Output {
    let mut command = Command::new(tool);
    for argument in arguments {
        command.arg(argument.as_ref());
    }
    command.output().unwrap_or_else(|error| {
        panic!("this test needs the tool `{tool}` and it does not run ({error}): apt-get install {package}")
    })
}

/// Runs a tool that must succeed; its standard output.
pub fn succeed(tool: &str, package: &str, arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Vec<u8> {
    let output = run(tool, package, arguments);
    assert!(output.status.success(), "{tool} failed: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}
