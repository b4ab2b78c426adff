//! Cutting the stream of images into windows that do not overlap.

use super::DriftSettings;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use units::time::Timestamp;

/// A window that is filling. Kept between images, and between processes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Windowing<T> {
    images: Vec<T>,
    /// When its first and its last image were taken.
    span: Option<(Timestamp, Timestamp)>,
    /// When the last image that counted was taken, by source.
    last: BTreeMap<String, Timestamp>,
    /// Images that were too near to another of their source, since the window began.
    thinned: u32,
}

/// A window that is full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window<T> {
    /// In the order in which they came.
    pub images: Vec<T>,
    /// When the earliest was taken.
    pub from: Timestamp,
    /// When the latest was taken.
    pub to: Timestamp,
    /// Images that were left out, since another of their source was too near.
    pub thinned: u32,
}

impl<T> Default for Windowing<T> {
    fn default() -> Self {
        Self { images: Vec::new(), span: None, last: BTreeMap::new(), thinned: 0 }
    }
}

impl<T> Windowing<T> {
    /// Takes the next image: from which source, and when it was taken. A
    /// window that has been open for too long closes before it, if it has
    /// images enough; one that is full closes with it.
    pub fn push(
        &mut self,
        image: T,
        source: &str,
        taken: Timestamp,
        settings: &DriftSettings,
    ) -> Option<Window<T>> {
        let overdue = self.close_if_overdue(taken, settings);
        let near = |last: &Timestamp| taken.since_ms(*last).saturating_abs() < settings.spacing_ms;
        if self.last.get(source).is_some_and(near) {
            self.thinned += 1;
            return overdue;
        }
        self.remember(source, taken, settings);
        self.images.push(image);
        let (from, to) = self.span.unwrap_or((taken, taken));
        self.span = Some((from.min(taken), to.max(taken)));
        if self.images.len() >= settings.window as usize { self.close() } else { overdue }
    }

    /// Closes the window if it has been open for too long at `now` and has
    /// images enough. To be called when nothing arrives, too.
    pub fn close_if_overdue(&mut self, now: Timestamp, settings: &DriftSettings) -> Option<Window<T>> {
        let (from, _) = self.span?;
        let overdue = now.since_ms(from) >= settings.longest_ms;
        if overdue && self.images.len() >= settings.least as usize { self.close() } else { None }
    }

    /// Images so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.images.len()
    }

    /// Whether no image came yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    fn close(&mut self) -> Option<Window<T>> {
        let (from, to) = self.span.take()?;
        let images = std::mem::take(&mut self.images);
        Some(Window { images, from, to, thinned: std::mem::take(&mut self.thinned) })
    }

    /// Sources that fell silent are forgotten, so that there are never many.
    fn remember(&mut self, source: &str, taken: Timestamp, settings: &DriftSettings) {
        const MANY: usize = 1_000;
        if self.last.len() >= MANY {
            self.last.retain(|_, last| taken.since_ms(*last).saturating_abs() < settings.spacing_ms);
        }
        self.last.insert(source.to_owned(), taken);
    }
}
