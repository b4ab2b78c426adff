//! The measures: average precision and its intervals, errors by kind, tests of
//! two samples, drift, outlier scores, the gate.
//!
//! Pure, and usable without Fovea: categories are numbers, images are what was
//! measured of them, and whoever calls knows what both mean. No clock and no
//! I/O; chance follows from seeds that are arguments. Sums are made in a fixed
//! order, so that the server, the command line and the browser agree to the bit.

pub mod drift;
pub mod gate;
pub mod metrics;
pub mod outlier;
pub mod randomness;
pub mod statistics;
