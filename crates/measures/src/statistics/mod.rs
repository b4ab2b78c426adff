//! Statistics that know nothing of images: intervals, shares, tests of two
//! samples. Each submodule names the source of its formulas.

mod beta;
pub mod discovery;
mod interval;
pub mod label_shares;
pub mod permutation;
mod share;
pub mod two_samples;

pub use interval::{Estimate, quantile_of_sorted};
pub use share::Share;
