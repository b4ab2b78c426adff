//! Where candidates can come from: an index that answers one of the
//! conditions that every match fulfils. All but ranges give candidates in the
//! order of ids, which is that of arrival.

use super::{
    place::sort_columns,
    ranges::{IdRange, Range},
    words::Words,
};
use crate::sql::{Arg, Fragment};
use domain::listing::SortField;

/// A text column with an index of its own, `(deployment_id, column, id)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextColumn {
    Status,
    Model,
    Source,
    Filename,
    Reviewer,
}

impl TextColumn {
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Status => ("status", "predictions_status"),
            Self::Model => ("model_version_id", "predictions_model"),
            Self::Source => ("source", "predictions_source"),
            Self::Filename => ("filename", "predictions_filename"),
            Self::Reviewer => ("reviewed_by", "predictions_reviewer"),
        }
    }
}

/// Where candidates come from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// All of the deployment, or those that arrived in a range of time.
    All,
    /// A column is one of these.
    Column { column: TextColumn, values: Vec<Arg> },
    /// Some label of these has at least so many boxes.
    Labels { origin: i64, count: &'static str, labels: Vec<i64>, at_least: i64 },
    /// Some tag is one of these.
    Tags(Vec<String>),
    /// The value of a key is one of these.
    Metadata { key: String, values: Vec<String> },
    /// The value of a key is a number in a range.
    Measure { key: String, range: Range },
    /// A number lies in a range: candidates come in the order of that number.
    Range { field: SortField, range: Range },
}

/// More branches are not merged for the sake of an order.
const MOST_BRANCHES: usize = 12;

impl Source {
    /// Whether a walk in the order of ids can follow it.
    pub(super) fn is_in_order_of_ids(&self) -> bool {
        match self {
            Self::Range { .. } => false,
            Self::Measure { range, .. } => range.is_point(),
            _ => self.branches() <= MOST_BRANCHES,
        }
    }

    /// Whether no candidate comes twice when its index entries are counted.
    pub(super) fn gives_each_once(&self) -> bool {
        match self {
            Self::All | Self::Column { .. } | Self::Range { .. } | Self::Measure { .. } => true,
            Self::Labels { .. } | Self::Tags(_) | Self::Metadata { .. } => self.branches() == 1,
        }
    }

    /// Whether it is known to have no candidate: no such label or model is
    /// stored.
    pub(super) fn is_empty(&self) -> bool {
        self.branches() == 0
    }

    fn branches(&self) -> usize {
        match self {
            Self::All | Self::Range { .. } | Self::Measure { .. } => 1,
            Self::Column { values, .. } => values.len(),
            Self::Labels { labels, .. } => labels.len(),
            Self::Tags(tags) => tags.len(),
            Self::Metadata { values, .. } => values.len(),
        }
    }

