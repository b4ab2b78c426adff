//! Views that people keep.

use super::SortOrder;
use crate::{ids::SavedViewId, time::Timestamp};
use serde::{Deserialize, Serialize};

/// A view that somebody kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    /// Identity.
    pub id: SavedViewId,
    /// Unique among its owner's of the deployment.
    pub name: String,
    /// The query as written.
    pub q: String,
    /// The order.
    pub sort: SortOrder,
    /// The rest of the page's address: columns, size, layout. Opaque.
    pub state: String,
    /// Whose it is, as people are named.
    pub owner: String,
    /// Whether the one who asks is the owner.
    pub mine: bool,
    /// Whether everybody sees it.
    pub shared: bool,
    /// When it was last saved.
    pub updated: Timestamp,
}

/// A view to be kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SaveView {
    /// 1 to 80 characters; a view of the same name and owner is replaced.
    pub name: String,
    /// Must be readable.
    pub q: String,
    /// The order.
    pub sort: SortOrder,
    /// At most 2000 bytes.
    pub state: String,
    /// Whether everybody sees it.
    pub shared: bool,
}
