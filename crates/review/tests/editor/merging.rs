use crate::support::*;
use proptest::prelude::*;
use review::*;

fn saved(text: &str, x: f64, y: f64, w: f64, h: f64) -> SavedBox {
    SavedBox { label: label(text), rect: rect(x, y, w, h), ignore: false, source: None }
}

fn settled(merged: &Merged) -> Vec<SavedBox> {
    assert_eq!(merged.conflicts(), 0, "{merged:?}");
    merged.resolve(&[])
}

#[test]
fn what_only_one_changed_is_taken_over() {
    let base = [saved("a", 0.0, 0.0, 50.0, 50.0), saved("b", 100.0, 0.0, 50.0, 50.0)];
    let mine = [saved("a", 10.0, 0.0, 50.0, 50.0), base[1].clone()];
    let theirs = [base[0].clone(), saved("c", 100.0, 0.0, 50.0, 50.0), saved("d", 300.0, 0.0, 9.0, 9.0)];
    assert_eq!(
        settled(&merge(&base, &mine, &theirs)),
        [mine[0].clone(), theirs[1].clone(), theirs[2].clone()]
    );
}

#[test]
fn one_moved_it_and_the_other_relabelled_it() {
    let base = [saved("a", 0.0, 0.0, 50.0, 50.0)];
    let mine = [saved("a", 10.0, 0.0, 50.0, 50.0)];
    let theirs = [saved("b", 0.0, 0.0, 50.0, 50.0)];
    assert_eq!(settled(&merge(&base, &mine, &theirs)), [saved("b", 10.0, 0.0, 50.0, 50.0)]);
}

#[test]
fn both_moved_it_differently_is_a_conflict_with_both_kept() {
    let base = [saved("a", 0.0, 0.0, 50.0, 50.0)];
    let mine = [saved("a", 10.0, 0.0, 50.0, 50.0)];
    let theirs = [saved("a", 0.0, 10.0, 50.0, 50.0)];
    let merged = merge(&base, &mine, &theirs);
    assert_eq!(merged.conflicts(), 1);
    assert_eq!(merged.resolve(&[Choice::Mine]), mine);
    assert_eq!(merged.resolve(&[Choice::Theirs]), theirs);
    assert_eq!(merged.resolve(&[]), [mine[0].clone(), theirs[0].clone()], "without a choice nothing is lost");
}

#[test]
fn a_box_that_one_deleted_goes_unless_the_other_changed_it() {
    let base = [saved("a", 0.0, 0.0, 50.0, 50.0)];
    let moved = [saved("a", 10.0, 0.0, 50.0, 50.0)];
    assert_eq!(settled(&merge(&base, &[], &base)), []);
    assert_eq!(settled(&merge(&base, &base, &[])), []);
    let merged = merge(&base, &[], &moved);
    assert_eq!(merged.conflicts(), 1);
    assert_eq!(merged.resolve(&[Choice::Theirs]), moved);
    assert_eq!(merged.resolve(&[Choice::Mine]), []);
}

#[test]
fn the_same_box_added_twice_is_one_and_an_almost_same_one_a_conflict() {
    let mine = [saved("a", 0.0, 0.0, 50.0, 50.0), saved("a", 200.0, 0.0, 50.0, 50.0)];
    let theirs = [saved("a", 0.0, 0.0, 50.0, 50.0), saved("a", 205.0, 0.0, 50.0, 50.0)];
    let merged = merge(&[], &mine, &theirs);
    assert_eq!(
        (merged.conflicts(), merged.resolve(&[Choice::Mine]).len(), merged.resolve(&[]).len()),
        (1, 2, 3)
    );
}

#[test]
fn a_models_box_is_known_by_its_source_however_far_it_went() {
    let source = |b: SavedBox, index| SavedBox { source: Some(Source { side: Side::Champion, index }), ..b };
    let base = [source(saved("a", 0.0, 0.0, 50.0, 50.0), 4)];
    let mine = [source(saved("a", 400.0, 300.0, 50.0, 50.0), 4)];
    let theirs = [source(saved("b", 0.0, 0.0, 50.0, 50.0), 4)];
    let expected = [source(saved("b", 400.0, 300.0, 50.0, 50.0), 4)];
    assert_eq!(settled(&merge(&base, &mine, &theirs)), expected);
}

#[test]
fn two_different_boxes_of_the_models_are_two_objects_however_they_overlap() {
    let of = |index| SavedBox {
        source: Some(Source { side: Side::Champion, index }),
        ..saved("a", 0.0, 0.0, 50.0, 50.0 + f64::from(index))
    };
    let merged = merge(&[of(0)], &[of(1)], &[of(0)]);
    assert_eq!(settled(&merged), [of(1)], "mine is a new box, and theirs was deleted by me");
    assert_eq!(merged.boxes.len(), 2);
}

#[test]
fn a_last_digit_lost_on_the_way_is_no_change() {
    let base = [saved("a", 498.31308114020004, 0.0, 50.0, 50.0)];
    let theirs = [saved("a", 498.3130811402, 0.0, 50.0, 50.0)];
    let mine = [saved("a", 400.0, 0.0, 50.0, 50.0)];
    assert_eq!(settled(&merge(&base, &mine, &theirs)), mine);
    assert_eq!(settled(&merge(&base, &theirs, &[])), []);
}

