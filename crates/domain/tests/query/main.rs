//! Queries of predictions: what they mean, their laws, and what follows from
//! them for an index.

mod generate;
mod laws;
mod meaning;
mod planning;
mod sample;