    /// The index that answers it.
    pub(super) fn index(&self) -> &'static str {
        match self {
            Self::All => "predictions_page",
            Self::Column { column, .. } => column.names().1,
            Self::Labels { .. } => "box_counts",
            Self::Tags(_) => "prediction_tags",
            Self::Metadata { .. } => "prediction_metadata_value",
            Self::Measure { .. } => "prediction_metadata_number",
            Self::Range { field, .. } => sort_columns(*field).index,
        }
    }

    /// In words.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::All => "every prediction of the deployment".to_owned(),
            Self::Column { column, values } => {
                format!("{} is one of {}", column.names().0, values.len())
            }
            Self::Labels { labels, at_least, .. } => {
                format!("at least {at_least} boxes of one of {} labels", labels.len())
            }
            Self::Tags(tags) => format!("a tag is one of {}", tags.len()),
            Self::Metadata { key, values } => format!("metadata.{key} is one of {}", values.len()),
            Self::Measure { key, .. } => format!("metadata.{key} lies in a range"),
            Self::Range { field, .. } => format!("{} lies in a range", field.as_str()),
        }
    }

    /// `FROM predictions … WHERE …` for its candidates with ids in `ids`.
    pub(super) fn rows(&self, ids: &IdRange, words: &Words) -> Fragment {
        let deployment = Arg::Id(words.deployment.0);
        match self {
            Self::All => table(Some(self.index()), words)
                .then(Fragment::with("p.deployment_id = ?", [deployment]))
                .then(ids.of("p.id")),
            Self::Column { column, values } => table(Some(self.index()), words)
                .then(Fragment::with("p.deployment_id = ? AND ", [deployment]))
                .then(Fragment::one_of(&format!("p.{}", column.names().0), values.iter().cloned()))
                .then(ids.of("p.id")),
            Self::Range { field, range } => {
                let column = sort_columns(*field).columns.first().copied().unwrap_or("p.id");
                table(Some(self.index()), words)
                    .then(Fragment::with("p.deployment_id = ?", [deployment]))
                    .then(range.of(column))
                    .then(ids.of("p.id"))
            }
            Self::Labels { .. } | Self::Tags(_) | Self::Metadata { .. } | Self::Measure { .. } => {
                listed(self.beside(None, ids, words), words)
            }
        }
    }

    /// The same for all candidates at once, in no order.
    pub(super) fn gathered(&self, ids: &IdRange, words: &Words) -> Fragment {
        match self.by_number(ids, words) {
            Some(rows) => listed(rows, words),
            None => self.rows(ids, words),
        }
    }

    /// ` FROM … d WHERE …` along the index of those with several boxes.
    fn by_number(&self, ids: &IdRange, words: &Words) -> Option<Fragment> {
        let Self::Labels { origin, count: "visible", labels, at_least: at_least @ 2.. } = self else {
            return None;
        };
        let index = if words.postgres { "" } else { " INDEXED BY box_counts_many" };
        let rows = Fragment::new(" FROM box_counts AS d")
            .say(index)
            .then(Fragment::with(" WHERE d.deployment_id = ? AND ", [Arg::Id(words.deployment.0)]))
            .then(Fragment::one_of("d.label_id", labels.iter().map(|id| Arg::Int(*id))))
            .say(" AND d.origin = ")
            .value(*origin)
            // The index is known to serve by its own condition.
            .say(" AND d.visible >= 2 AND d.visible >= ")
            .value(*at_least);
        Some(rows.then(ids.of("d.prediction_id")))
    }

    /// ` FROM … d WHERE …` of a table beside the predictions; of one branch or
    /// of all.
    fn beside(&self, branch: Option<usize>, ids: &IdRange, words: &Words) -> Fragment {
        let deployment = Arg::Id(words.deployment.0);
        let chosen = |number: usize| branch.is_none_or(|branch| branch == number);
        let texts = |all: &[String]| -> Vec<Arg> {
            all.iter().enumerate().filter(|(n, _)| chosen(*n)).map(|(_, text)| Arg::from(text)).collect()
        };
        let rows = match self {
            Self::Labels { origin, count, labels, at_least } => {
                let labels =
                    labels.iter().enumerate().filter(|(n, _)| chosen(*n)).map(|(_, id)| Arg::Int(*id));
                Fragment::with(" FROM box_counts d WHERE d.deployment_id = ? AND ", [deployment])
                    .then(Fragment::one_of("d.label_id", labels))
                    .say(" AND d.origin = ")
                    .value(*origin)
                    .say(" AND d.")
                    .say(count)
                    .say(" >= ")
                    .value(*at_least)
            }
            Self::Tags(tags) => {
                Fragment::with(" FROM prediction_tags d WHERE d.deployment_id = ? AND ", [deployment])
                    .then(Fragment::one_of("d.tag", texts(tags)))
            }
            Self::Metadata { key, values } => Fragment::with(
                " FROM prediction_metadata d WHERE d.deployment_id = ? AND d.key = ? AND ",
                [deployment, Arg::from(key)],
            )
            .then(Fragment::one_of("d.value", texts(values))),
            Self::Measure { key, range } => {
                let index = if words.postgres { "" } else { " INDEXED BY prediction_metadata_number" };
                Fragment::new(" FROM prediction_metadata AS d")
                    .say(index)
                    .say(" WHERE d.number IS NOT NULL")
                    .then(Fragment::with(
                        " AND d.deployment_id = ? AND d.key = ?",
                        [deployment, Arg::from(key)],
                    ))
                    .then(range.of("d.number"))
            }
            Self::All | Self::Column { .. } | Self::Range { .. } => Fragment::default(),
        };
        rows.then(ids.of("d.prediction_id"))
    }

    /// One column of ids ` AS id`, of one branch, without an order.
    fn branch(&self, number: usize, ids: &IdRange, words: &Words) -> Fragment {
        match self {
            Self::Column { column, values } => {
                let values = values.get(number).cloned().into_iter().collect();
                let one = Self::Column { column: *column, values };
                Fragment::new("SELECT p.id AS id").then(one.rows(ids, words))
            }
            Self::All | Self::Range { .. } => Fragment::new("SELECT p.id AS id").then(self.rows(ids, words)),
            _ => Fragment::new("SELECT d.prediction_id AS id").then(self.beside(Some(number), ids, words)),
        }
    }

    /// The id of the `nth` candidate (from 1) in the order of ids.
    pub(super) fn nth_id(&self, nth: u64, descending: bool, ids: &IdRange, words: &Words) -> Fragment {
        let order = if descending { " ORDER BY id DESC LIMIT " } else { " ORDER BY id LIMIT " };
        let place = |rows: Fragment| {
            let offset = i64::try_from(nth).unwrap_or(i64::MAX).saturating_sub(1);
            rows.say(order).say("1 OFFSET ").value(offset)
        };
        if self.branches() == 1 {
            return place(self.branch(0, ids, words));
        }
        let mut all = Fragment::new("SELECT id FROM (");
        for number in 0..self.branches() {
            let joint = if number == 0 { "" } else { " UNION " };
            all = all
                .say(joint)
                .say("SELECT id FROM (")
                .then(self.branch(number, ids, words))
                .say(order)
                .value(i64::try_from(nth).unwrap_or(i64::MAX))
                .say(&format!(") AS b{number}"));
        }
        place(all.say(") AS u"))
    }

    /// How many candidates there are, counted up to `most`.
    pub(super) fn counted(&self, most: u64, ids: &IdRange, words: &Words) -> Fragment {
        let rows = match self {
            Self::Labels { .. } | Self::Tags(_) | Self::Metadata { .. } | Self::Measure { .. } => {
                self.by_number(ids, words).unwrap_or_else(|| self.beside(None, ids, words))
            }
            _ => self.rows(ids, words),
        };
        Fragment::new("SELECT COUNT(*) FROM (SELECT 1 AS one")
            .then(rows)
            .say(" LIMIT ")
            .value(i64::try_from(most).unwrap_or(i64::MAX))
            .say(") AS c")
    }
}

/// The predictions whose ids `rows` of a table beside them give.
fn listed(rows: Fragment, words: &Words) -> Fragment {
    table(None, words).say("p.id IN (SELECT d.prediction_id").then(rows).say(")")
}

/// ` FROM predictions AS p … WHERE `; SQLite is told the index, PostgreSQL
/// finds it.
pub(super) fn table(index: Option<&str>, words: &Words) -> Fragment {
    let from = Fragment::new(" FROM predictions AS p");
    match index {
        Some(index) if !words.postgres => from.say(" INDEXED BY ").say(index).say(" WHERE "),
        _ => from.say(" WHERE "),
    }
}
