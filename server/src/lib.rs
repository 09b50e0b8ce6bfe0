//! tongban (通办): the shell around the law. Pages, API, jobs, storage, files and command line; a library and one binary.
//! Direction: main → cli → { web, api, jobs } → casework → { store, domain }.

pub mod api;
pub mod app;
pub mod calendar;
pub mod casefile;
pub mod casework;
pub mod catalogue;
pub mod checking;
pub mod checkup;
pub mod cli;
pub mod clock;
pub mod config;
pub mod contacts;
pub mod door;
pub mod enquiries;
pub mod error;
pub mod files;
pub mod filing;
pub mod jobs;
pub mod outages;
pub mod outside;
pub mod secrets;
pub mod seed;
pub mod serve;
pub mod showing;
pub mod signin;
pub mod store;
pub mod verify;
pub mod web;
pub mod wording;
