//! How a person looks at a prediction: what the slider and the switch say. It
//! knows nothing of what is drawn.

use domain::{ids::PredictionId, prediction::Prediction};
use leptos::prelude::*;

/// Whose boxes are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VersionChoice {
    Champion,
    Shadow,
}

/// What the slider and the switch say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    /// The least score that is shown.
    pub(super) least: f64,
    pub(super) shown: VersionChoice,
}

/// How a person looked at a prediction last. It belongs to the page, so that it
/// is the same when the prediction is fetched again; nothing follows it: what a
/// former rendering still follows must not change while the next one begins.
#[derive(Clone, Copy)]
pub struct DetailView(StoredValue<Option<(PredictionId, Look)>>);

impl DetailView {
    /// Nothing looked at yet.
    #[must_use]
    pub fn new() -> Self {
        Self(StoredValue::new(None))
    }

    /// As it was looked at last; all that counts of the champion's boxes where
    /// it is another one.
    pub(super) fn of(self, prediction: &Prediction) -> Look {
        let last = self.0.get_value().filter(|(id, _)| *id == prediction.id);
        let anew = Look { least: prediction.threshold.get(), shown: VersionChoice::Champion };
        let look = last.map_or(anew, |(_, look)| look);
        // The shadow may have gone meanwhile.
        if prediction.shadow.is_some() { look } else { Look { shown: VersionChoice::Champion, ..look } }
    }

    /// Keeps it for the next time.
    pub(super) fn keep(self, id: PredictionId, look: Look) {
        self.0.set_value(Some((id, look)));
    }
}

impl Default for DetailView {
    fn default() -> Self {
        Self::new()
    }
}
