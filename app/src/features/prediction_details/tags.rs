//! Where the names of boxes lie on a picture: none on another one, none cut by
//! the picture's edge.

use domain::geometry::{Rect, Size};

/// The upper left corner of a name, in pixels of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tag {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// Another name is there already: shown only when its box is pointed at.
    pub crowded: bool,
}

/// A place for the name of each box, given with the name's width; those that
/// come first have the choice: above the box, inside at its top, below it, or
/// inside at its foot.
pub(super) fn place(size: Size, height: f64, boxes: impl Iterator<Item = (Rect, f64)>) -> Vec<Tag> {
    let mut taken: Vec<(f64, f64, f64)> = Vec::new();
    let (right, foot) = (f64::from(size.width), f64::from(size.height) - height);
    boxes
        .map(|(rect, width)| {
            let x = rect.x().min(right - width).max(0.0);
            let below = rect.y() + rect.h();
            let heights = [rect.y() - height, rect.y(), below, below - height];
            let mut places = heights.into_iter().filter(|y| (0.0..=foot).contains(y));
            let free = |y: &f64| {
                taken.iter().all(|(other_x, other_y, other_width)| {
                    x >= other_x + other_width || x + width <= *other_x || (y - other_y).abs() >= height
                })
            };
            match places.find(free) {
                Some(y) => {
                    taken.push((x, y, width));
                    Tag { x, y, crowded: false }
                }
                None => Tag { x, y: (rect.y() - height).max(0.0), crowded: true },
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(boxes: &[(f64, f64, f64, f64)]) -> Vec<Tag> {
        let size = Size::new(640, 480).expect("a size");
        let rects = boxes.iter().map(|(x, y, w, h)| Rect::new(*x, *y, *w, *h).expect("a box"));
        place(size, 16.0, rects.map(|rect| (rect, 90.0)))
    }

    #[test]
    fn a_name_lies_above_its_box_and_inside_one_at_the_upper_edge() {
        let tags = placed(&[(100.0, 100.0, 80.0, 80.0), (300.0, 0.0, 80.0, 80.0)]);
        assert_eq!(tags.iter().map(|tag| tag.y).collect::<Vec<_>>(), [84.0, 0.0]);
    }

    #[test]
    fn a_name_at_the_right_edge_is_not_cut() {
        assert_eq!(placed(&[(600.0, 100.0, 40.0, 40.0)]), [Tag { x: 550.0, y: 84.0, crowded: false }]);
    }

    #[test]
    fn names_never_lie_on_each_other() {
        let close: Vec<_> = (0..12).map(|n| (100.0 + 7.0 * f64::from(n), 100.0, 80.0, 60.0)).collect();
        let shown: Vec<Tag> = placed(&close).into_iter().filter(|tag| !tag.crowded).collect();
        assert!(shown.len() >= 4, "{shown:?}");
        for (n, a) in shown.iter().enumerate() {
            for b in shown.iter().skip(n + 1) {
                assert!((a.x - b.x).abs() >= 90.0 || (a.y - b.y).abs() >= 16.0, "{a:?} {b:?}");
            }
        }
    }
}
