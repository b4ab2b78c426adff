//! The labels of a review and the palette slot of each. Colours are the
//! style's affair: the same slot has the same colour on every page.

use crate::boxes::LabelIndex;
use domain::name::Label;
use std::collections::HashMap;

/// Colours in the palette; labels beyond them start again.
pub const PALETTE_SLOTS: u8 = 8;

/// A place in the palette, below [`PALETTE_SLOTS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u8);

impl Slot {
    /// From 0 to 7.
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }
}

impl From<LabelIndex> for Slot {
    fn from(index: LabelIndex) -> Self {
        Self((index.0 % u16::from(PALETTE_SLOTS)) as u8)
    }
}

/// Labels in the order that gives them their index; no label twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LabelSet {
    labels: Vec<Label>,
    index: HashMap<Label, LabelIndex>,
}

impl LabelSet {
    /// In the order given; repetitions are dropped.
    #[must_use]
    pub fn new(labels: impl IntoIterator<Item = Label>) -> Self {
        let mut set = Self::default();
        for label in labels {
            set.insert(&label);
        }
        set
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The label at a place.
    #[must_use]
    pub fn get(&self, index: LabelIndex) -> Option<&Label> {
        self.labels.get(usize::from(index.0))
    }

    /// The text at a place; empty when there is none.
    #[must_use]
    pub fn text(&self, index: LabelIndex) -> &str {
        self.get(index).map_or("", Label::as_str)
    }

    /// The place of a label.
    #[must_use]
    pub fn find(&self, label: &Label) -> Option<LabelIndex> {
        self.index.get(label).copied()
    }

    /// Places and labels, in order.
    pub fn iter(&self) -> impl Iterator<Item = (LabelIndex, &Label)> {
        self.labels.iter().zip(0..=u16::MAX).map(|(label, index)| (LabelIndex(index), label))
    }

    /// The place of a label, which is added when it is new. A set that is
    /// full (65,536 labels) answers with its first place.
    pub(crate) fn insert(&mut self, label: &Label) -> LabelIndex {
        if let Some(index) = self.find(label) {
            return index;
        }
        let Ok(next) = u16::try_from(self.labels.len()) else { return LabelIndex(0) };
        self.labels.push(label.clone());
        self.index.insert(label.clone(), LabelIndex(next));
        LabelIndex(next)
    }
}
