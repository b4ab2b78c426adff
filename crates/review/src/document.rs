//! What is being edited: the boxes of one image, with their spatial index.
//! Knows nothing of selection, screen or history; every change comes in as a
//! [`Change`], whose inverse is itself turned round.

use crate::{
    boxes::{BoxId, ReviewBox, Source, StartedFrom},
    index::BoxIndex,
};
use domain::geometry::Size;
use std::collections::BTreeMap;

/// One box before and after: `None` where it does not exist.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) before: Option<ReviewBox>,
    pub(crate) after: Option<ReviewBox>,
}

impl Change {
    pub(crate) fn insert(after: ReviewBox) -> Self {
        Self { before: None, after: Some(after) }
    }

    pub(crate) fn remove(before: ReviewBox) -> Self {
        Self { before: Some(before), after: None }
    }

    pub(crate) fn replace(before: ReviewBox, after: ReviewBox) -> Self {
        Self { before: Some(before), after: Some(after) }
    }

    pub(crate) fn id(&self) -> Option<BoxId> {
        self.after.as_ref().or(self.before.as_ref()).map(|b| b.id)
    }

    fn inverse(&self) -> Self {
        Self { before: self.after.clone(), after: self.before.clone() }
    }
}

/// Changes that are made and taken back together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Transaction {
    pub(crate) changes: Vec<Change>,
    pub(crate) started_from: (StartedFrom, StartedFrom),
}

impl Transaction {
    pub(crate) fn inverse(&self) -> Self {
        Self {
            changes: self.changes.iter().rev().map(Change::inverse).collect(),
            started_from: (self.started_from.1, self.started_from.0),
        }
    }
}

/// The boxes of one image.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    size: Size,
    boxes: BTreeMap<BoxId, ReviewBox>,
    index: BoxIndex,
    sources: BTreeMap<Source, u32>,
    started_from: StartedFrom,
    next_id: u32,
    revision: u64,
}

impl Document {
    pub(crate) fn new(size: Size, started_from: StartedFrom) -> Self {
        Self {
            size,
            boxes: BTreeMap::new(),
            index: BoxIndex::new(size),
            sources: BTreeMap::new(),
            started_from,
            next_id: 0,
            revision: 0,
        }
    }

    pub(crate) fn size(&self) -> Size {
        self.size
    }

    pub(crate) fn started_from(&self) -> StartedFrom {
        self.started_from
    }

    /// Rises with every change, undo included; equal numbers mean equal boxes.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    pub(crate) fn index(&self) -> &BoxIndex {
        &self.index
    }

    pub(crate) fn get(&self, id: BoxId) -> Option<&ReviewBox> {
        self.boxes.get(&id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &ReviewBox> {
        self.boxes.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.boxes.len()
    }

    pub(crate) fn has_source(&self, source: Source) -> bool {
        self.sources.contains_key(&source)
    }

    pub(crate) fn fresh_id(&mut self) -> BoxId {
        let id = BoxId(self.next_id);
        self.next_id += 1;
        id
    }

    pub(crate) fn apply(&mut self, transaction: &Transaction) {
        for change in &transaction.changes {
            match (&change.before, &change.after) {
                (Some(before), Some(after)) if before.id == after.id && before.source == after.source => {
                    self.replace(after);
                }
                (before, after) => {
                    if let Some(before) = before {
                        self.take_out(before.id);
                    }
                    if let Some(after) = after {
                        self.put_in(after.clone());
                    }
                }
            }
        }
        self.started_from = transaction.started_from.1;
        self.revision += 1;
    }

    /// The common case of an edit: the same box of the same source.
    fn replace(&mut self, after: &ReviewBox) {
        let Some(held) = self.boxes.get_mut(&after.id) else { return };
        if held.rect != after.rect {
            self.index.relocate(after.id, &held.rect, after.rect);
        }
        held.clone_from(after);
    }

    fn put_in(&mut self, added: ReviewBox) {
        self.take_out(added.id);
        self.next_id = self.next_id.max(added.id.0.saturating_add(1));
        self.index.insert(added.id, added.rect);
        if let Some(source) = added.source {
            *self.sources.entry(source).or_insert(0) += 1;
        }
        self.boxes.insert(added.id, added);
    }

    fn take_out(&mut self, id: BoxId) {
        let Some(removed) = self.boxes.remove(&id) else { return };
        self.index.remove(id, &removed.rect);
        let Some(source) = removed.source else { return };
        match self.sources.get_mut(&source) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                self.sources.remove(&source);
            }
        }
    }
}
