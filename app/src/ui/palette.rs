//! The colour of a label: the same wherever it is shown.

use charts::Ink;
use domain::name::Label;
use std::sync::Arc;

/// Gives each label the colour of its place among the model's labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Palette(Arc<[String]>);

pub(super) const CLASSES: [&str; 8] =
    ["ink-1", "ink-2", "ink-3", "ink-4", "ink-5", "ink-6", "ink-7", "ink-8"];

impl Palette {
    /// In the order of the model's outputs, or of the dataset's classes.
    #[must_use]
    pub fn new(labels: &[Label]) -> Self {
        Self(labels.iter().map(|label| label.as_str().to_owned()).collect())
    }

    /// The label's place; a label that the model has not comes after all
    /// others, at a place that only depends on its letters.
    #[must_use]
    pub fn index(&self, label: &str) -> usize {
        let strange = || self.0.len() + label.bytes().map(usize::from).sum::<usize>() % CLASSES.len();
        self.0.iter().position(|known| known == label).unwrap_or_else(strange)
    }

    /// The style sheet's class that sets `--ink`.
    #[must_use]
    pub fn class(&self, label: &str) -> &'static str {
        CLASSES.get(self.index(label) % CLASSES.len()).copied().unwrap_or("ink-1")
    }

    /// The same colour on a chart.
    #[must_use]
    pub fn ink(&self, label: &str) -> Ink {
        Ink::Label(self.index(label))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_keeps_its_colour_by_its_place() {
        let labels: Vec<Label> =
            ["RBC", "WBC"].into_iter().map(|l| Label::new(l).expect("a label")).collect();
        let palette = Palette::new(&labels);
        assert_eq!((palette.class("RBC"), palette.class("WBC")), ("ink-1", "ink-2"));
        assert_eq!(palette.class("unknown"), palette.class("unknown"));
    }
}
