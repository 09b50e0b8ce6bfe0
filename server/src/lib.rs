//! tongban (通办): the shell around the law. Pages, API, jobs, storage, files and command line; a library and one binary.
//! Direction: main → cli → { web, api, jobs } → casework → { store, domain }.

pub mod app;
pub mod casework;
pub mod catalogue;
pub mod clock;
pub mod config;
pub mod error;
pub mod files;
pub mod secrets;
pub mod signin;
pub mod store;
