//! The last look at a file, remembered.

use super::StagedFault;
use domain::inference::Inspected;
use std::sync::{Mutex, PoisonError};
use store::{Said, StagedModel};

/// What a look at a file gives.
pub(super) type Outcome = std::result::Result<Inspected, StagedFault>;

/// The last file that was looked at, with what was said of it, and what came of
/// that: who tries and imports a file asks for the same again and again, and a
/// look takes seconds.
#[derive(Default)]
pub(crate) struct LastLook(Mutex<Option<(String, Said, Outcome)>>);

impl LastLook {
    pub(super) fn of(&self, file: &StagedModel) -> Option<Outcome> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (sha256, said, outcome) = last.as_ref()?;
        (*sha256 == file.sha256 && *said == file.said).then(|| outcome.clone())
    }

    pub(super) fn remember(&self, file: &StagedModel, outcome: &Outcome) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some((file.sha256.clone(), file.said.clone(), outcome.clone()));
    }
}
