//! The models' boxes that a review can draw on: where it starts, the ghosts
//! that enter by a click, and both models beside each other. Read only.

use crate::{
    boxes::{BoxId, LabelIndex, ReviewBox, Side, Source, StartedFrom},
    compare::{Compared, Verdict, compare},
    document::Document,
    filter::Filter,
    labels::LabelSet,
    space::same_place,
};
use domain::{
    geometry::{Rect, Score, Size},
    prediction::PredictedBox,
};
use serde::{Deserialize, Serialize};

/// Whose boxes lie beside those of the review.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// The review, with the champion's other boxes as ghosts.
    #[default]
    Champion,
    /// The review, with the shadow's boxes as ghosts.
    Shadow,
    /// What the two models say, beside each other.
    Compare,
}

/// A model's box that a click takes into the review.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The model, and the index of the box in its list.
    pub source: Source,
    /// Its class.
    pub label: LabelIndex,
    /// Pixels of the upright image, inside it.
    pub rect: Rect,
    /// Its confidence.
    pub score: Score,
    /// What the two models say of it; `None` for a ghost.
    pub verdict: Option<Verdict>,
    /// The review holds it already.
    pub taken: bool,
}

#[derive(Clone, Copy, Debug)]
struct ModelBox {
    source: Source,
    label: LabelIndex,
    rect: Rect,
    score: Score,
}

/// Both models' boxes, brought into the image.
#[derive(Clone, Debug)]
pub(crate) struct Models {
    champion: Vec<ModelBox>,
    shadow: Option<Vec<ModelBox>>,
    compared: Vec<Compared>,
    threshold: Score,
    concealed: bool,
}

impl Models {
    pub(crate) fn new(
        champion: &[PredictedBox],
        shadow: Option<&[PredictedBox]>,
        threshold: Score,
        size: Size,
        labels: &mut LabelSet,
    ) -> Self {
        let compared = shadow.map_or_else(Vec::new, |shadow| compare(champion, shadow, threshold));
        let mut side = |side, boxes: &[PredictedBox]| inside(side, boxes, size, labels);
        let champion = side(Side::Champion, champion);
        let shadow = shadow.map(|boxes| side(Side::Shadow, boxes));
        Self { champion, shadow, compared, threshold, concealed: false }
    }

    pub(crate) fn conceal(&mut self, concealed: bool) {
        self.concealed = concealed;
    }

    pub(crate) fn are_concealed(&self) -> bool {
        self.concealed
    }

    pub(crate) fn has_shadow(&self) -> bool {
        self.shadow.is_some()
    }

    pub(crate) fn compared(&self) -> &[Compared] {
        if self.concealed { &[] } else { &self.compared }
    }

    pub(crate) fn scores(&self, side: Side) -> impl Iterator<Item = Score> {
        let boxes = if self.concealed { &[] } else { self.side(side) };
        boxes.iter().map(|b| b.score)
    }

    fn side(&self, side: Side) -> &[ModelBox] {
        match side {
            Side::Champion => &self.champion,
            Side::Shadow => self.shadow.as_deref().unwrap_or_default(),
        }
    }

    fn get(&self, source: Source) -> Option<&ModelBox> {
        let boxes = self.side(source.side);
        let place = boxes.binary_search_by_key(&source.index, |b| b.source.index).ok()?;
        boxes.get(place)
    }

    /// The boxes a review starts with: those at or above the threshold.
    pub(crate) fn start(&self, started_from: StartedFrom) -> impl Iterator<Item = ReviewBox> {
        let boxes = started_from.side().map_or(&[][..], |side| self.side(side));
        boxes.iter().filter(|b| b.score >= self.threshold).map(|b| b.to_review_box(BoxId(0), false))
    }

    /// Whether a review that started there started with this box.
    pub(crate) fn is_start(&self, started_from: StartedFrom, source: Source) -> bool {
        started_from.side() == Some(source.side)
            && self.get(source).is_some_and(|b| b.score >= self.threshold)
    }

    /// The model's box as a person takes it in.
    pub(crate) fn taken(&self, source: Source, id: BoxId) -> Option<ReviewBox> {
        self.get(source).map(|b| b.to_review_box(id, true))
    }

    /// The score and place the model gave.
    pub(crate) fn original(&self, source: Source) -> Option<(LabelIndex, Rect, Score)> {
        self.get(source).map(|b| (b.label, b.rect, b.score))
    }

    /// The model's box with exactly this label and place.
    pub(crate) fn find(&self, started_from: StartedFrom, label: LabelIndex, rect: &Rect) -> Option<Source> {
        let boxes = self.side(started_from.side()?);
        boxes.iter().find(|b| b.label == label && same_place(&b.rect, rect)).map(|b| b.source)
    }

    /// The other model's box for the same object.
    pub(crate) fn counterpart(&self, source: Source) -> Option<Source> {
        self.compared.iter().find(|c| c.source == source)?.counterpart
    }

    /// What a click can take, in the given view.
    pub(crate) fn candidates(&self, view: View, document: &Document, filter: &Filter) -> Vec<Candidate> {
        if self.concealed {
            return Vec::new();
        }
        match view {
            View::Champion => self.ghosts(Side::Champion, document, filter),
            View::Shadow => self.ghosts(Side::Shadow, document, filter),
            View::Compare => {
                let mut candidates = self.beside_each_other(document);
                candidates.retain(|c| filter.shows(c.label, Some(c.score)));
                candidates
            }
        }
    }

    /// Cheap questions first: this is asked at every move of the pointer.
    fn ghosts(&self, side: Side, document: &Document, filter: &Filter) -> Vec<Candidate> {
        let starts_here = document.started_from().side() == Some(side);
        let is_ghost = |b: &&ModelBox| {
            !(starts_here && b.score >= self.threshold)
                && filter.shows(b.label, Some(b.score))
                && !document.has_source(b.source)
        };
        self.side(side).iter().filter(is_ghost).map(|b| b.to_candidate(None, false)).collect()
    }

    fn beside_each_other(&self, document: &Document) -> Vec<Candidate> {
        let candidate = |c: &Compared| {
            let taken = document.has_source(c.source);
            self.get(c.source).map(|b| b.to_candidate(Some(c.verdict), taken))
        };
        self.compared.iter().filter_map(candidate).collect()
    }
}

impl ModelBox {
    fn to_review_box(self, id: BoxId, touched: bool) -> ReviewBox {
        ReviewBox {
            id,
            label: self.label,
            rect: self.rect,
            score: Some(self.score),
            source: Some(self.source),
            ignore: false,
            locked: false,
            touched,
        }
    }

    fn to_candidate(self, verdict: Option<Verdict>, taken: bool) -> Candidate {
        let Self { source, label, rect, score } = self;
        Candidate { source, label, rect, score, verdict, taken }
    }
}

fn inside(side: Side, boxes: &[PredictedBox], size: Size, labels: &mut LabelSet) -> Vec<ModelBox> {
    let one = |(index, b): (u32, &PredictedBox)| {
        let rect = b.rect.clamp_to(size)?;
        let source = Source { side, index };
        Some(ModelBox { source, label: labels.insert(&b.label), rect, score: b.score })
    };
    (0..=u32::MAX).zip(boxes).filter_map(one).collect()
}
