//! Sound reports of predictions made elsewhere, on images of 640×480 px.

use domain::{
    geometry::{Rect, Score},
    name::Label,
    prediction::{PredictedBox, Provenance, Report},
};

/// A label.
///
/// # Panics
/// When the text is none.
#[must_use]
pub fn label(text: &str) -> Label {
    Label::new(text).expect("a label")
}

/// A box of 20×20 px at (`x`, 10).
///
/// # Panics
/// When the score or the place is none.
#[must_use]
pub fn predicted(name: &str, score: f64, x: f64) -> PredictedBox {
    PredictedBox {
        label: label(name),
        score: Score::new(score).expect("a score"),
        rect: Rect::new(x, 10.0, 20.0, 20.0).expect("a box"),
    }
}

/// What comes with a file of this name.
#[must_use]
pub fn named(filename: &str) -> Provenance {
    Provenance { filename: Some(filename.to_owned()), ..Provenance::default() }
}

/// A report of these boxes by the champion, which took 12.5 ms.
#[must_use]
pub fn report(boxes: Vec<PredictedBox>) -> Report {
    Report {
        provenance: Provenance::default(),
        width: Some(640),
        height: Some(480),
        latency_ms: 12.5,
        boxes,
        shadow: None,
        model: None,
        sample: None,
    }
}
