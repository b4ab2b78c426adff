//! The detector.
mod kernels;
mod ops;
