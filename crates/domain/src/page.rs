//! Keyset pages: what comes after a place, never "the n-th thousand".

use serde::{Deserialize, Serialize};

/// Some items and where to go on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// In the order asked for.
    pub items: Vec<T>,
    /// Give it back to get the next page; `None` at the end. Opaque.
    pub next_cursor: Option<String>,
}

impl<T> Page<T> {
    /// The same page of other things.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), next_cursor: self.next_cursor }
    }
}

/// How much, from where.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageRequest {
    /// 1 to 200; `None` for 50.
    pub limit: Option<u32>,
    /// From a former page's `next_cursor`.
    pub cursor: Option<String>,
}

impl PageRequest {
    /// The number of items to fetch.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit.unwrap_or(50).clamp(1, 200)
    }
}
