//! The orders a list of predictions can have.

use query::schema::{DateField, FieldRow, NumberField};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};

/// What a list is sorted by. Missing values come last in both directions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SortField {
    /// When it arrived.
    #[default]
    Received,
    /// When the image was taken.
    Created,
    /// A number whose row in the table of fields has an order.
    Number(NumberField),
}

impl SortField {
    /// All, in the order in which they are offered.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        let numbers = NumberField::ALL.iter().filter(|field| field.row().order.is_some());
        [Self::Received, Self::Created].into_iter().chain(numbers.map(|field| Self::Number(*field)))
    }

    /// What the table of fields says of it.
    #[must_use]
    pub fn row(self) -> &'static FieldRow {
        match self {
            Self::Received => &DateField::Received.row().field,
            Self::Created => &DateField::Created.row().field,
            Self::Number(field) => &field.row().field,
        }
    }

    /// The word in addresses and the API: that of the query language.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().word
    }

    /// `received, created, …`: the words of all, for whoever asks for one.
    #[must_use]
    pub fn words() -> String {
        Self::all().map(Self::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// Which end comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The least, or the earliest.
    Ascending,
    /// The greatest, or the latest.
    #[default]
    Descending,
}

impl Direction {
    /// The other one.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// A field and a direction, written `received` or `-received`. Ties are in
/// the order of arrival, in the same direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SortOrder {
    /// By what.
    pub field: SortField,
    /// Which end first.
    pub direction: Direction,
}

impl SortOrder {
    /// The greatest first.
    #[must_use]
    pub fn descending(field: SortField) -> Self {
        Self { field, direction: Direction::Descending }
    }

    /// The least first.
    #[must_use]
    pub fn ascending(field: SortField) -> Self {
        Self { field, direction: Direction::Ascending }
    }

    /// From the other end.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { direction: self.direction.reversed(), ..self }
    }
}

impl fmt::Display for SortOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.direction == Direction::Descending { "-" } else { "" };
        write!(f, "{sign}{}", self.field.as_str())
    }
}

/// A text that names no order.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no order: use one of {words}, with a - in front for the greatest first", words = SortField::words())]
pub struct UnknownOrder(pub String);

impl FromStr for SortOrder {
    type Err = UnknownOrder;
    /// `newest` and `oldest` are read too.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let (direction, word) = match (s, s.strip_prefix('-')) {
            ("newest", _) => return Ok(Self::descending(SortField::Received)),
            ("oldest", _) => return Ok(Self::ascending(SortField::Received)),
            (_, Some(word)) => (Direction::Descending, word),
            (word, None) => (Direction::Ascending, word),
        };
        let field = SortField::all().find(|field| field.as_str() == word);
        field.map(|field| Self { field, direction }).ok_or_else(|| UnknownOrder(s.to_owned()))
    }
}

impl Serialize for SortOrder {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SortOrder {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_read_as_it_was_written() {
        for field in SortField::all() {
            for order in [SortOrder::ascending(field), SortOrder::descending(field)] {
                assert_eq!(order.to_string().parse(), Ok(order));
                assert_eq!(order.reversed().reversed(), order);
            }
        }
        assert_eq!("newest".parse(), Ok(SortOrder::default()));
        assert_eq!("oldest".parse(), Ok(SortOrder::default().reversed()));
    }

    #[test]
    fn what_is_no_order_is_refused() {
        for text in ["", "-", "--received", "Received", "id", "received ", "-newest"] {
            assert_eq!(text.parse::<SortOrder>(), Err(UnknownOrder(text.to_owned())));
        }
    }
}
