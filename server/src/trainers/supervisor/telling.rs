//! What is told to the parent.

use crate::{trainer_process::write_line, trainers::speech::plain};
use domain::training::TrainEvent;

pub(super) fn say_left_out(count: u64, what: &str) {
    if count > 0 {
        say(&TrainEvent::Log { message: format!("({count} {what} left out: more than are kept)") });
    }
}

/// Without a parent nobody hears; the thread that watches it ends all.
pub(super) fn say(event: &TrainEvent) {
    if let Err(error) = write_line(&mut std::io::stdout().lock(), event) {
        tracing::debug!(error = plain(&error.to_string()), "nobody hears what a trainer says");
    }
}
