//! The tongban binary: reads the command line and hands over.

use std::process::ExitCode;

fn main() -> ExitCode {
    tongban::cli::run()
}
