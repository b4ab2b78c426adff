//! The closed list of what a query can ask about: names, types, and what each
//! type can be compared with. What is not here cannot be asked.

use super::{ast::Op, suggest};

macro_rules! fields {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$of])* $variant),* }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word in a query.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    };
}

fields! {
    /// Numbers of a prediction.
    NumberField {
        /// Champion's boxes at or above the threshold; never missing.
        Objects = "objects",
        /// In [0, 1]; missing when it was not computed.
        OutlierScore = "outlier_score",
        /// Mean score of the boxes that `objects` counts; missing without any.
        Confidence = "confidence",
        /// Least score of the boxes that `objects` counts; missing without any.
        MinConfidence = "min_confidence",
        /// Milliseconds; never missing.
        Latency = "latency",
        /// Of the upright image, in pixels; never missing.
        Width = "width",
        /// Of the upright image, in pixels; never missing.
        Height = "height",
        /// 1 − F1 of champion and shadow, in [0, 1]; missing without a shadow.
        ShadowDisagreement = "shadow_disagreement",
    }
}

fields! {
    /// Texts of a prediction.
    TextField {
        /// `name/number` of the champion that answered; never missing.
        Model = "model",
        /// Which camera, line or client; missing when the sender named none.
        Source = "source",
        /// Any of the tags; missing when there are none.
        Tag = "tag",
        /// Missing when the sender named none.
        Filename = "filename",
        /// Who saved the latest review; missing when there is none.
        ReviewedBy = "reviewed_by",
    }
}

fields! {
    /// Times of a prediction, UTC; never missing.
    DateField {
        /// When the image was taken.
        Created = "created",
        /// When it arrived.
        Received = "received",
    }
}

fields! {
    /// Numbers of a box.
    BoxNumber {
        /// In [0, 1]; missing for a reviewer's box.
        Score = "score",
        /// Width times height, in square pixels.
        Area = "area",
        /// In pixels.
        Width = "width",
        /// In pixels.
        Height = "height",
    }
}

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

/// What a value is, and so what it can be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// One of the statuses.
    Status,
    /// `true` or `false`.
    Bool,
    /// A plain number.
    Number,
    /// A number of `ms` (when bare) or `s`.
    Duration,
    /// A text, bytewise.
    Text,
    /// A date, a time, or a time ago.
    Date,
    /// A text, or a number where it is compared with one.
    Metadata,
}

impl ValueType {
    /// The operators it has, in the order they are offered.
    #[must_use]
    pub fn operators(self) -> &'static [&'static str] {
        match self {
            Self::Status => &["=", "!=", "in", "not in"],
            Self::Bool => &["=", "!="],
            Self::Number | Self::Duration => &[">", ">=", "<", "<=", "=", "!=", "in", "not in"],
            Self::Text | Self::Metadata => &["=", "!=", "~", "in", "not in", "<", "<=", ">", ">="],
            Self::Date => &[">", ">=", "<", "<=", "=", "!=", "in", "not in"],
        }
    }

    /// Whether it is ordered, so that `<` has a meaning.
    pub(super) fn allows(self, op: Op) -> bool {
        self.operators().contains(&op.as_str())
    }

    /// Whether `~` has a meaning.
    pub(super) fn has_contains(self) -> bool {
        matches!(self, Self::Text | Self::Metadata)
    }

    /// What it is compared with, in a sentence.
    pub(super) fn wanted(self) -> &'static str {
        match self {
            Self::Status => "a status",
            Self::Bool => "`true` or `false`",
            Self::Number => "a number",
            Self::Duration => "a number of `ms` or `s`",
            Self::Text | Self::Metadata => "a text",
            Self::Date => "a date",
        }
    }
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

    /// The word in a query; of metadata without its key.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Reviewed => "reviewed",
            Self::Number(field) => field.as_str(),
            Self::Text(field) => field.as_str(),
            Self::Date(field) => field.as_str(),
            Self::Metadata(_) => "metadata",
        }
    }

    /// Its type.
    #[must_use]
    pub fn value_type(&self) -> ValueType {
        match self {
            Self::Status => ValueType::Status,
            Self::Reviewed => ValueType::Bool,
            Self::Number(NumberField::Latency) => ValueType::Duration,
            Self::Number(_) => ValueType::Number,
            Self::Text(_) => ValueType::Text,
            Self::Date(_) => ValueType::Date,
            Self::Metadata(_) => ValueType::Metadata,
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

    /// The word in a query.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Number(field) => field.as_str(),
        }
    }

    /// Its type.
    #[must_use]
    pub fn value_type(self) -> ValueType {
        match self {
            Self::Label => ValueType::Text,
            Self::Number(_) => ValueType::Number,
        }
    }

    pub(super) fn named(word: &str) -> Option<Self> {
        Self::all().find(|field| field.word() == word)
    }
}

/// What people call a field that has another name here.
const SYNONYMS: [(&str, &str); 15] = [
    ("boxes", "objects"),
    ("detections", "objects"),
    ("state", "status"),
    ("date", "created"),
    ("time", "created"),
    ("timestamp", "created"),
    ("camera", "source"),
    ("class", "label"),
    ("category", "label"),
    ("file", "filename"),
    ("outlier", "outlier_score"),
    ("reviewer", "reviewed_by"),
    ("disagreement", "shadow_disagreement"),
    ("min_score", "min_confidence"),
    ("arrived", "received"),
];

/// The field most likely meant by `word`, asked of a prediction or of a box.
pub(super) fn likely_field(word: &str, of_box: bool) -> Option<&'static str> {
    let synonym = SYNONYMS.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(word)).map(|(_, f)| f);
    let boxes = BoxField::all().map(BoxField::word);
    if of_box {
        let known: Vec<&str> = boxes.collect();
        return synonym.filter(|s| known.contains(s)).or_else(|| suggest::closest(word, known));
    }
    let fields = Field::all().map(|field| field.word());
    synonym.or_else(|| suggest::closest(word, fields.chain(boxes).chain(["has", "count"])))
}
