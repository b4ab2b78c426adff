//! Every rule of the store, on SQLite and on PostgreSQL.
//!
//! [`harness::both`] makes two tests of each: one on a fresh SQLite file, one
//! on a fresh database of a private PostgreSQL server.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod access;
mod aggregates;
mod blobs;
mod bucket;
mod bulk;
mod datasets;
mod deployments;
mod events;
mod feedback;
mod files;
mod fixtures;
mod harness;
mod kept_files;
mod killed;
mod killed_files;
mod killed_reviews;
mod learning;
mod lineage;
mod models;
mod monitoring;
mod notices;
mod predictions;
mod pruning;
mod queries;
mod retention;
mod reviews;
mod staged_models;
mod statuses;
mod supervised;
mod uploads;
mod work;
