//! Numbers of a prediction.

use super::{also, field, fields, missing, number, order};
use crate::{
    field_rows::{NumberFormat, NumberRow, Order},
    value_type::ValueType,
};

fields! {
    /// Numbers of a prediction.
    pub enum NumberField: NumberRow {
        /// Champion's boxes at or above the threshold.
        Objects => NumberRow {
            field: also(
                &["boxes", "detections"],
                number("objects", "Objects", "Boxes of the champion at or above the threshold"),
            ),
            column: "objects",
            is_whole: true,
            order: order("predictions_objects"),
            format: Some(NumberFormat::Count),
            beside: Some("objects"),
        },
        /// How unusual the image is.
        OutlierScore => NumberRow {
            field: also(
                &["outlier"],
                missing(number(
                    "outlier_score",
                    "Outlier score",
                    "How unusual the image is, 0 to 1; missing when it was not computed",
                )),
            ),
            column: "outlier_score",
            is_whole: false,
            order: Some(Order { index: "predictions_outlier", ties: &["outlier_distance"] }),
            format: Some(NumberFormat::Decimals),
            beside: None,
        },
        /// Mean score of the boxes that `objects` counts.
        Confidence => NumberRow {
            field: missing(number(
                "confidence",
                "Confidence",
                "Mean score of the boxes that `objects` counts; missing without any",
            )),
            column: "mean_confidence",
            is_whole: false,
            order: order("predictions_confidence"),
            format: Some(NumberFormat::Decimals),
            beside: Some("confidence"),
        },
        /// Least score of the boxes that `objects` counts.
        MinConfidence => NumberRow {
            field: also(
                &["min_score"],
                missing(number(
                    "min_confidence",
                    "Least confidence",
                    "Least score of the boxes that `objects` counts; missing without any",
                )),
            ),
            column: "min_confidence",
            is_whole: false,
            order: None,
            format: Some(NumberFormat::Decimals),
            beside: Some("min_confidence"),
        },
        /// How long the model took.
        Latency => NumberRow {
            field: field(
                "latency",
                "Latency",
                ValueType::Duration,
                "From the request's arrival to the boxes, in `ms` (when bare) or `s`",
            ),
            column: "latency_ms",
            is_whole: false,
            order: order("predictions_latency"),
            format: Some(NumberFormat::Milliseconds),
            beside: None,
        },
        /// Of the upright image, in pixels.
        Width => NumberRow {
            field: number("width", "Width", "Width of the upright image, in pixels"),
            column: "width",
            is_whole: true,
            order: None,
            format: None,
            beside: None,
        },
        /// Of the upright image, in pixels.
        Height => NumberRow {
            field: number("height", "Height", "Height of the upright image, in pixels"),
            column: "height",
            is_whole: true,
            order: None,
            format: None,
            beside: None,
        },
        /// How far champion and shadow differ.
        ShadowDisagreement => NumberRow {
            field: also(
                &["disagreement"],
                missing(number(
                    "shadow_disagreement",
                    "Disagreement",
                    "1 − F1 of champion and shadow, 0 to 1; missing without a shadow",
                )),
            ),
            column: "shadow_disagreement",
            is_whole: false,
            order: order("predictions_disagreement"),
            format: Some(NumberFormat::Decimals),
            beside: Some("shadow_disagreement"),
        },
    }
}
