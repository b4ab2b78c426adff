//! Whether a prediction fulfils what was implied, in memory: what the laws of
//! it are tested with.

use super::{
    super::{
        ast::{BoxOrigin, BoxTest, Boxes, Compare, Expr, Op, TextTest},
        facts::Facts,
        schema::{Field, TextField},
        value::metadata_number,
    },
    Bounds, Implied, LabelCount, TextCondition,
};
use std::ops::Bound;

impl Implied {
    /// Whether a prediction fulfils all of it.
    #[must_use]
    pub fn admits(&self, facts: &impl Facts) -> bool {
        let measure = |key: &String| facts.metadata(key).and_then(metadata_number);
        !self.never
            && self.statuses.as_ref().is_none_or(|any| any.contains(&facts.status()))
            && self.numbers.iter().all(|(field, b)| facts.number(*field).is_some_and(|n| b.contains(&n)))
            && self.dates.iter().all(|(field, b)| b.contains(&facts.date(*field)))
            && self.texts.iter().all(|(field, any)| facts.texts(*field).any(|text| any.contains(text)))
            && self.tags.iter().all(|any| facts.texts(TextField::Tag).any(|tag| any.contains(tag)))
            && self.metadata.iter().all(|(key, any)| facts.metadata(key).is_some_and(|v| any.contains(v)))
            && self.measures.iter().all(|(key, b)| measure(key).is_some_and(|number| b.contains(&number)))
            && self.label_counts.iter().all(|need| need.admits(facts))
            && self.compared.iter().all(|one| one.is_true_of(facts))
            && self.keys.iter().all(|key| facts.metadata(key).is_some())
            && (!self.has_review || facts.boxes(BoxOrigin::Review).next().is_some())
            && self.lacking.iter().all(|field| facts.number(*field).is_none())
            && self.alternatives.iter().all(|each| each.iter().any(|one| one.admits(facts)))
    }
}

impl TextCondition {
    fn is_true_of(&self, facts: &impl Facts) -> bool {
        let mut texts = facts.texts(self.field);
        if Field::Text(self.field).is_many_valued() {
            texts.any(|tag| self.admits(Some(tag)))
        } else {
            self.admits(texts.next())
        }
    }
}

impl LabelCount {
    fn admits(&self, facts: &impl Facts) -> bool {
        self.labels.iter().any(|label| {
            let is_label = TextTest::Compare(Compare::Is(Op::Eq, label.clone()));
            let filter = Expr::Leaf(BoxTest::Label(is_label));
            let count = facts.count(&Boxes { origin: self.origin, filter }) as u64;
            count >= self.at_least
                && self.at_most.is_none_or(|most| count <= most)
                && self.has_score(facts, label)
        })
    }

    fn has_score(&self, facts: &impl Facts, label: &str) -> bool {
        let from = Bounds::new(self.surest, Bound::Unbounded);
        let origin = match self.origin {
            BoxOrigin::Champion | BoxOrigin::All => BoxOrigin::All,
            BoxOrigin::Shadow => BoxOrigin::Shadow,
            BoxOrigin::Review => return true,
        };
        self.surest == Bound::Unbounded
            || facts
                .boxes(origin)
                .any(|b| b.label == label && b.score.is_some_and(|score| from.contains(&score)))
    }
}
