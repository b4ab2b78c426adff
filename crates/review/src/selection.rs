//! Which boxes are selected.

use crate::{boxes::BoxId, order::set_of};
use std::collections::BTreeSet;

/// A set of boxes that counts its own changes.
#[derive(Clone, Debug, Default)]
pub(crate) struct BoxSelection {
    ids: BTreeSet<BoxId>,
    revision: u64,
}

impl BoxSelection {
    pub(crate) fn ids(&self) -> &BTreeSet<BoxId> {
        &self.ids
    }

    pub(crate) fn contains(&self, id: BoxId) -> bool {
        self.ids.contains(&id)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The box, when exactly one is selected.
    pub(crate) fn only(&self) -> Option<BoxId> {
        let mut ids = self.ids.iter();
        match (ids.next(), ids.next()) {
            (Some(id), None) => Some(*id),
            _ => None,
        }
    }

    pub(crate) fn set(&mut self, ids: impl IntoIterator<Item = BoxId>) {
        let ids = set_of(ids);
        if ids != self.ids {
            self.ids = ids;
            self.revision += 1;
        }
    }

    pub(crate) fn toggle(&mut self, id: BoxId) {
        if !self.ids.remove(&id) {
            self.ids.insert(id);
        }
        self.revision += 1;
    }

    pub(crate) fn add(&mut self, id: BoxId) {
        if self.ids.insert(id) {
            self.revision += 1;
        }
    }

    pub(crate) fn retain(&mut self, keep: impl FnMut(&BoxId) -> bool) {
        let before = self.ids.len();
        self.ids.retain(keep);
        if self.ids.len() != before {
            self.revision += 1;
        }
    }

    /// Rises with every change; equal numbers mean equal selections.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }
}
