//! The opaque text that says where the next page begins.

use crate::error::{Result, StoreError};
use domain::page::{Page, PageRequest};
use uuid::Uuid;

/// The id after which a page begins.
pub(crate) fn parse_id(request: &PageRequest) -> Result<Option<Uuid>> {
    request
        .cursor
        .as_deref()
        .map(|text| Uuid::parse_str(text).map_err(|_| StoreError::InvalidCursor))
        .transpose()
}

/// The number after which a page begins.
pub(crate) fn parse_number(request: &PageRequest) -> Result<Option<i64>> {
    request.cursor.as_deref().map(|text| text.parse().map_err(|_| StoreError::InvalidCursor)).transpose()
}

/// A page out of `limit + 1` fetched rows: one more than asked for says that
/// there is a next page.
pub(crate) fn page<T>(mut items: Vec<T>, limit: u32, key: impl Fn(&T) -> String) -> Page<T> {
    let limit = limit as usize;
    let more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = if more { items.last().map(key) } else { None };
    Page { items, next_cursor }
}

/// Rows to fetch for a page of `request`.
pub(crate) fn fetch(request: &PageRequest) -> u64 {
    u64::from(request.limit()) + 1
}
