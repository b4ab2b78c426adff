//! How much a query may be: what reads it holds all of it at once, and goes
//! down into its parentheses by recursion.

/// A longer query is refused unread.
pub const MAX_BYTES: usize = 8192;
/// How deep parentheses may nest, those of `has` and `count` not counted.
pub const MAX_DEPTH: usize = 64;
/// Comparisons and list values that a query may have.
pub const MAX_CONDITIONS: usize = 256;
