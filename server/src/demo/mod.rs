//! What the demo shows: pictures it draws itself, so that it needs nothing
//! but the program. Knows nothing of the command line.

mod cells;
mod reviewer;
mod smear;
mod stage;
mod traffic;

pub(crate) use reviewer::{Plan, Reviewer};
pub(crate) use stage::{DEPLOYMENT, DRAWN_TRAINING, FirstTraining, REVIEWS_PER_TRAINING, Stage};
pub(crate) use traffic::{Arrival, DrawnTraffic, StoredTraffic, Traffic};
