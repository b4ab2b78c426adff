//! From single windows to drift: declared after two running, cleared likewise.

use super::{DriftSettings, compare::FeatureDrift, features::Feature};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is known of drift after the windows so far. Kept between windows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound(serialize = "F: Serialize + Ord", deserialize = "F: Deserialize<'de> + Ord"))]
pub struct DriftState<F> {
    features: BTreeMap<F, Running>,
}

impl<F> Default for DriftState<F> {
    fn default() -> Self {
        Self { features: BTreeMap::new() }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Running {
    /// Windows running that say other than what is declared.
    against: u32,
    declared: bool,
}

/// What one window changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftChange<F> {
    /// Features that are now declared to drift.
    pub declared: Vec<F>,
    /// Features that no longer are.
    pub cleared: Vec<F>,
}

impl<F> Default for DriftChange<F> {
    fn default() -> Self {
        Self { declared: Vec::new(), cleared: Vec::new() }
    }
}

impl<F: Feature> DriftState<F> {
    /// Takes the comparison of the next window. A feature that the window says
    /// nothing about stays as it is.
    pub fn observe(&mut self, window: &[FeatureDrift<F>], settings: &DriftSettings) -> DriftChange<F> {
        let mut change = DriftChange::default();
        for drift in window {
            let running = self.features.entry(drift.feature).or_default();
            if drift.differs == running.declared {
                running.against = 0;
                continue;
            }
            running.against += 1;
            if running.against >= settings.running {
                *running = Running { against: 0, declared: drift.differs };
                let list = if drift.differs { &mut change.declared } else { &mut change.cleared };
                list.push(drift.feature);
            }
        }
        change
    }

    /// Features that are declared to drift now.
    pub fn declared(&self) -> impl Iterator<Item = F> {
        self.features.iter().filter(|(_, running)| running.declared).map(|(feature, _)| *feature)
    }

    /// Whether any is.
    #[must_use]
    pub fn drifts(&self) -> bool {
        self.declared().next().is_some()
    }
}
