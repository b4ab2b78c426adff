//! What the table of fields says of each kind of field.

use super::value_type::ValueType;

/// What every field says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldRow {
    /// The word in a query and in an order: stored and relied on, so never
    /// changed.
    pub word: &'static str,
    /// What people write for it.
    pub synonyms: &'static [&'static str],
    /// What it is called at the head of a column.
    pub title: &'static str,
    /// What it can be compared with.
    pub value_type: ValueType,
    /// Whether a prediction may have none.
    pub may_miss: bool,
    /// What it is, and when it is missing.
    pub help: &'static str,
}

/// A number of a prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberRow {
    /// What it says of itself.
    pub field: FieldRow,
    /// The column of the table of predictions.
    pub column: &'static str,
    /// Whether it is a whole number, in a query and in its column.
    pub is_whole: bool,
    /// The order by it, where lists have one.
    pub order: Option<Order>,
    /// How lists show it; `None` where they show it within something else.
    pub format: Option<NumberFormat>,
    /// The name under which an item of a list says it beside its prediction;
    /// `None` where the prediction itself says it.
    pub beside: Option<&'static str>,
}

/// An order of a list: missing values come last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// The index on deployment, column, `ties`, id.
    pub index: &'static str,
    /// Further columns that decide between equal numbers before the id does.
    pub ties: &'static [&'static str],
}

/// How a number is shown in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberFormat {
    /// A whole number.
    Count,
    /// With three decimals.
    Decimals,
    /// Milliseconds with one decimal.
    Milliseconds,
}

/// A text of a prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextRow {
    /// What it says of itself.
    pub field: FieldRow,
    /// Where it is kept.
    pub place: TextPlace,
    /// Which values are offered.
    pub known: KnownTexts,
}

/// Where a text is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPlace {
    /// In a column of the table of predictions.
    Column(TextIndex),
    /// As the id of a model version in a column of the table of predictions.
    ModelVersion(TextIndex),
    /// In a table beside it: a prediction has any number.
    Tags,
}

/// A column with an index on deployment, column, id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextIndex {
    /// The column.
    pub column: &'static str,
    /// The index.
    pub index: &'static str,
    /// The index that finds where it is missing, if one does.
    pub missing: Option<&'static str>,
}

/// Which of the values that occur are offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownTexts {
    /// None: nearly every one occurs once.
    Nothing,
    /// The tags.
    Tags,
    /// The sources.
    Sources,
    /// The model versions.
    Models,
    /// Who has reviewed.
    Reviewers,
}

/// A time of a prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateRow {
    /// What it says of itself.
    pub field: FieldRow,
    /// The column of the table of predictions, in milliseconds.
    pub column: &'static str,
}

/// A number of a box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BoxNumberRow {
    /// What it says of itself.
    pub field: FieldRow,
    /// Where it is kept.
    pub place: BoxPlace,
}

/// Where a number of a box is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoxPlace {
    /// In a column of the table of boxes.
    Column(&'static str),
    /// Nowhere: it is the product of width and height.
    Area,
}
