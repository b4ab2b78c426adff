//! What a test of a text says. An index is asked for what the text is one of;
//! for what it is not or contains, each of the values that are known can be
//! asked, where they are few.

use super::{
    super::{
        ast::TextTest,
        schema::{Field, TextField},
    },
    Implied,
    compared::equal_to,
};
use std::collections::BTreeMap;

/// A comparison of a text of which a prediction has one or none; of tags, that
/// one of them passes.
#[derive(Clone, Debug, PartialEq)]
pub struct TextCondition {
    /// Which text.
    pub field: TextField,
    /// `None`: that it is missing.
    pub test: Option<TextTest>,
    /// Or its complement, which is true of what is missing.
    pub holds: bool,
}

impl TextCondition {
    /// Whether it says that the text is missing, and nothing else.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.test.is_none() && self.holds
    }

    /// Whether it is true of a prediction with this text, or with none.
    #[must_use]
    pub fn admits(&self, text: Option<&str>) -> bool {
        let passes = match &self.test {
            Some(test) => text.is_some_and(|text| test.passes(text)),
            None => text.is_none(),
        };
        passes == self.holds
    }
}

impl Implied {
    /// By the test of a text, or by its being missing, or by the complement.
    pub(super) fn text(field: TextField, test: Option<&TextTest>, holds: bool) -> Self {
        let set = match test {
            Some(TextTest::Compare(compare)) if holds => equal_to(compare, |text| Some(text.clone())),
            _ => None,
        };
        let is_tag = Field::Text(field).is_many_valued();
        match set {
            Some(set) if is_tag => Self { tags: vec![set], ..Self::default() },
            Some(set) => Self { texts: BTreeMap::from([(field, set)]), ..Self::default() },
            // That no tag passes says nothing of those that are there.
            None if is_tag && holds != test.is_some() => Self::default(),
            None => {
                let one = TextCondition { field, test: test.cloned(), holds };
                Self { compared: vec![one], ..Self::default() }
            }
        }
    }
}
