//! The web application as its clients see it: a real service on a real
//! SQLite database, asked through the router without a socket. Only the
//! network is a double: it answers the same boxes for every image.

mod accountability;
mod accounts;
mod base_path;
mod bed;
mod connections;
mod dataset_imports;
mod docs;
mod exhaustion;
mod files;
mod grpc;
mod inference;
mod label_studio;
mod links;
mod lists;
mod models;
mod open_inference;
#[path = "../../../crates/formats/tests/packing/mod.rs"]
#[allow(dead_code, reason = "shared with the tests of formats")]
mod packing;
mod pages;
mod picsellia;
mod picsellia_data;
mod proxies;
mod python_client;
mod repetition;
mod reports;
mod reviews;
mod roles;
mod senders;
mod settings;
mod stream;
mod words;
