//! All boxes of a review replaced in one step: by a draft, a revision, a merge.

use crate::{
    boxes::{ReviewBox, StartedFrom},
    document::Change,
    editor::Editor,
    history::Act,
    notice::Notice,
    opening::number,
    order::sort,
};

impl Editor {
    /// Makes the review hold exactly these boxes, in one step. What says the
    /// same as a box that is there stays that box.
    pub(crate) fn replace_all(
        &mut self,
        act: Act,
        boxes: Vec<ReviewBox>,
        started_from: StartedFrom,
    ) -> Notice {
        let mut leaving: Vec<ReviewBox> = self.document.iter().cloned().collect();
        sort(&mut leaving, |a, b| by_truth(a, b).then(a.id.cmp(&b.id)));
        let mut matched = vec![false; leaving.len()];
        let mut changes = Vec::new();
        let mut arriving = Vec::new();
        for b in boxes {
            let first = leaving.partition_point(|other| by_truth(other, &b).is_lt());
            let twins = leaving.iter().zip(&mut matched).skip(first);
            let mut twins = twins.take_while(|(other, _)| by_truth(other, &b).is_eq());
            match twins.find(|(_, matched)| !**matched) {
                Some((twin, matched)) => {
                    *matched = true;
                    changes.push(Change::replace(twin.clone(), ReviewBox { id: twin.id, ..b }));
                }
                None => arriving.push(b),
            }
        }
        let gone = leaving.into_iter().zip(matched).filter(|(_, matched)| !matched);
        changes.extend(gone.map(|(b, _)| Change::remove(b)));
        changes.extend(number(arriving, &mut self.document).into_iter().map(Change::insert));
        self.commit_from(act, changes, started_from)
    }
}

/// An order in which boxes that say the same are neighbours.
fn by_truth(a: &ReviewBox, b: &ReviewBox) -> std::cmp::Ordering {
    let place = |b: &ReviewBox| [b.rect.x(), b.rect.y(), b.rect.w(), b.rect.h()];
    let coordinates = place(a).into_iter().zip(place(b));
    coordinates
        .map(|(a, b)| a.total_cmp(&b))
        .fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        .then((a.label, a.ignore, a.source).cmp(&(b.label, b.ignore, b.source)))
}
