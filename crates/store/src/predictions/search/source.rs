//! Where candidates can come from: an index that answers one of the
//! conditions that every match fulfils. All but ranges give candidates in the
//! order of ids, which is that of arrival.

use super::{box_requirement::BoxRequirement, position::sort_columns, ranges::Range};
use crate::sql::Arg;
use domain::listing::SortField;
use query::schema::{TextField, TextIndex, TextPlace};
use std::{borrow::Cow, collections::BTreeSet, time::Duration};

/// How long counting what a source gives may take.
pub(super) const COUNTING: Duration = Duration::from_millis(100);

/// A column with an index of its own, `(deployment_id, column, id)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextColumn {
    /// The words of statuses.
    Status,
    /// The text itself.
    Text(TextIndex),
    /// Ids of model versions, which a query names.
    ModelVersion(TextIndex),
}

impl TextColumn {
    /// That of a field; tags have a table of their own.
    pub(super) fn of(field: TextField) -> Option<Self> {
        match field.row().place {
            TextPlace::Column(index) => Some(Self::Text(index)),
            TextPlace::ModelVersion(index) => Some(Self::ModelVersion(index)),
            TextPlace::Tags => None,
        }
    }

    /// The column of the table of predictions.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Text(text) | Self::ModelVersion(text) => text.column,
        }
    }

    /// That of a row `p`.
    pub(super) fn of_row(self) -> String {
        format!("p.{}", self.name())
    }

    pub(super) fn index(self) -> &'static str {
        match self {
            Self::Status => "predictions_status",
            Self::Text(text) | Self::ModelVersion(text) => text.index,
        }
    }

    /// Whether ids stand in it, and not what people read.
    pub(super) fn holds_ids(self) -> bool {
        match self {
            Self::ModelVersion(_) => true,
            Self::Status | Self::Text(_) => false,
        }
    }

    /// Those whose text is missing, if an index has them.
    pub(super) fn missing(self) -> Option<Source> {
        match self {
            Self::Status => None,
            Self::Text(text) | Self::ModelVersion(text) => Some(Source::Part {
                condition: is_missing(text.column),
                index: text.missing?,
                in_order: true,
            }),
        }
    }
}

/// That a column of a row `p` of the table of predictions has no value.
pub(super) fn is_missing(column: &str) -> Cow<'static, str> {
    Cow::Owned(format!("p.{column} IS NULL"))
}

/// Where candidates come from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// All of the deployment, or those that arrived in a range of time.
    All,
    /// A column is one of these.
    Column { column: TextColumn, values: Vec<Arg> },
    /// Some label of these has such boxes.
    Labels { labels: Vec<i64>, boxes: BoxRequirement },
    /// Some tag is one of these.
    Tags(Vec<String>),
    /// The value of a key is one of these.
    Metadata { key: String, values: Vec<String> },
    /// The value of a key is a number in a range.
    Measure { key: String, range: Range },
    /// There is such a key.
    Key(String),
    /// A number lies in a range: candidates come in the order of that number.
    Range { field: SortField, range: Range },
    /// What an index was made for; its condition is text of ours.
    Part { condition: Cow<'static, str>, index: &'static str, in_order: bool },
    /// Any of these gives it.
    Either(Vec<Source>),
}

/// More branches are not merged for the sake of an order.
pub(super) const MOST_BRANCHES: usize = 12;

impl Source {
    /// Whether a walk in the order of ids can follow it.
    pub(super) fn is_in_order_of_ids(&self) -> bool {
        match self {
            Self::Range { .. } | Self::Key(_) => false,
            Self::Measure { range, .. } => range.is_point(),
            Self::Part { in_order, .. } => *in_order,
            Self::Either(parts) if !parts.iter().all(Self::is_in_order_of_ids) => false,
            _ => self.branches() <= MOST_BRANCHES,
        }
    }

    /// Whether an index that is not in the order of ids finds its candidates
    /// where a walk in that order passes by many that are none.
    pub(super) fn is_better_gathered(&self) -> bool {
        match self {
            Self::Labels { boxes, .. } => boxes.index().is_some(),
            Self::Either(parts) => parts.iter().any(Self::is_better_gathered),
            _ => false,
        }
    }

