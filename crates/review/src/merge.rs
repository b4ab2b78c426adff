//! Two people changed the same review: a three-way merge of what both began
//! with and what each made of it. What only one changed is taken over; what
//! both changed differently is a conflict for a person, with both kept. No
//! box disappears unless somebody deleted it and nobody else touched it.

use crate::{
    boxes::{SavedBox, Source},
    matching::match_by_iou,
    order::sort,
    space::{SAME_PLACE, same_place},
};
use domain::{geometry::Rect, name::Label};
use serde::{Deserialize, Serialize};

/// One object after the merge, and its place in each of the three lists.
#[derive(Clone, Debug, PartialEq)]
pub struct MergedBox {
    /// Its place in the common ground.
    pub base: Option<usize>,
    /// Its place in mine.
    pub mine: Option<usize>,
    /// Its place in theirs.
    pub theirs: Option<usize>,
    /// What became of it.
    pub result: MergeResult,
}

/// What became of one object.
#[derive(Clone, Debug, PartialEq)]
pub enum MergeResult {
    /// Both agree, only one changed it, or they changed different things.
    Settled(SavedBox),
    /// One deleted it, the other left it as it was.
    Deleted,
    /// A person must choose.
    Conflict {
        /// What I have; `None` when I deleted it.
        mine: Option<SavedBox>,
        /// What they have; `None` when they deleted it.
        theirs: Option<SavedBox>,
    },
}

/// How a person settles a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// As I have it, which may be: not at all.
    Mine,
    /// As they have it, which may be: not at all.
    Theirs,
    /// Both boxes.
    Both,
}

/// The outcome of a merge.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// In the order of the common ground, then mine, then theirs.
    pub boxes: Vec<MergedBox>,
}

impl Merged {
    /// How many conflicts there are.
    #[must_use]
    pub fn conflicts(&self) -> usize {
        self.boxes.iter().filter(|b| matches!(b.result, MergeResult::Conflict { .. })).count()
    }

    /// The boxes, with one choice for each conflict in order; a choice that
    /// is missing is [`Choice::Both`], which loses nothing.
    #[must_use]
    pub fn resolve(&self, choices: &[Choice]) -> Vec<SavedBox> {
        let mut choices = choices.iter().copied();
        let mut boxes = Vec::with_capacity(self.boxes.len());
        for merged in &self.boxes {
            match &merged.result {
                MergeResult::Settled(b) => boxes.push(b.clone()),
                MergeResult::Deleted => {}
                MergeResult::Conflict { mine, theirs } => {
                    let choice = choices.next().unwrap_or(Choice::Both);
                    let mine = mine.as_ref().filter(|_| choice != Choice::Theirs);
                    let theirs = theirs.as_ref().filter(|_| choice != Choice::Mine);
                    // One model's box stays one: the second becomes a person's.
                    let second = theirs.map(|b| SavedBox {
                        source: b.source.filter(|s| mine.is_none_or(|m| m.source != Some(*s))),
                        ..b.clone()
                    });
                    boxes.extend(mine.cloned());
                    boxes.extend(second);
                }
            }
        }
        boxes
    }
}

/// Merges what two made of `base`. Which box is which is told by the model's
/// box it came from, else by being the same, else by an overlap of at least
/// one half.
#[must_use]
pub fn merge(base: &[SavedBox], mine: &[SavedBox], theirs: &[SavedBox]) -> Merged {
    let of_mine = Pairing::of(base, mine);
    let of_theirs = Pairing::of(base, theirs);
    let mut boxes = Vec::new();
    for (at, b) in base.iter().enumerate() {
        let (m, t) = (of_mine.partner(at), of_theirs.partner(at));
        let get = |list: &'_ [SavedBox], place: Option<usize>| place.and_then(|p| list.get(p)).cloned();
        let result = match (get(mine, m), get(theirs, t)) {
            (None, None) => continue,
            (Some(mine), None) if mine.same_truth(b) => MergeResult::Deleted,
            (None, Some(theirs)) if theirs.same_truth(b) => MergeResult::Deleted,
            (Some(mine), Some(theirs)) => both_have(b, mine, theirs),
            (mine, theirs) => MergeResult::Conflict { mine, theirs },
        };
        boxes.push(MergedBox { base: Some(at), mine: m, theirs: t, result });
    }
    boxes.extend(additions(mine, &of_mine.added, theirs, &of_theirs.added));
    Merged { boxes }
}

fn both_have(base: &SavedBox, mine: SavedBox, theirs: SavedBox) -> MergeResult {
    let rect = settle(&base.rect, &mine.rect, &theirs.rect, same_place);
    let label = settle(&base.label, &mine.label, &theirs.label, Label::eq);
    let ignore = settle(&base.ignore, &mine.ignore, &theirs.ignore, bool::eq);
    match (rect, label, ignore) {
        (Some(rect), Some(label), Some(ignore)) => MergeResult::Settled(SavedBox {
            rect: *rect,
            label: label.clone(),
            ignore: *ignore,
            source: base.source.or(mine.source).or(theirs.source),
        }),
        _ => MergeResult::Conflict { mine: Some(mine), theirs: Some(theirs) },
    }
}

/// The value both can live with, if there is one.
fn settle<'a, T>(base: &T, mine: &'a T, theirs: &'a T, same: impl Fn(&T, &T) -> bool) -> Option<&'a T> {
    if same(mine, theirs) || same(theirs, base) {
        Some(mine)
    } else if same(mine, base) {
        Some(theirs)
    } else {
        None
    }
}

