//! The fields, one row each: what a query calls it, what it is compared with,
//! where whoever stores predictions keeps it, whether it can be missing, and
//! what people are told of it. A new row is all that the language, the
//! completion, the SQL, the orders, lists and exports need; what its value is
//! says whoever implements [`Facts`](crate::Facts).

use super::{
    field_rows::{
        BoxNumberRow, BoxPlace, DateRow, FieldRow, KnownTexts, NumberRow, Order, Shown, TextIndex, TextPlace,
        TextRow,
    },
    schema::ValueType,
};

macro_rules! fields {
    ($(#[$doc:meta])* pub enum $name:ident: $row:ty { $($(#[$of:meta])* $variant:ident => $value:expr,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$of])* $variant),+ }

        impl $name {
            /// All, in the order in which they are offered.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// What the table says of it.
            #[must_use]
            pub fn row(self) -> &'static $row {
                match self { $(Self::$variant => const { &$value }),+ }
            }

            /// The word in a query.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                self.row().field.word
            }
        }
    };
}

const fn field(
    word: &'static str,
    title: &'static str,
    value_type: ValueType,
    help: &'static str,
) -> FieldRow {
    FieldRow { word, synonyms: &[], title, value_type, may_miss: false, help }
}

const fn number(word: &'static str, title: &'static str, help: &'static str) -> FieldRow {
    field(word, title, ValueType::Number, help)
}

const fn missing(row: FieldRow) -> FieldRow {
    FieldRow { may_miss: true, ..row }
}

const fn also(synonyms: &'static [&'static str], row: FieldRow) -> FieldRow {
    FieldRow { synonyms, ..row }
}

const fn order(index: &'static str) -> Option<Order> {
    Some(Order { index, ties: &[] })
}

pub(super) const STATUS: FieldRow = also(
    &["state"],
    field(
        "status",
        "Status",
        ValueType::Status,
        "How far it is on its way: `to_review`, `reviewed`, `submitted` or `skipped`",
    ),
);
pub(super) const REVIEWED: FieldRow =
    field("reviewed", "Reviewed", ValueType::Bool, "Whether its status is `reviewed` or `submitted`");
pub(super) const METADATA: FieldRow = missing(field(
    "metadata",
    "Metadata",
    ValueType::Metadata,
    "The value of a key, as `metadata.KEY` or `metadata.\"any key\"`; missing when there is no such key",
));
pub(super) const LABEL: FieldRow =
    also(&["class", "category"], field("label", "Label", ValueType::Text, "The class"));

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
            shown: Some(Shown::Count),
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
            shown: Some(Shown::Decimals),
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
            shown: Some(Shown::Decimals),
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
            shown: Some(Shown::Decimals),
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
            shown: Some(Shown::Milliseconds),
            beside: None,
        },
        /// Of the upright image, in pixels.
        Width => NumberRow {
            field: number("width", "Width", "Width of the upright image, in pixels"),
            column: "width",
            is_whole: true,
            order: None,
            shown: None,
            beside: None,
        },
        /// Of the upright image, in pixels.
        Height => NumberRow {
            field: number("height", "Height", "Height of the upright image, in pixels"),
            column: "height",
            is_whole: true,
            order: None,
            shown: None,
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
            shown: Some(Shown::Decimals),
            beside: Some("shadow_disagreement"),
        },
    }
}

fields! {
    /// Texts of a prediction.
    pub enum TextField: TextRow {
        /// `name/number` of the champion that answered.
        Model => TextRow {
            field: field("model", "Model", ValueType::Text, "`name/number` of the champion that answered"),
            place: TextPlace::ModelVersion(TextIndex {
                column: "model_version_id",
                index: "predictions_model",
                missing: None,
            }),
            known: KnownTexts::Models,
        },
        /// Which camera, line or client.
        Source => TextRow {
            field: also(
                &["camera"],
                missing(field(
                    "source",
                    "Source",
                    ValueType::Text,
                    "Which camera, line or client; missing when the sender named none",
                )),
            ),
            place: TextPlace::Column(TextIndex {
                column: "source",
                index: "predictions_source",
                missing: Some("predictions_source"),
            }),
            known: KnownTexts::Sources,
        },
        /// Any of the tags.
        Tag => TextRow {
            field: missing(field("tag", "Tags", ValueType::Text, "Any of the tags; missing when there are none")),
            place: TextPlace::Tags,
            known: KnownTexts::Tags,
        },
        /// As the sender named the file.
        Filename => TextRow {
            field: also(
                &["file"],
                missing(field(
                    "filename",
                    "File",
                    ValueType::Text,
                    "The file's name; missing when the sender named none",
                )),
            ),
            place: TextPlace::Column(TextIndex {
                column: "filename",
                index: "predictions_filename",
                missing: Some("predictions_nameless"),
            }),
            known: KnownTexts::Nothing,
        },
        /// Who saved the latest review.
        ReviewedBy => TextRow {
            field: also(
                &["reviewer"],
                missing(field(
                    "reviewed_by",
                    "Reviewed by",
                    ValueType::Text,
                    "Who saved the latest review; missing when there is none",
                )),
            ),
            place: TextPlace::Column(TextIndex {
                column: "reviewed_by",
                index: "predictions_reviewer",
                missing: None,
            }),
            known: KnownTexts::Reviewers,
        },
    }
}

fields! {
    /// Times of a prediction, UTC.
    pub enum DateField: DateRow {
        /// When the image was taken.
        Created => DateRow {
            field: also(
                &["date", "time", "timestamp"],
                field("created", "Taken", ValueType::Date, "When the image was taken"),
            ),
            column: "created",
        },
        /// When it arrived.
        Received => DateRow {
            field: also(&["arrived"], field("received", "Arrived", ValueType::Date, "When it arrived")),
            column: "received",
        },
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{BoxField, Field};
    use std::collections::BTreeSet;

    #[test]
    fn no_word_means_two_fields() {
        for rows in [
            Field::all().map(|field| field.row()).chain([&METADATA, &LABEL]).collect::<Vec<_>>(),
            BoxField::all().map(BoxField::row).collect(),
        ] {
            let words = || rows.iter().flat_map(|row| row.synonyms.iter().chain([&row.word]));
            assert_eq!(words().collect::<BTreeSet<_>>().len(), words().count());
        }
    }

    #[test]
    fn what_is_whole_is_counted_and_what_lasts_is_shown_so() {
        for row in NumberField::ALL.iter().map(|field| field.row()) {
            let shown = row.shown.unwrap_or(Shown::Count);
            assert!(row.is_whole == (shown == Shown::Count), "{}", row.field.word);
            let lasts = row.field.value_type == ValueType::Duration;
            assert!(lasts == (row.shown == Some(Shown::Milliseconds)), "{}", row.field.word);
        }
    }
}
