//! Drafts in the browser's storage, by reviewer and image. Knows neither the
//! editor nor the page.

use crate::dom;
use crate::json;
use domain::ids::PredictionId;
use review::Draft;
use serde::{Deserialize, Serialize};

/// Whether the work in progress is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DraftState {
    /// There is no work that no revision holds.
    Clean,
    /// All of it is stored.
    Stored,
    /// The browser has no room for it.
    NoRoom,
}

/// A draft with what people call its image.
#[derive(Serialize, Deserialize)]
struct StoredDraft {
    deployment: String,
    name: String,
    draft: Draft,
}

/// An image with work that was left unfinished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecoverableDraft {
    /// The image.
    pub id: PredictionId,
    /// What people call it.
    pub name: String,
}

/// A draft that another version of the program stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnreadableDraft;

/// The drafts of one reviewer.
#[derive(Clone, Debug)]
pub struct DraftStore {
    /// Names in the browser's storage begin with it.
    prefix: String,
    deployment: String,
}

impl DraftStore {
    /// The drafts that `reviewer` makes in `deployment`.
    pub fn new(reviewer: &str, deployment: &str) -> Self {
        Self { prefix: format!("fovea/{reviewer}/draft/"), deployment: deployment.to_owned() }
    }

    /// Stores the draft of an image that people call `name`.
    pub fn write(&self, id: PredictionId, name: String, draft: Draft) -> DraftState {
        let stored = StoredDraft { deployment: self.deployment.clone(), name, draft };
        let text = serde_json::to_string(&stored).unwrap_or_default();
        if dom::store(&self.key(id), &text) { DraftState::Stored } else { DraftState::NoRoom }
    }

    /// The draft of an image, if there is one.
    ///
    /// # Errors
    /// When this version cannot read it; it stays where it is.
    pub fn read(&self, id: PredictionId) -> Result<Option<Draft>, UnreadableDraft> {
        let Some(text) = dom::stored(&self.key(id)) else { return Ok(None) };
        let stored: StoredDraft = json::read(&text).map_err(|_| UnreadableDraft)?;
        Ok(Some(stored.draft))
    }

    /// Removes the draft of an image.
    pub fn remove(&self, id: PredictionId) {
        dom::unstore(&self.key(id));
    }

    /// The images of this deployment with a draft, in no particular order.
    pub fn recoverable(&self) -> Vec<RecoverableDraft> {
        let one = |key: String| {
            let id: PredictionId = key.strip_prefix(&self.prefix)?.parse().ok()?;
            let stored: StoredDraft = json::read(&dom::stored(&key)?).ok()?;
            (stored.deployment == self.deployment).then_some(RecoverableDraft { id, name: stored.name })
        };
        dom::stored_names(&self.prefix).into_iter().filter_map(one).collect()
    }

    fn key(&self, id: PredictionId) -> String {
        format!("{}{id}", self.prefix)
    }
}
