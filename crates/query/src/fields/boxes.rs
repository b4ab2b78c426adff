//! Numbers of a box.

use super::{fields, missing, number};
use crate::field_rows::{BoxNumberRow, BoxPlace};

fields! {
    /// Numbers of a box.
    pub enum BoxNumber: BoxNumberRow {
        /// Confidence.
        Score => BoxNumberRow {
            field: missing(number("score", "Score", "Confidence, 0 to 1; missing for a reviewer's box")),
            place: BoxPlace::Column("score"),
        },
        /// Width times height.
        Area => BoxNumberRow {
            field: number("area", "Area", "Width times height, in square pixels"),
            place: BoxPlace::Area,
        },
        /// In pixels.
        Width => BoxNumberRow {
            field: number("width", "Width", "Width, in pixels"),
            place: BoxPlace::Column("w"),
        },
        /// In pixels.
        Height => BoxNumberRow {
            field: number("height", "Height", "Height, in pixels"),
            place: BoxPlace::Column("h"),
        },
    }
}
