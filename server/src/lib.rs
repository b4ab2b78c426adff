//! The `fovea` program: command line, web server, REST API, workers. Brings
//! the parts together and holds no rule of the product.

mod background;
mod cli;
mod client;
mod clock;
mod compose;
mod demo;
pub mod http;
mod jobs;
pub mod listener;
mod messages;
mod private_files;
mod trainer_process;
mod trainers;

pub use cli::run;
pub use clock::{RisingIds, SystemClock};
