//! What can go wrong with what is stored.

use crate::failure::{self, Failure};
use sea_orm::{DbErr, SqlErr};

/// The result of every call of this crate.
pub type Result<T> = std::result::Result<T, StoreError>;

/// Why the store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// What was named is not there.
    #[error("there is no {what}")]
    NotFound {
        /// Kind and name: `dataset "cells"`.
        what: String,
    },
    /// It clashes with what is there.
    #[error("{what}")]
    Conflict {
        /// A sentence for people.
        what: String,
    },
    /// A cursor that no page gave out.
    #[error("the cursor is not one that a page gave out")]
    InvalidCursor,
    /// A file was removed after it was stored and before a row named it:
    /// store it once more.
    #[error("the {what} was removed before its row was stored")]
    FileRemoved {
        /// Kind and hash.
        what: String,
    },
    /// The options cannot work.
    #[error("{0}")]
    Options(String),
    /// There is no space left for rows or files. What was to be stored is not.
    #[error("there is no space left: {0}")]
    Full(String),
    /// The database or the bucket cannot be reached or cannot work now. What
    /// was to be stored is not, unless the connection broke at the commit:
    /// then nobody knows.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// The store itself has a fault: a panic was caught. Nothing was stored.
    #[error("the store failed: {0}")]
    Defect(String),
    /// The database refused or failed.
    #[error("the database failed: {0}")]
    Database(DbErr),
    /// The folder or bucket refused or failed.
    #[error("the object storage failed: {0}")]
    Storage(object_store::Error),
    /// What is stored is not what was written.
    #[error("stored data is damaged: {what}")]
    Corrupt {
        /// Which, and how.
        what: String,
    },
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

impl StoreError {
    pub(crate) fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound { what: what.into() }
    }

    pub(crate) fn conflict(what: impl Into<String>) -> Self {
        Self::Conflict { what: what.into() }
    }

    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        Self::Corrupt { what: what.into() }
    }

    /// The same once more, when it is no fault of what was to be stored:
    /// everything else would fail alike, and must not be tried one by one.
    pub(crate) fn of_everything(&self) -> Option<Self> {
        match self {
            Self::Full(error) => Some(Self::Full(error.clone())),
            Self::Unavailable(error) => Some(Self::Unavailable(error.clone())),
            Self::Closed => Some(Self::Closed),
            Self::Database(error) if failure::of(error).is_some() => Some(Self::Database(error.clone())),
            _ => None,
        }
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(_)) => Self::conflict("there is already one like that"),
            Some(SqlErr::ForeignKeyConstraintViolation(_)) => {
                Self::conflict("something that it refers to is not there, or something refers to it")
            }
            _ => match failure::of(&error) {
                Some(Failure::Full) => Self::Full(error.to_string()),
                Some(Failure::Away) => Self::Unavailable(error.to_string()),
                Some(Failure::Closed) => Self::Closed,
                Some(Failure::Damaged) | None => Self::Database(error),
            },
        }
    }
}

impl From<object_store::Error> for StoreError {
    fn from(error: object_store::Error) -> Self {
        match error {
            error if failure::is_storage_full(&error) => Self::Full(error.to_string()),
            // What a bucket says that is none of its other answers: it did
            // not answer, or not in time.
            object_store::Error::Generic { store: "S3", .. } => Self::Unavailable(error.to_string()),
            error => Self::Storage(error),
        }
    }
}

/// Says `what` when a unique key was violated, and passes on all else.
pub(crate) fn taken(what: impl FnOnce() -> String) -> impl FnOnce(DbErr) -> StoreError {
    move |error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => StoreError::conflict(what()),
        _ => error.into(),
    }
}