/// What each added. The same box added twice is one; two that overlap like
/// one object are a conflict; the rest are both wanted.
fn additions(
    mine: &[SavedBox],
    added_by_me: &[usize],
    theirs: &[SavedBox],
    added_by_them: &[usize],
) -> Vec<MergedBox> {
    let pick = |list: &[SavedBox], places: &[usize]| -> Vec<SavedBox> {
        places.iter().filter_map(|at| list.get(*at)).cloned().collect()
    };
    let (left, right) = (pick(mine, added_by_me), pick(theirs, added_by_them));
    let pairing = Pairing::of(&left, &right);
    let mut boxes: Vec<MergedBox> = left
        .into_iter()
        .zip(added_by_me)
        .enumerate()
        .map(|(at, (mine, place))| {
            let partner = pairing.partner(at);
            let theirs = partner.and_then(|p| right.get(p)).cloned();
            let result = match theirs {
                None => MergeResult::Settled(mine),
                Some(theirs) if mine.same_truth(&theirs) => {
                    MergeResult::Settled(SavedBox { source: mine.source.or(theirs.source), ..mine })
                }
                theirs => MergeResult::Conflict { mine: Some(mine), theirs },
            };
            let their_place = partner.and_then(|p| added_by_them.get(p)).copied();
            MergedBox { base: None, mine: Some(*place), theirs: their_place, result }
        })
        .collect();
    let alone = pairing.added.iter().filter_map(|p| Some((right.get(*p)?, added_by_them.get(*p)?)));
    boxes.extend(alone.map(|(b, place)| MergedBox {
        base: None,
        mine: None,
        theirs: Some(*place),
        result: MergeResult::Settled(b.clone()),
    }));
    boxes
}

/// Which box of a second list is which of a first.
struct Pairing {
    partners: Vec<Option<usize>>,
    added: Vec<usize>,
}

impl Pairing {
    fn of(first: &[SavedBox], second: &[SavedBox]) -> Self {
        let mut pairing = Self { partners: vec![None; first.len()], added: (0..second.len()).collect() };
        pairing.pair_by_key(first, second, |b| b.source);
        pairing.pair_by_key(first, second, |b| Some(Truth::of(b)));
        pairing.pair_by_overlap(first, second);
        pairing
    }

    fn partner(&self, at: usize) -> Option<usize> {
        self.partners.get(at).copied().flatten()
    }

    fn pair_by_key<K: Ord>(
        &mut self,
        first: &[SavedBox],
        second: &[SavedBox],
        key: impl Fn(&SavedBox) -> Option<K>,
    ) {
        let keyed = |at: &usize| Some((key(second.get(*at)?)?, Some(*at)));
        let mut waiting: Vec<(K, Option<usize>)> = self.added.iter().filter_map(keyed).collect();
        sort(&mut waiting, |a, b| a.0.cmp(&b.0));
        for (b, partner) in first.iter().zip(&mut self.partners).filter(|(_, partner)| partner.is_none()) {
            let Some(key) = key(b) else { continue };
            let begin = waiting.partition_point(|(other, _)| *other < key);
            let mut alike = waiting.iter_mut().skip(begin).take_while(|(other, _)| *other == key);
            *partner = alike.find_map(|(_, at)| at.take());
        }
        self.forget_paired();
    }

    fn pair_by_overlap(&mut self, first: &[SavedBox], second: &[SavedBox]) {
        let alone: Vec<usize> = (0..first.len()).filter(|at| self.partner(*at).is_none()).collect();
        let rects = |list: &[SavedBox], places: &[usize]| -> Vec<Rect> {
            places.iter().filter_map(|at| list.get(*at)).map(|b| b.rect).collect()
        };
        let source = |list: &[SavedBox], at: Option<&usize>| -> Option<Source> { list.get(*at?)?.source };
        let label = |list: &[SavedBox], at: Option<&usize>| list.get(*at?).map(|b| b.label.clone());
        let same_label = |l: usize, r: usize| label(first, alone.get(l)) == label(second, self.added.get(r));
        let matches = match_by_iou(&rects(first, &alone), &rects(second, &self.added), same_label);
        for m in matches {
            let (l, r) = (alone.get(m.left), self.added.get(m.right));
            // Two different boxes of the models are two objects.
            let different = source(first, l).is_some() && source(second, r).is_some();
            if let (Some(l), Some(r), false) = (l, r, different)
                && let Some(partner) = self.partners.get_mut(*l)
            {
                *partner = Some(*r);
            }
        }
        self.forget_paired();
    }

    fn forget_paired(&mut self) {
        let mut paired: Vec<usize> = self.partners.iter().flatten().copied().collect();
        sort(&mut paired, Ord::cmp);
        self.added.retain(|at| paired.binary_search(at).is_err());
    }
}

/// What a box says, in a form that can be looked up.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Truth {
    place: [i64; 4],
    label: String,
    ignore: bool,
}

impl Truth {
    fn of(b: &SavedBox) -> Self {
        let place = [b.rect.x(), b.rect.y(), b.rect.w(), b.rect.h()].map(|v| (v / SAME_PLACE).round() as i64);
        Self { place, label: b.label.to_string(), ignore: b.ignore }
    }
}
