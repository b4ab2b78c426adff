//! The words of Fovea and the rules that hold between them.
//!
//! Pure: no clock, no randomness, no I/O. Time, ids and seeds are arguments.
//! The same code runs in the server, in the command line and in the browser.

pub mod access;
pub mod alert;
pub mod comparison;
pub mod dataset;
pub mod deployment;
pub mod drift;
pub mod event;
pub mod fault;
pub mod feedback;
pub mod gate;
pub mod geometry;
pub mod ids;
pub mod inference;
pub mod learning;
pub mod lifetime;
pub mod lineage;
pub mod listing;
pub mod metrics;
pub mod model;
pub mod monitor;
pub mod name;
pub mod notice;
pub mod outlier;
pub mod page;
pub mod prediction;
pub mod query;
pub mod randomness;
pub mod retention;
pub mod review;
pub mod statistics;
pub mod time;
pub mod training;
pub mod training_data;
pub mod work;
