//! Texts and times of a prediction.

use super::{also, field, fields, missing};
use crate::{
    field_rows::{DateRow, KnownTexts, TextIndex, TextPlace, TextRow},
    value_type::ValueType,
};

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
