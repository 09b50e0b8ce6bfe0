//! The law of tongban (通办): what may happen to a case, when it is due, who may do it and what follows.
//! Knows no database, no network, no wall clock and no chance: time and chance are parameters.
//!
//! Reading order: [`ids`], [`calendar`], [`division`], [`agency`], [`item`], [`party`], [`permit`], [`authority`],
//! [`case`], [`enquiry`].

pub mod agency;
pub mod authority;
pub mod calendar;
pub mod case;
pub mod division;
pub mod enquiry;
pub mod ids;
pub mod item;
pub mod party;
pub mod permit;
#[cfg(any(test, feature = "sample"))]
pub mod sample;