#[test]
fn the_second_of_two_reviewers_merges_and_saves_on_top() {
    let mut mine = open_cells();
    hand(&mut mine).draw((10.0, 400.0), (60.0, 460.0));
    let mut theirs = open_cells();
    hand(&mut theirs).click(160.0, 150.0);
    theirs.execute(Command::Relabel(LabelIndex(0)));
    let first = theirs.outcome();
    let first = SavedReview {
        revision: 1,
        started_from: first.started_from,
        boxes: first.boxes,
        untouched: first.untouched,
    };
    let merged = merge(mine.base(), &mine.saved_boxes(), &first.boxes);
    assert_eq!(merged.conflicts(), 0);
    mine.rebase(&first, &merged.resolve(&[]));
    let outcome = mine.outcome();
    assert_eq!((outcome.base_revision, outcome.boxes.len()), (1, 4));
    let labels: Vec<&str> = outcome.boxes.iter().map(|b| b.label.as_str()).collect();
    assert_eq!(labels.iter().filter(|l| **l == "RBC").count(), 3, "their label and my box are both there");
    assert_eq!(outcome.untouched.len(), 2, "the box they touched is not untouched");
    assert!(mine.is_dirty());
    mine.execute(Command::Undo);
    assert_eq!(mine.len(), 4, "my own work can still be seen");
}

/// What somebody did to each box of the common ground, and what they added.
fn versions() -> impl Strategy<Value = (Vec<SavedBox>, Vec<SavedBox>, Vec<SavedBox>)> {
    let one = (0..3_usize, 0..8_u32, 0..8_u32, 20.0..80.0_f64, 20.0..80.0_f64).prop_map(|(l, x, y, w, h)| {
        saved(["a", "b", "c"][l], f64::from(x) * 70.0, f64::from(y) * 70.0, w, h)
    });
    let base = prop::collection::vec((one.clone(), any::<bool>()), 0..10).prop_map(|boxes| {
        let with_source = |(index, (b, from_model)): (u32, (SavedBox, bool))| SavedBox {
            source: from_model.then_some(Source { side: Side::Champion, index }),
            ..b
        };
        (0_u32..).zip(boxes).map(with_source).collect::<Vec<_>>()
    });
    let edits = prop::collection::vec((0..5_u8, -30.0..30.0_f64), 10);
    let added = prop::collection::vec(one, 0..4);
    let edit = |base: &[SavedBox], edits: &[(u8, f64)], added: &[SavedBox]| -> Vec<SavedBox> {
        let kept = base.iter().zip(edits).filter_map(|(b, (kind, by))| match kind {
            0 => None,
            1 => Some(SavedBox {
                rect: rect(b.rect.x() + by, b.rect.y(), b.rect.w(), b.rect.h()),
                ..b.clone()
            }),
            2 => Some(SavedBox { label: label("relabelled"), ..b.clone() }),
            _ => Some(b.clone()),
        });
        kept.chain(added.iter().cloned()).collect()
    };
    (base, edits.clone(), edits, added.clone(), added).prop_map(
        move |(base, mine, theirs, my_new, their_new)| {
            let (mine, theirs) = (edit(&base, &mine, &my_new), edit(&base, &theirs, &their_new));
            (base, mine, theirs)
        },
    )
}

fn same_truth(a: &SavedBox, b: &SavedBox) -> bool {
    a.label == b.label && a.rect == b.rect && a.ignore == b.ignore
}

proptest! {
    #[test]
    fn every_box_of_both_is_accounted_for_exactly_once((base, mine, theirs) in versions()) {
        let merged = merge(&base, &mine, &theirs);
        type Place = fn(&MergedBox) -> Option<usize>;
        let sides: [(&[SavedBox], Place); 2] = [(&mine, |b| b.mine), (&theirs, |b| b.theirs)];
        for (side, place) in sides {
            let mut places: Vec<usize> = merged.boxes.iter().filter_map(place).collect();
            places.sort_unstable();
            prop_assert_eq!(places, (0..side.len()).collect::<Vec<_>>());
        }
        for b in merged.boxes.iter().filter(|b| b.result == MergeResult::Deleted) {
            let before = &base[b.base.expect("only what was there can be deleted")];
            let left = b.mine.map(|at| &mine[at]).or(b.theirs.map(|at| &theirs[at]));
            prop_assert!(same_truth(left.expect("one side left it"), before));
        }
        let kept = merged.boxes.iter().filter(|b| b.result != MergeResult::Deleted).count();
        prop_assert!(merged.resolve(&[]).len() >= kept);
    }

    #[test]
    fn merging_with_an_unchanged_side_gives_the_other((base, mine, _) in versions()) {
        let sorted = |mut boxes: Vec<SavedBox>| {
            boxes.sort_by_key(|b| format!("{} {:?}", b.label, b.rect));
            boxes.into_iter().map(|b| (b.label, b.rect)).collect::<Vec<_>>()
        };
        let ours = merge(&base, &mine, &base);
        prop_assert_eq!(ours.conflicts(), 0);
        prop_assert_eq!(sorted(ours.resolve(&[])), sorted(mine.clone()));
        let theirs = merge(&base, &base, &mine);
        prop_assert_eq!(theirs.conflicts(), 0);
        prop_assert_eq!(sorted(theirs.resolve(&[])), sorted(mine));
    }
}
