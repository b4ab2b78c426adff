//! What programs of other tools keep here and Fovea itself makes nothing of:
//! the name of a model before it has a version, logs and files of a training
//! that ran elsewhere.

use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// One thing that is kept, as its sender said it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForeignRecord {
    /// Identity.
    pub id: Uuid,
    /// What it is, as its reader calls it.
    pub kind: String,
    /// What it belongs to: the id of anything, nil for nothing.
    pub parent: Uuid,
    /// Unique among what belongs to the same and is of one kind.
    pub name: String,
    /// What was said of it.
    pub body: Value,
    /// The file that belongs to it.
    pub file: Option<KeptBytes>,
    /// When it was made.
    pub created: Timestamp,
}

/// A file by its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBytes {
    /// SHA-256 of the bytes, hex.
    pub sha256: String,
    /// Length in bytes.
    pub bytes: u64,
}
