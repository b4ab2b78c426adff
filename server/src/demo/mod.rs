//! What the demo shows: pictures it draws itself, so that it needs nothing
//! but the program. Knows nothing of the command line.

mod cells;
mod smear;
mod stage;
mod traffic;

pub(crate) use stage::{DEPLOYMENT, Stage};
pub(crate) use traffic::{DrawnTraffic, StoredTraffic, Traffic};
