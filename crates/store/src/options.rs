//! Where the data lies and how safely.

use std::path::Path;

/// What a killed machine (not a killed process) may lose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The last moments before a power cut; nothing when only the process dies.
    #[default]
    Normal,
    /// Nothing: every commit and every file waits for the disk.
    Full,
}

/// Where the data lies and how safely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreOptions {
    /// `sqlite://PATH` or `postgres://…` (PostgreSQL 15 or later).
    pub database_url: String,
    /// A folder, `file://…`, or `s3://bucket/prefix` with the credentials in
    /// the usual `AWS_*` variables.
    pub storage_url: String,
    /// What a power cut may lose.
    pub durability: Durability,
}

impl StoreOptions {
    /// SQLite in `folder/fovea.db` and files in `folder/objects`.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            database_url: format!("sqlite://{}", folder.join("fovea.db").display()),
            storage_url: folder.join("objects").display().to_string(),
            durability: Durability::default(),
        }
    }
}
