//! Predictions as lists show them: the figures of a row, and the boxes that are
//! visible as one outline a label, so that many fit into an answer and onto a page.

use domain::{
    geometry::{Rect, Size},
    ids::PredictionId,
    listing::{ListedPrediction, Listing, Numbers},
    prediction::Status,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt::Write};

/// A prediction as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tile {
    /// Its prediction; links and selections name it.
    pub id: PredictionId,
    /// How far it is.
    pub status: Status,
    /// The sender's name for it.
    pub filename: Option<String>,
    /// Which camera, line or client.
    pub source: Option<String>,
    /// `model/number` that answered.
    pub model: String,
    /// Of the upright image.
    pub size: Size,
    /// Whether there is an image to show.
    pub pictured: bool,
    /// The first hundred boxes at or above the threshold, by label.
    pub boxes: Vec<Outline>,
    /// When the image was taken.
    pub created: Timestamp,
    /// When it arrived.
    pub received: Timestamp,
    /// Every number that a query can ask for.
    pub numbers: Numbers,
    /// Who saved the latest review.
    pub reviewed_by: Option<String>,
    /// Free words.
    pub tags: Vec<String>,
    /// Free keys and values.
    pub metadata: BTreeMap<String, String>,
}

/// The boxes of one label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outline {
    /// The class.
    pub label: String,
    /// How many boxes.
    pub count: u32,
    /// Their rectangles as a path of SVG, in pixels of the upright image.
    pub path: String,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TilePage {
    /// In the order asked for.
    pub items: Vec<Tile>,
    /// Asks for the page after.
    pub next_cursor: Option<String>,
    /// Asks for the page before.
    pub prev_cursor: Option<String>,
    /// Whether the search came to its end within its time.
    pub complete: bool,
    /// The moment up to which "all that match" is meant.
    pub as_of: Timestamp,
}

/// More would be a blot on a thumbnail.
const BOXES_OF_A_TILE: usize = 100;

/// One outline a label, in the order in which labels first come.
#[must_use]
pub fn outlines<'a>(boxes: impl IntoIterator<Item = (&'a str, Rect)>) -> Vec<Outline> {
    let mut outlines: Vec<Outline> = Vec::new();
    for (label, rect) in boxes {
        let at = outlines.iter().position(|outline| outline.label == label).unwrap_or(outlines.len());
        if at == outlines.len() {
            outlines.push(Outline { label: label.to_owned(), count: 0, path: String::new() });
        }
        if let Some(outline) = outlines.get_mut(at) {
            outline.count += 1;
            let px = |value: f64| charts::decimal(value, 1);
            let (x, y, w, h) = (px(rect.x()), px(rect.y()), px(rect.w()), px(rect.h()));
            // Writing into a text does not fail.
            let _ = write!(outline.path, "M{x} {y}h{w}v{h}h-{w}z");
        }
    }
    outlines
}

impl From<ListedPrediction> for Tile {
    fn from(listed: ListedPrediction) -> Self {
        let prediction = listed.prediction;
        let visible = prediction.visible_boxes().take(BOXES_OF_A_TILE);
        Self {
            id: prediction.id,
            status: prediction.status,
            boxes: outlines(visible.map(|b| (b.label.as_str(), b.rect))),
            size: prediction.size,
            pictured: prediction.image.is_some(),
            created: prediction.created,
            received: prediction.received,
            numbers: listed.numbers,
            reviewed_by: listed.reviewed_by,
            filename: prediction.filename,
            source: prediction.source,
            model: prediction.model,
            tags: prediction.tags,
            metadata: prediction.metadata,
        }
    }
}

impl From<Listing> for TilePage {
    fn from(listing: Listing) -> Self {
        Self {
            items: listing.items.into_iter().map(Tile::from).collect(),
            next_cursor: listing.next_cursor,
            prev_cursor: listing.prev_cursor,
            complete: listing.complete,
            as_of: listing.as_of,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_of_a_label_are_one_outline() {
        let rect = |x| Rect::new(x, 2.25, 30.0, 40.04).expect("a box");
        let drawn = outlines([("a", rect(1.0)), ("b", rect(5.0)), ("a", rect(9.0))]);
        assert_eq!(
            drawn.iter().map(|o| (o.label.as_str(), o.count)).collect::<Vec<_>>(),
            [("a", 2), ("b", 1)]
        );
        assert_eq!(drawn[0].path, "M1 2.2h30v40h-30zM9 2.2h30v40h-30z");
    }
}
