//! The words of Fovea: ids, values, states, and the rules and traits between
//! them. The query language and the measures are crates of their own.
//!
//! Pure: no clock, no randomness, no I/O. Time, ids and seeds are arguments.
//! The same code runs in the server, in the command line and in the browser.

pub mod access;
pub mod alert;
pub mod comparison;
pub mod dataset;
pub mod dataset_import;
pub mod deployment;
pub mod drift;
pub mod event;
pub mod fault;
pub mod feedback;
pub mod foreign_record;
pub mod ids;
pub mod inference;
pub mod learning;
pub mod lifetime;
pub mod lineage;
pub mod listing;
pub mod model;
pub mod monitor;
pub mod name;
pub mod notice;
pub mod page;
pub mod prediction;
pub mod recipe;
pub mod retention;
pub mod review;
pub mod settings;
mod table;
pub mod training;
pub mod training_data;
pub mod work;

// The values that every word of the product is made of.
pub use units::{geometry, text, time, words};
