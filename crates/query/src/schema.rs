//! The closed list of what a query can ask about: names, types, and what each
//! type can be compared with. What is not here cannot be asked.

pub use super::{
    field_rows::{
        BoxNumberRow, BoxPlace, DateRow, FieldRow, KnownTexts, NumberFormat, NumberRow, Order, TextIndex,
        TextPlace, TextRow,
    },
    fields::{BoxNumber, DateField, NumberField, TextField},
    value_type::ValueType,
};
use super::{
    fields::{LABEL, METADATA, REVIEWED, STATUS},
    suggest,
};

/// What can be asked of a prediction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// How far it is on its way; never missing.
    Status,
    /// Whether its status is reviewed or submitted; never missing.
    Reviewed,
    /// A number.
    Number(NumberField),
    /// A text.
    Text(TextField),
    /// A time.
    Date(DateField),
    /// The value of this key; missing when the prediction has no such key.
    Metadata(String),
}

/// What can be asked of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BoxField {
    /// The class.
    Label,
    /// A number.
    Number(BoxNumber),
}

impl Field {
    /// All but the metadata, in the order they are offered.
    pub fn all() -> impl Iterator<Item = Self> {
        [Self::Status, Self::Reviewed]
            .into_iter()
            .chain(NumberField::ALL.iter().copied().map(Self::Number))
            .chain(TextField::ALL.iter().copied().map(Self::Text))
            .chain(DateField::ALL.iter().copied().map(Self::Date))
    }

    /// What the table says of it.
    #[must_use]
    pub fn row(&self) -> &'static FieldRow {
        match self {
            Self::Status => &STATUS,
            Self::Reviewed => &REVIEWED,
            Self::Number(field) => &field.row().field,
            Self::Text(field) => &field.row().field,
            Self::Date(field) => &field.row().field,
            Self::Metadata(_) => &METADATA,
        }
    }

    /// The word in a query; of metadata without its key.
    #[must_use]
    pub fn word(&self) -> &'static str {
        self.row().word
    }

    /// Its type.
    #[must_use]
    pub fn value_type(&self) -> ValueType {
        self.row().value_type
    }

    /// Whether a prediction has several values of it.
    #[must_use]
    pub fn is_many_valued(&self) -> bool {
        match self {
            Self::Text(field) => field.row().place == TextPlace::Tags,
            Self::Status | Self::Reviewed | Self::Number(_) | Self::Date(_) | Self::Metadata(_) => false,
        }
    }

    /// The field of that name; metadata is not among them.
    pub(super) fn named(word: &str) -> Option<Self> {
        Self::all().find(|field| field.word() == word)
    }
}

impl BoxField {
    /// All, in the order they are offered.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::once(Self::Label).chain(BoxNumber::ALL.iter().copied().map(Self::Number))
    }

    /// What the table says of it.
    #[must_use]
    pub fn row(self) -> &'static FieldRow {
        match self {
            Self::Label => &LABEL,
            Self::Number(field) => &field.row().field,
        }
    }

    /// The word in a query.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.row().word
    }

    /// Its type.
    #[must_use]
    pub fn value_type(self) -> ValueType {
        self.row().value_type
    }

    pub(super) fn named(word: &str) -> Option<Self> {
        Self::all().find(|field| field.word() == word)
    }
}

/// The field most likely meant by `word`, asked of a prediction or of a box.
pub(super) fn likely_field(word: &str, of_box: bool) -> Option<&'static str> {
    let mut rows = Field::all().map(|field| field.row()).chain(BoxField::all().map(BoxField::row));
    let synonym = rows
        .find(|row| row.synonyms.iter().any(|synonym| synonym.eq_ignore_ascii_case(word)))
        .map(|row| row.word);
    let boxes = BoxField::all().map(BoxField::word);
    if of_box {
        let known: Vec<&str> = boxes.collect();
        return synonym.filter(|s| known.contains(s)).or_else(|| suggest::closest(word, known));
    }
    let fields = Field::all().map(|field| field.word());
    synonym.or_else(|| suggest::closest(word, fields.chain(boxes).chain(["has", "count"])))
}
