//! COCO average precision and recall.

use serde::{Deserialize, Serialize};

/// The twelve figures of COCOeval; −1 where undefined.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(non_snake_case, reason = "the field's own names, as scripts read them")]
pub struct Summary {
    /// AP averaged over IoU 0.50:0.05:0.95.
    pub AP: f64,
    /// AP at IoU 0.50.
    pub AP50: f64,
    /// AP at IoU 0.75.
    pub AP75: f64,
    /// AP of true boxes below 32² px.
    pub AP_small: f64,
    /// AP of true boxes from 32² to 96² px.
    pub AP_medium: f64,
    /// AP of true boxes above 96² px.
    pub AP_large: f64,
    /// Recall with 1 detection an image.
    pub AR_1: f64,
    /// Recall with 10 detections an image.
    pub AR_10: f64,
    /// Recall with 100 detections an image.
    pub AR_100: f64,
    /// Recall of small boxes.
    pub AR_small: f64,
    /// Recall of medium boxes.
    pub AR_medium: f64,
    /// Recall of large boxes.
    pub AR_large: f64,
}

/// AP of one category; −1 where undefined.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[allow(non_snake_case, reason = "the field's own names, as scripts read them")]
pub struct CategoryAp {
    /// AP averaged over IoU 0.50:0.05:0.95.
    pub AP: f64,
    /// AP at IoU 0.50.
    pub AP50: f64,
}
