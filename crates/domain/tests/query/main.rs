//! The query language from outside: what it means, what it refuses, its laws,
//! and what it offers to a search bar.

mod completing;
mod generate;
mod laws;
mod meaning;
mod planning;
mod refusing;
mod sample;
