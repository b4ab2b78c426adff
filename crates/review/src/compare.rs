//! Champion beside shadow on one image: what they agree on and what only one
//! of them saw.

use crate::{
    boxes::{Side, Source},
    matching::match_by_iou,
};
use domain::{
    geometry::{Rect, Score},
    prediction::PredictedBox,
};

/// What the two models say of one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Both saw it, with the same label.
    Agreed,
    /// Both saw it, with different labels.
    DifferingLabel,
    /// Only the champion saw it.
    OnlyChampion,
    /// Only the shadow saw it.
    OnlyShadow,
}

/// A model's box in the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Compared {
    /// Which box.
    pub source: Source,
    /// What the two say.
    pub verdict: Verdict,
    /// The other model's box for the same object.
    pub counterpart: Option<Source>,
}

/// How often each verdict was given; objects, not boxes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Objects both saw with the same label.
    pub agreed: usize,
    /// Objects both saw with different labels.
    pub differing: usize,
    /// Objects only the champion saw.
    pub only_champion: usize,
    /// Objects only the shadow saw.
    pub only_shadow: usize,
}

/// Compares the boxes at or above `threshold`, matched without regard to the
/// label at an IoU of at least one half, the same label winning ties. The
/// champion's boxes come first, each list in its own order.
#[must_use]
pub fn compare(champion: &[PredictedBox], shadow: &[PredictedBox], threshold: Score) -> Vec<Compared> {
    let left = at_threshold(champion, threshold);
    let right = at_threshold(shadow, threshold);
    let rects = |boxes: &[(u32, &PredictedBox)]| -> Vec<Rect> { boxes.iter().map(|(_, b)| b.rect).collect() };
    let label = |boxes: &[(u32, &PredictedBox)], at: usize| boxes.get(at).map(|(_, b)| b.label.clone());
    let same = |l: usize, r: usize| label(&left, l) == label(&right, r);
    let matches = match_by_iou(&rects(&left), &rects(&right), same);

    let mut partner_of_left = vec![None; left.len()];
    let mut partner_of_right = vec![None; right.len()];
    for m in &matches {
        if let (Some(l), Some(r)) = (partner_of_left.get_mut(m.left), partner_of_right.get_mut(m.right)) {
            let verdict = if same(m.left, m.right) { Verdict::Agreed } else { Verdict::DifferingLabel };
            *l = right.get(m.right).map(|(index, _)| (*index, verdict));
            *r = left.get(m.left).map(|(index, _)| (*index, verdict));
        }
    }
    let one_side =
        |boxes: &[(u32, &PredictedBox)], partners: &[Option<(u32, Verdict)>], side, other, alone| {
            boxes
                .iter()
                .zip(partners)
                .map(|((index, _), partner)| Compared {
                    source: Source { side, index: *index },
                    verdict: partner.map_or(alone, |(_, verdict)| verdict),
                    counterpart: partner.map(|(index, _)| Source { side: other, index }),
                })
                .collect::<Vec<_>>()
        };
    let mut all = one_side(&left, &partner_of_left, Side::Champion, Side::Shadow, Verdict::OnlyChampion);
    all.extend(one_side(&right, &partner_of_right, Side::Shadow, Side::Champion, Verdict::OnlyShadow));
    all
}

/// Counts objects: a pair is one.
#[must_use]
pub fn tally(compared: &[Compared]) -> Tally {
    let mut tally = Tally::default();
    for c in compared {
        match (c.verdict, c.source.side) {
            (Verdict::Agreed, Side::Champion) => tally.agreed += 1,
            (Verdict::DifferingLabel, Side::Champion) => tally.differing += 1,
            (Verdict::OnlyChampion, _) => tally.only_champion += 1,
            (Verdict::OnlyShadow, _) => tally.only_shadow += 1,
            (Verdict::Agreed | Verdict::DifferingLabel, Side::Shadow) => {}
        }
    }
    tally
}

fn at_threshold(boxes: &[PredictedBox], threshold: Score) -> Vec<(u32, &PredictedBox)> {
    (0..=u32::MAX).zip(boxes).filter(|(_, b)| b.score >= threshold).collect()
}
