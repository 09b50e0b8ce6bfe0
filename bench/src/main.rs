//! Load, durability, document and clock measurements of tongban, run from outside against the built binary on loopback.
//! It knows the HTTP API and the tables; it links nothing of the platform. See the README of this folder.

mod bare;
mod database;
mod documents;
mod durability;
mod engine;
mod fill;
mod http;
mod life;
mod load;
mod machine;
mod options;
mod postgres;
mod report;
mod server;
mod template;
mod trace;
mod watch;

use std::process::ExitCode;

use options::{Measure, Options};

/// A result whose error is a sentence for the terminal.
pub type Outcome<T> = Result<T, String>;

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };
    // One thread for all clients: the generator must take as little of the two cores as it can.
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        match options.measure {
            Measure::Load => load::run(&options).await,
            Measure::Documents => documents::run(&options).await,
            Measure::Durability => durability::run(&options).await,
            Measure::Watch => watch::run(&options).await,
        }
    });
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("tongban-bench: {message}");
            ExitCode::FAILURE
        }
    }
}
