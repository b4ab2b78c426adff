//! Tracks of a video: a shape at some frames, and between them what CVAT
//! shows. From a shape that is not outside to the next one everything moves
//! evenly; after an outside one there is nothing until the next; the last one
//! stays until the end.

use super::shapes::Shape;
use domain::name::Label;

/// A shape of a track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct KeyShape {
    pub(super) frame: u64,
    pub(super) shape: Shape,
    /// The object is not to be seen from here on.
    pub(super) outside: bool,
    pub(super) ignore: bool,
}

/// An object through its frames.
#[derive(Clone, Debug)]
pub(super) struct Track {
    pub(super) place: String,
    pub(super) label: Label,
    /// By frame, each once.
    shapes: Vec<KeyShape>,
}

impl Track {
    /// Of two shapes of one frame the later one in the file counts.
    pub(super) fn new(place: String, label: Label, mut shapes: Vec<KeyShape>) -> Self {
        shapes.reverse();
        shapes.sort_by_key(|shape| shape.frame);
        shapes.dedup_by_key(|shape| shape.frame);
        Self { place, label, shapes }
    }

    /// Frames that the file itself shows the object in.
    pub(super) fn visible_frames(&self) -> impl Iterator<Item = u64> + '_ {
        self.shapes.iter().filter(|shape| !shape.outside).map(|shape| shape.frame)
    }

    /// Where the object is in a frame; `None` when it is not to be seen.
    pub(super) fn at(&self, frame: u64) -> Option<KeyShape> {
        let after = self.shapes.partition_point(|shape| shape.frame <= frame);
        let before = *self.shapes.get(after.checked_sub(1)?)?;
        if before.outside {
            return None;
        }
        let Some(next) = self.shapes.get(after).filter(|_| before.frame < frame) else { return Some(before) };
        let share = (frame - before.frame) as f64 / (next.frame - before.frame) as f64;
        Some(KeyShape { frame, shape: before.shape.towards(next.shape, share), ..before })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(frame: u64, x: f64, outside: bool) -> KeyShape {
        let shape = Shape::Rectangle { numbers: [x, 0.0, 4.0, 4.0], degrees: 0.0 };
        KeyShape { frame, shape, outside, ignore: false }
    }

    fn lefts(track: &Track, frames: std::ops::Range<u64>) -> Vec<Option<f64>> {
        frames.map(|frame| track.at(frame).map(|key| key.shape.upright().0[0])).collect()
    }

    #[test]
    fn between_two_shapes_everything_moves_evenly() {
        let label = Label::new("car").expect("a label");
        let shapes = vec![key(6, 40.0, false), key(1, 0.0, false), key(3, 8.0, true)];
        let track = Track::new(String::new(), label, shapes);
        assert_eq!(
            lefts(&track, 0..9),
            [None, Some(0.0), Some(4.0), None, None, None, Some(40.0), Some(40.0), Some(40.0)]
        );
        assert_eq!(track.visible_frames().collect::<Vec<_>>(), [1, 6]);
    }

    #[test]
    fn of_two_shapes_of_a_frame_the_later_counts() {
        let label = Label::new("car").expect("a label");
        let track = Track::new(String::new(), label, vec![key(1, 0.0, false), key(1, 9.0, false)]);
        assert_eq!(lefts(&track, 1..2), [Some(9.0)]);
    }
}
