//! Whether the world has moved away from what a model was made for.
//!
//! Images are compared with a reference that was frozen from images the model
//! never trained on. They come in disjoint windows ([`windows`]); each window
//! is compared feature by feature ([`compare`]), as so many images as it has
//! independent ones (`dependence`); drift is declared when a
//! feature differs by enough, and by more than chance allows, in two windows
//! running ([`declare`]).

pub mod compare;
pub mod declare;
mod dependence;
pub mod features;
pub mod reference;
pub mod windows;

use serde::{Deserialize, Serialize};

/// How drift is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DriftSettings {
    /// Images of a window.
    pub window: u32,
    /// Images with which a window may close when it has been open for
    /// [`DriftSettings::longest_ms`]; no comparison is made of fewer.
    pub least: u32,
    /// Of each source, one image in so many milliseconds is kept: neighbours
    /// in a video are not independent.
    pub spacing_ms: i64,
    /// How long a window waits to be full, from its first image.
    pub longest_ms: i64,
    /// Kolmogorov–Smirnov statistic from which a difference matters.
    pub ks_effect: f64,
    /// Jensen–Shannon distance from which a difference of labels matters.
    pub js_effect: f64,
    /// Expected share of false ones among the features that are called
    /// different (Benjamini–Hochberg).
    pub false_discoveries: f64,
    /// Random splits of each permutation test.
    pub permutations: u32,
    /// Windows running in which a feature must differ to be declared, or not
    /// to be cleared.
    pub running: u32,
}

impl Default for DriftSettings {
    fn default() -> Self {
        Self {
            window: 100,
            least: 30,
            spacing_ms: 10_000,
            longest_ms: 86_400_000,
            ks_effect: 0.2,
            js_effect: 0.1,
            false_discoveries: 0.05,
            permutations: crate::statistics::permutation::PERMUTATIONS,
            running: 2,
        }
    }
}

/// Why settings are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDriftSettings {
    /// Too few images for a test to say anything.
    #[error("a window needs at least 30 images, and no more than 10,000")]
    Window,
    /// `least` is no number of images of a window.
    #[error("`least` must lie between 30 and the size of a window")]
    Least,
    /// A time is negative, or windows never close.
    #[error("`spacing_ms` must not be negative, and `longest_ms` must be above 0")]
    Time,
    /// A share is none.
    #[error("effects and `false_discoveries` must lie between 0 and 1")]
    Share,
    /// No test, or one that takes for ever.
    #[error("`permutations` must lie between 99 and 99,999, and `running` between 1 and 10")]
    Count,
}

impl DriftSettings {
    /// Least number of images with which anything is compared.
    pub const LEAST_IMAGES: u32 = 30;

    /// Checks what a person set.
    ///
    /// # Errors
    /// When a number is outside its range.
    pub fn check(&self) -> Result<(), InvalidDriftSettings> {
        let share = |value: f64| (0.0..=1.0).contains(&value);
        if !(Self::LEAST_IMAGES..=10_000).contains(&self.window) {
            return Err(InvalidDriftSettings::Window);
        }
        if !(Self::LEAST_IMAGES..=self.window).contains(&self.least) {
            return Err(InvalidDriftSettings::Least);
        }
        if self.spacing_ms < 0 || self.longest_ms <= 0 {
            return Err(InvalidDriftSettings::Time);
        }
        if ![self.ks_effect, self.js_effect, self.false_discoveries].into_iter().all(share) {
            return Err(InvalidDriftSettings::Share);
        }
        if !(99..=99_999).contains(&self.permutations) || !(1..=10).contains(&self.running) {
            return Err(InvalidDriftSettings::Count);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
