//! Acts on many predictions at once.

use crate::{
    ids::{DeletionId, PredictionId},
    time::Timestamp,
};
use serde::{Deserialize, Serialize};

/// Which predictions of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Selection {
    /// These.
    Ids {
        /// Those that are not of the deployment, or gone, are left out.
        ids: Vec<PredictionId>,
    },
    /// All that match.
    Matching {
        /// The query as written; empty for all.
        q: String,
        /// Of those that had arrived by then; times ago are counted from here.
        /// `None`: now.
        #[serde(default)]
        as_of: Option<Timestamp>,
        /// But not these.
        #[serde(default)]
        except: Vec<PredictionId>,
    },
}

/// What is done to each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum BulkAct {
    /// Adds a tag.
    Tag {
        /// The tag.
        tag: String,
    },
    /// Takes a tag away.
    Untag {
        /// The tag.
        tag: String,
    },
    /// Sets it aside.
    Skip {
        /// Why.
        reason: String,
    },
    /// Puts it back to be reviewed.
    Reopen,
    /// Submits its review to the feedback loop.
    Submit,
    /// Deletes it; for ten seconds it can be undone.
    Delete,
}

impl BulkAct {
    /// The word in the API and in the audit log.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Tag { .. } => "tag",
            Self::Untag { .. } => "untag",
            Self::Skip { .. } => "skip",
            Self::Reopen => "reopen",
            Self::Submit => "submit",
            Self::Delete => "delete",
        }
    }
}

/// An act on a selection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkRequest {
    /// On which.
    #[serde(flatten)]
    pub selection: Selection,
    /// What.
    #[serde(flatten)]
    pub act: BulkAct,
    /// From a former report of the same request, to go on.
    #[serde(default)]
    pub resume: Option<String>,
}

/// What became of an act, as far as one call carried it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkReport {
    /// So many were changed.
    pub changed: u64,
    /// So many were as asked for already.
    pub unchanged: u64,
    /// So many could not be changed.
    pub refused: u64,
    /// The first of them, and why.
    pub refusals: Vec<Refusal>,
    /// There is more to do: call again with it. `None` when all is done.
    pub resume: Option<String>,
    /// What undoing a deletion takes.
    pub deletion: Option<DeletionId>,
}

/// A prediction that could not be changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Which.
    pub id: PredictionId,
    /// Why, in a sentence.
    pub reason: String,
}
