//! The fields, one row each: what a query calls it, what it is compared with,
//! where whoever stores predictions keeps it, whether it can be missing, and
//! what people are told of it. A new row is all that the language, the
//! completion, the SQL, the orders, lists and exports need; what its value is
//! says whoever implements [`Facts`](crate::Facts).

mod boxes;
mod numbers;
mod texts;

pub use boxes::BoxNumber;
pub use numbers::NumberField;
pub use texts::{DateField, TextField};

use crate::{
    field_rows::{FieldRow, Order},
    value_type::ValueType,
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

use fields;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{BoxField, Field, NumberFormat};
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
            let format = row.format.unwrap_or(NumberFormat::Count);
            assert!(row.is_whole == (format == NumberFormat::Count), "{}", row.field.word);
            let lasts = row.field.value_type == ValueType::Duration;
            assert!(lasts == (row.format == Some(NumberFormat::Milliseconds)), "{}", row.field.word);
        }
    }
}
