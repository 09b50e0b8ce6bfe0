//! The API, act by act.

mod docs;
mod life;
mod listing;
