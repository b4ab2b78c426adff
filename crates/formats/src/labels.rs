//! The labels of a data set while it is read.

use domain::name::Label;
use std::collections::HashSet;

/// Labels in the order they were first seen.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    list: Vec<Label>,
    known: HashSet<Label>,
}

impl Labels {
    /// Adds one; `false` when it was there.
    pub(crate) fn add(&mut self, label: &Label) -> bool {
        let new = self.known.insert(label.clone());
        if new {
            self.list.push(label.clone());
        }
        new
    }

    /// The same label, whose text is in memory once.
    pub(crate) fn shared(&mut self, label: Label) -> Label {
        match self.known.get(&label) {
            Some(known) => known.clone(),
            None => {
                self.add(&label);
                label
            }
        }
    }

    pub(crate) fn into_list(self) -> Vec<Label> {
        self.list
    }

    /// By name, for formats whose files have no order.
    pub(crate) fn sort(&mut self) {
        self.list.sort();
    }
}

/// A label out of a file: blanks around it do not count.
pub(crate) fn label_of(text: &str) -> Result<Label, String> {
    Label::new(text.trim()).map_err(|error| error.to_string())
}
