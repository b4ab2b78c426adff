//! The query language from outside: what it refuses, and what it offers to a
//! search bar.

mod completing;
mod refusing;
