//! What of the review is shown: filter, view, blindness, and what is on the
//! canvas. Nothing here changes a box.

use crate::{
    boxes::{BoxId, LabelIndex, ReviewBox, Side},
    compare::{Tally, tally},
    editor::Editor,
    filter::{Filter, ScoreRange},
    models::{Candidate, View},
    space::contains,
};
use domain::geometry::Rect;

impl Editor {
    /// What is shown.
    #[must_use]
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Sets the range of confidence that is shown. Deletes nothing.
    pub fn set_score_range(&mut self, range: ScoreRange) {
        self.filter.set_range(range);
        self.forget_hidden();
    }

    /// Opens or closes the eye of a label. Deletes nothing.
    pub fn toggle_eye(&mut self, label: LabelIndex) {
        self.filter.toggle_eye(label);
        self.forget_hidden();
    }

    /// Boxes that the filter hides and accepting would save: ask before.
    #[must_use]
    pub fn hidden_but_saved(&self) -> usize {
        self.document.iter().filter(|b| !self.filter.shows(b.label, b.score)).count()
    }

    /// Candidates that the filter hides: what lowering the slider would show.
    #[must_use]
    pub fn hidden_candidates(&self) -> usize {
        let everything = Filter::new(ScoreRange::new(0.0, 1.0));
        let all = self.models.candidates(self.view, &self.document, &everything).len();
        all - self.candidates().len().min(all)
    }

    /// Whether a box of the review is on the canvas now.
    #[must_use]
    pub fn shows(&self, b: &ReviewBox) -> bool {
        (self.view != View::Compare || b.source.is_none()) && self.filter.shows(b.label, b.score)
    }

    /// The models' boxes that a click takes into the review.
    #[must_use]
    pub fn candidates(&self) -> Vec<Candidate> {
        self.models.candidates(self.view, &self.document, &self.filter)
    }

    /// What the two models agree on; all zero without a shadow.
    #[must_use]
    pub fn tally(&self) -> Tally {
        tally(self.models.compared())
    }

    /// Whether the models' boxes are kept from a blind reviewer's eyes.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        self.models.are_concealed()
    }

    /// Ends the blindness, once the review was accepted.
    pub fn reveal(&mut self) {
        self.models.conceal(false);
    }

    /// Counts of the viewed model's scores in equal bins over [0, 1], for the
    /// slider; empty while blind.
    #[must_use]
    pub fn score_histogram(&self, bins: usize) -> Vec<usize> {
        let side = if self.view == View::Shadow { Side::Shadow } else { Side::Champion };
        let mut counts = vec![0; bins];
        for score in self.models.scores(side) {
            let bin = ((score.get() * bins as f64) as usize).min(bins.saturating_sub(1));
            if let Some(count) = counts.get_mut(bin) {
                *count += 1;
            }
        }
        counts
    }

    /// The boxes on the canvas now, by rising id.
    #[must_use]
    pub fn visible_ids(&self) -> Vec<BoxId> {
        let mut ids = Vec::new();
        self.each_visible(|b| ids.push(b.id));
        ids
    }

    /// Calls `each` for the boxes on the canvas now, by rising id.
    pub(crate) fn each_visible<'a>(&'a self, mut each: impl FnMut(&'a ReviewBox)) {
        let Some(region) = self.viewport.visible() else { return };
        let (width, height) = (f64::from(self.size().width), f64::from(self.size().height));
        let whole = Rect::new(0.0, 0.0, width, height).is_ok_and(|whole| contains(&region, &whole));
        if whole {
            self.document.iter().filter(|b| self.shows(b)).for_each(each);
        } else {
            let ids = self.document.index().collect(&region);
            let boxes = ids.into_iter().filter_map(|id| self.document.get(id));
            boxes.filter(|b| self.shows(b)).for_each(&mut each);
        }
    }

    pub(crate) fn forget_hidden(&mut self) {
        let (document, filter, view) = (&self.document, &self.filter, self.view);
        self.selection.retain(|id| {
            document.get(*id).is_some_and(|b| {
                (view != View::Compare || b.source.is_none()) && filter.shows(b.label, b.score)
            })
        });
        self.hover = None;
    }
}
