//! Boxes as the SDK sends them: classes by number, edges from the top on, in
//! the picture as the script's own program read it.

use super::answers::wrong;
use crate::http::{AppState, api::AtMost, problem::Problem};
use bytes::Bytes;
use domain::{
    geometry::{Rect, Score},
    name::Label,
    prediction::PredictedBox,
};
use serde::Deserialize;

/// Boxes of one prediction that are read before they are counted.
const MOST: usize = 20_000;

/// What a model saw.
#[derive(Deserialize)]
pub(super) struct Detections {
    #[serde(default)]
    detection_classes: AtMost<i64, MOST>,
    /// Top, left, bottom, right.
    #[serde(default)]
    detection_boxes: AtMost<[f64; 4], MOST>,
    #[serde(default)]
    detection_scores: AtMost<f64, MOST>,
}

impl Detections {
    /// As boxes of the upright image. Edges that were swapped are put right; a
    /// box without an area is left out, and noted.
    ///
    /// # Errors
    /// Lists of several lengths, a class that the model does not have.
    pub(super) fn boxes(
        self,
        labels: &[Label],
        frame: &Frame,
        notes: &mut Vec<String>,
    ) -> Result<Vec<PredictedBox>, Problem> {
        let (classes, boxes, scores) =
            (self.detection_classes.0, self.detection_boxes.0, self.detection_scores.0);
        if classes.len() != boxes.len() || classes.len() != scores.len() {
            let message = "Classes, boxes and scores must be as many of each.";
            return Err(wrong("raw_predictions", message));
        }
        let mut seen = Vec::with_capacity(classes.len());
        for (index, ((class, edges), score)) in classes.into_iter().zip(boxes).zip(scores).enumerate() {
            let label = usize::try_from(class).ok().and_then(|class| labels.get(class)).ok_or_else(|| {
                let last = labels.len().saturating_sub(1);
                let message = format!("Class {class} is none of the model's, which are 0 to {last}.");
                wrong(&format!("raw_predictions.detection_classes[{index}]"), message)
            })?;
            let score = Score::new(score).ok_or_else(|| {
                wrong(&format!("raw_predictions.detection_scores[{index}]"), "A score lies between 0 and 1.")
            })?;
            match frame.rect(edges) {
                Some(rect) => seen.push(PredictedBox { label: label.clone(), score, rect }),
                None => notes.push(format!("Box {index} was left out: it has no area.")),
            }
        }
        Ok(seen)
    }
}

/// The picture that boxes are drawn in, and how it becomes the upright one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Frame {
    /// Of the upright image.
    pub(super) width: u32,
    /// Of the upright image.
    pub(super) height: u32,
    /// The EXIF orientation that the script's program passed over.
    turn: u8,
}

impl Frame {
    /// Boxes that are of the upright image already.
    pub(super) fn upright(width: u32, height: u32) -> Self {
        Self { width, height, turn: 1 }
    }

    /// Of a picture whose sides were reported. Where these are the sides as
    /// they lie in a file that is to be turned by a quarter, its boxes are, too.
    ///
    /// # Errors
    /// Bytes that are no image.
    pub(super) async fn of(
        state: &AppState,
        width: u32,
        height: u32,
        image: Option<Bytes>,
    ) -> Result<Self, Problem> {
        let Some(image) = image else { return Ok(Self::upright(width, height)) };
        let limits = state.service.limits().image;
        let probed = tokio::task::spawn_blocking(move || imaging::probe(&image, &limits)).await;
        let Ok(Ok(probe)) = probed else { return Ok(Self::upright(width, height)) };
        let as_stored = probe.stored.width == width && probe.stored.height == height;
        if as_stored && probe.size != probe.stored {
            return Ok(Self {
                width: probe.size.width,
                height: probe.size.height,
                turn: probe.orientation.exif(),
            });
        }
        Ok(Self::upright(width, height))
    }

    /// A box of top, left, bottom and right; `None` without an area.
    fn rect(self, [top, left, bottom, right]: [f64; 4]) -> Option<Rect> {
        let ((x0, y0), (x1, y1)) = (self.point(left, top), self.point(right, bottom));
        let (left, right) = (x0.min(x1), x0.max(x1));
        let (top, bottom) = (y0.min(y1), y0.max(y1));
        Rect::new(left, top, right - left, bottom - top).ok()
    }

    /// A point of the stored picture in the upright one.
    fn point(self, x: f64, y: f64) -> (f64, f64) {
        let (width, height) = (f64::from(self.width), f64::from(self.height));
        match self.turn {
            5 => (y, x),
            6 => (width - y, x),
            7 => (width - y, height - x),
            8 => (y, height - x),
            _ => (x, y),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, frame: &Frame) -> (Vec<[f64; 4]>, usize) {
        let labels = ["red", "white"].map(|word| Label::new(word).expect("a label"));
        let detections: Detections = serde_json::from_str(text).expect("detections");
        let mut notes = Vec::new();
        let boxes =
            detections.boxes(&labels, frame, &mut notes).unwrap_or_else(|problem| panic!("{:?}", problem.0));
        (boxes.iter().map(|b| [b.rect.x(), b.rect.y(), b.rect.w(), b.rect.h()]).collect(), notes.len())
    }

    #[test]
    fn edges_from_the_top_become_a_rectangle_and_swapped_ones_are_put_right() {
        let frame = Frame::upright(640, 480);
        let text = r#"{"detection_classes":[0,1,1],"detection_scores":[0.9,0.5,0.4],
            "detection_boxes":[[100,50,180,140],[180,140,100,50],[5,5,5,9]]}"#;
        let (boxes, notes) = read(text, &frame);
        assert_eq!(boxes, [[50.0, 100.0, 90.0, 80.0]; 2]);
        assert_eq!(notes, 1, "a box without an area");
    }

    #[test]
    fn boxes_of_a_picture_that_was_not_turned_are_turned_with_it() {
        // Stored 640×480, to be turned clockwise: 480×640. What is at the top
        // left as stored is at the top right then.
        let frame = Frame { width: 480, height: 640, turn: 6 };
        let text = r#"{"detection_classes":[0],"detection_scores":[0.9],"detection_boxes":[[0,0,20,30]]}"#;
        assert_eq!(read(text, &frame).0, [[460.0, 0.0, 20.0, 30.0]]);
        let frame = Frame { turn: 8, ..frame };
        assert_eq!(read(text, &frame).0, [[0.0, 610.0, 20.0, 30.0]]);
    }
}