    /// What to count of it to know about how many candidates it has: what an
    /// index answers alone.
    pub(super) fn roughly(&self) -> Self {
        match self {
            Self::Labels { labels, boxes } => Self::Labels { labels: labels.clone(), boxes: boxes.roughly() },
            other => other.clone(),
        }
    }

    /// Whether no candidate comes twice when its index entries are counted.
    pub(super) fn gives_each_once(&self) -> bool {
        match self {
            Self::All
            | Self::Column { .. }
            | Self::Range { .. }
            | Self::Measure { .. }
            | Self::Key(_)
            | Self::Part { .. } => true,
            Self::Labels { .. } | Self::Tags(_) | Self::Metadata { .. } => self.branches() == 1,
            Self::Either(_) => false,
        }
    }

    /// Whether it is known to have no candidate: no such label or model is
    /// stored.
    pub(super) fn is_empty(&self) -> bool {
        self.branches() == 0
    }

    /// Stretches of an index that together give its candidates.
    pub(super) fn branches(&self) -> usize {
        match self {
            Self::All | Self::Range { .. } | Self::Measure { .. } | Self::Key(_) | Self::Part { .. } => 1,
            Self::Column { values, .. } => values.len(),
            Self::Labels { labels, .. } => labels.len(),
            Self::Tags(tags) => tags.len(),
            Self::Metadata { values, .. } => values.len(),
            Self::Either(parts) => parts.iter().map(Self::branches).sum(),
        }
    }

    /// Whether a table beside the predictions gives the ids.
    pub(super) fn is_beside(&self) -> bool {
        matches!(
            self,
            Self::Labels { .. } | Self::Tags(_) | Self::Metadata { .. } | Self::Measure { .. } | Self::Key(_)
        )
    }

    /// The index that answers it.
    pub(super) fn index(&self) -> String {
        let one = match self {
            Self::All => "predictions_page",
            Self::Column { column, .. } => column.index(),
            Self::Labels { boxes, .. } => boxes.index().unwrap_or("box_counts"),
            Self::Tags(_) => "prediction_tags",
            Self::Metadata { .. } | Self::Key(_) => "prediction_metadata_value",
            Self::Measure { .. } => "prediction_metadata_number",
            Self::Range { field, .. } => sort_columns(*field).index,
            Self::Part { index, .. } => index,
            Self::Either(parts) => {
                let each: BTreeSet<String> = parts.iter().map(Self::index).collect();
                return Vec::from_iter(each).join(", ");
            }
        };
        one.to_owned()
    }

    /// In words.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::All => "every prediction of the deployment".to_owned(),
            Self::Column { column, values } => {
                let texts = values.iter().filter_map(|value| match value {
                    Arg::Text(text) => Some(text.as_str()),
                    _ => None,
                });
                format!("{} is {}", column.name(), one_of(texts, values.len()))
            }
            Self::Labels { labels, boxes } => {
                let labels = if labels.len() == 1 { "one label" } else { "one of several labels" };
                format!("{} of {labels}", boxes.describe())
            }
            Self::Tags(tags) => format!("a tag is {}", one_of(tags.iter().map(String::as_str), tags.len())),
            Self::Metadata { key, values } => {
                format!("metadata.{key} is {}", one_of(values.iter().map(String::as_str), values.len()))
            }
            Self::Measure { key, .. } => format!("metadata.{key} lies in a range"),
            Self::Key(key) => format!("there is metadata.{key}"),
            Self::Range { field, .. } => format!("{} lies in a range", field.as_str()),
            Self::Part { condition, .. } => bare(condition).to_owned(),
            Self::Either(parts) => parts.iter().map(Self::describe).collect::<Vec<_>>().join(", or "),
        }
    }
}

fn bare(column: &str) -> &str {
    column.trim_start_matches("p.")
}

/// The values, or how many there are, when they are many or known by number.
fn one_of<'t>(texts: impl Iterator<Item = &'t str>, number: usize) -> String {
    let few: Vec<String> = texts.take(4).map(|text| format!("{text:?}")).collect();
    if few.len() == number && number <= 3 { few.join(" or ") } else { format!("one of {number} values") }
}
