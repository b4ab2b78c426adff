//! The web application as its clients see it: a real service on a real
//! SQLite database, asked through the router without a socket. Only the
//! network is a double: it answers the same boxes for every image.

mod accountability;
mod accounts;
mod base_path;
mod bed;
mod connections;
mod exhaustion;
mod files;
mod lists;
mod pages;
mod proxies;
mod reports;
mod reviews;
mod roles;
mod settings;
mod stream;
mod words;
