use crate::support::rect;
use domain::geometry::{Rect, Size};
use proptest::prelude::*;
use review::{BoxId, BoxIndex};
use std::collections::BTreeMap;

#[derive(Clone, Debug)]
enum Step {
    Put(u32, Rect),
    Take(u32),
}

fn a_rect() -> impl Strategy<Value = Rect> {
    let side = prop_oneof![0.01..2.0, 1.0..40.0, 1.0..2_000.0_f64];
    (0.0..2_000.0_f64, 0.0..1_000.0_f64, side.clone(), side).prop_map(|(x, y, w, h)| {
        rect(x, y, w, h).clamp_to(size()).unwrap_or(rect(0.0, 0.0, 2_000.0, 1_000.0))
    })
}

fn size() -> Size {
    Size::new(2_000, 1_000).expect("a size")
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..60_u32, a_rect()).prop_map(|(id, rect)| Step::Put(id, rect)),
        1 => (0..60_u32).prop_map(Step::Take),
    ]
}

proptest! {
    #[test]
    fn the_index_finds_what_looking_at_every_box_finds(
        steps in prop::collection::vec(step(), 0..150),
        regions in prop::collection::vec(a_rect(), 1..8),
    ) {
        let mut index = BoxIndex::new(size());
        let mut all: BTreeMap<u32, Rect> = BTreeMap::new();
        for step in steps {
            let (id, fresh) = match step {
                Step::Put(id, rect) => (id, Some(rect)),
                Step::Take(id) => (id, None),
            };
            match (all.remove(&id), fresh) {
                (Some(old), Some(rect)) => index.relocate(BoxId(id), &old, rect),
                (Some(old), None) => index.remove(BoxId(id), &old),
                (None, Some(rect)) => index.insert(BoxId(id), rect),
                (None, None) => {}
            }
            if let Some(rect) = fresh {
                all.insert(id, rect);
            }
        }
        prop_assert_eq!(index.len(), all.len());
        for region in regions {
            let share_a_point = |r: &Rect| {
                r.x() <= region.right() && region.x() <= r.right()
                    && r.y() <= region.bottom() && region.y() <= r.bottom()
            };
            let expected: Vec<BoxId> =
                all.iter().filter(|(_, r)| share_a_point(r)).map(|(id, _)| BoxId(*id)).collect();
            prop_assert_eq!(index.collect(&region), expected);
        }
    }
}

#[test]
fn a_box_as_large_as_the_image_is_found_from_its_corner() {
    let mut index = BoxIndex::new(size());
    index.insert(BoxId(3), rect(0.0, 0.0, 2_000.0, 1_000.0));
    assert_eq!(index.collect(&rect(1_999.0, 999.0, 1.0, 1.0)), [BoxId(3)]);
    index.remove(BoxId(3), &rect(0.0, 0.0, 2_000.0, 1_000.0));
    assert!(index.is_empty());
}
