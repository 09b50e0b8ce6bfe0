//! One binary for everything that needs the whole program, on SQLite by default and on PostgreSQL with
//! `TONGBAN_TEST_ENGINE=postgres` and `TONGBAN_TEST_DATABASE_URL`.

mod support;

mod access;
mod api;
mod bad_input;
mod calendar;
mod demo;
mod enquiries;
mod keys;
mod licences;
mod messages;
mod outages;
mod samples;
mod smtp;
mod tidy;
mod time;
mod verify;
mod writer;
