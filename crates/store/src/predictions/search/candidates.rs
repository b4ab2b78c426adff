//! The candidates of a source, as SQL. Pure: runs nothing.

use super::{position::sort_columns, ranges::IdRange, source::Source, words::Words};
use crate::sql::{Arg, Fragment};

impl Source {
    /// `FROM predictions … WHERE …` for its candidates with ids in `ids`.
    pub(super) fn rows(&self, ids: &IdRange, words: &Words) -> Fragment {
        let deployment = Arg::Id(words.deployment.0);
        match self {
            Self::All => table(Some("predictions_page"), words)
                .then(Fragment::with("p.deployment_id = ?", [deployment]))
                .then(ids.of("p.id")),
            Self::Column { column, values } => table(Some(column.index()), words)
                .then(Fragment::with("p.deployment_id = ? AND ", [deployment]))
                .then(Fragment::one_of(&column.of_row(), values.iter().cloned()))
                .then(ids.of("p.id")),
            Self::Range { field, range } => {
                let column = sort_columns(*field).columns.first().map_or("p.id", String::as_str);
                table(Some(sort_columns(*field).index), words)
                    .then(Fragment::with("p.deployment_id = ?", [deployment]))
                    .then(range.of(column))
                    .then(ids.of("p.id"))
            }
            Self::Part { condition, index, .. } => table(Some(index), words)
                .then(Fragment::with("p.deployment_id = ? AND ", [deployment]))
                .say(condition)
                .then(ids.of("p.id")),
            Self::Either(_) => listed(self.united(|part| part.ids(part.rows_of(ids, words))), words),
            _ => listed(self.ids(self.beside(None, ids, words)), words),
        }
    }

    /// The same for all candidates at once, in no order.
    pub(super) fn gathered(&self, ids: &IdRange, words: &Words) -> Fragment {
        match self {
            Self::Either(_) => listed(self.united(|part| part.ids(part.counted_rows(ids, words))), words),
            _ => match self.by_number(ids, words) {
                Some(rows) => listed(self.ids(rows), words),
                None => self.rows(ids, words),
            },
        }
    }

    /// ` FROM … WHERE …` of the table that gives the ids, in no order.
    fn counted_rows(&self, ids: &IdRange, words: &Words) -> Fragment {
        self.by_number(ids, words).unwrap_or_else(|| self.rows_of(ids, words))
    }

    /// ` FROM … WHERE …` of the table that gives the ids.
    fn rows_of(&self, ids: &IdRange, words: &Words) -> Fragment {
        if self.is_beside() { self.beside(None, ids, words) } else { self.rows(ids, words) }
    }

    /// One column of ids ` AS id`, from rows of the table that gives them.
    fn ids(&self, rows: Fragment) -> Fragment {
        let column = if self.is_beside() { "d.prediction_id" } else { "p.id" };
        Fragment::new("SELECT ").say(column).say(" AS id").then(rows)
    }

    /// The ids of all parts, as `ids` says them of one.
    fn united(&self, ids: impl Fn(&Self) -> Fragment) -> Fragment {
        let Self::Either(parts) = self else { return ids(self) };
        let mut all = Fragment::default();
        for (number, part) in parts.iter().enumerate() {
            all = all.say(if number == 0 { "" } else { " UNION ALL " }).then(ids(part));
        }
        all
    }

    /// ` FROM … d WHERE …` along an index that knows more of boxes than the key.
    fn by_number(&self, ids: &IdRange, words: &Words) -> Option<Fragment> {
        let Self::Labels { labels, boxes } = self else { return None };
        let index = boxes.index()?;
        let rows = Fragment::new(" FROM box_counts AS d")
            .say(&along(index, words))
            .then(Fragment::with(" WHERE d.deployment_id = ? AND ", [Arg::Id(words.deployment.0)]))
            .then(Fragment::one_of("d.label_id", labels.iter().map(|id| Arg::Int(*id))))
            .then(boxes.condition(false));
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
            Self::Labels { labels, boxes } => {
                let labels =
                    labels.iter().enumerate().filter(|(n, _)| chosen(*n)).map(|(_, id)| Arg::Int(*id));
                Fragment::with(" FROM box_counts d WHERE d.deployment_id = ? AND ", [deployment])
                    .then(Fragment::one_of("d.label_id", labels))
                    .then(boxes.condition(true))
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
            Self::Key(key) => Fragment::with(
                " FROM prediction_metadata d WHERE d.deployment_id = ? AND d.key = ?",
                [deployment, Arg::from(key)],
            ),
            Self::Measure { key, range } => Fragment::new(" FROM prediction_metadata AS d")
                .say(&along("prediction_metadata_number", words))
                .say(" WHERE d.number IS NOT NULL")
                .then(Fragment::with(" AND d.deployment_id = ? AND d.key = ?", [deployment, Arg::from(key)]))
                .then(range.of("d.number")),
            _ => Fragment::default(),
        };
        rows.then(ids.of("d.prediction_id"))
    }

    /// One column of ids ` AS id`, of one branch, without an order.
    fn branch(&self, number: usize, ids: &IdRange, words: &Words) -> Fragment {
        match self {
            Self::Column { column, values } => {
                let values = values.get(number).cloned().into_iter().collect();
                self.ids(Self::Column { column: *column, values }.rows(ids, words))
            }
            Self::Either(parts) => {
                let mut before = 0;
                for part in parts {
                    if number < before + part.branches() {
                        return part.branch(number - before, ids, words);
                    }
                    before += part.branches();
                }
                Fragment::default()
            }
            part if part.is_beside() => self.ids(self.beside(Some(number), ids, words)),
            _ => self.ids(self.rows(ids, words)),
        }
    }

    /// The id of the `nth` candidate (from 1) in the order of ids.
    pub(super) fn nth_id(&self, nth: u64, descending: bool, ids: &IdRange, words: &Words) -> Fragment {
        self.stretch_of_ids(nth.saturating_sub(1), 1, descending, ids, words)
    }

    /// The ids of `wanted` candidates in the order of ids, behind so many.
    pub(super) fn stretch_of_ids(
        &self,
        behind: u64,
        wanted: u64,
        descending: bool,
        ids: &IdRange,
        words: &Words,
    ) -> Fragment {
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let order = if descending { " ORDER BY id DESC LIMIT " } else { " ORDER BY id LIMIT " };
        let cut = |rows: Fragment| rows.say(order).value(whole(wanted)).say(" OFFSET ").value(whole(behind));
        if self.branches() == 1 {
            return cut(self.branch(0, ids, words));
        }
        let mut all = Fragment::new("SELECT id FROM (");
        for number in 0..self.branches() {
            let joint = if number == 0 { "" } else { " UNION " };
            all = all
                .say(joint)
                .say("SELECT id FROM (")
                .then(self.branch(number, ids, words))
                .say(order)
                .value(whole(behind.saturating_add(wanted)))
                .say(&format!(") AS b{number}"));
        }
        cut(all.say(") AS u"))
    }

    /// How many candidates there are, counted up to `most`.
    pub(super) fn counted(&self, most: u64, ids: &IdRange, words: &Words) -> Fragment {
        let rows = match self {
            Self::Either(_) => Fragment::new(" FROM (")
                .then(self.united(|part| part.ids(part.counted_rows(ids, words))))
                .say(") AS e"),
            _ => self.counted_rows(ids, words),
        };
        Fragment::new("SELECT COUNT(*) FROM (SELECT 1 AS one")
            .then(rows)
            .say(" LIMIT ")
            .value(i64::try_from(most).unwrap_or(i64::MAX))
            .say(") AS c")
    }
}

/// The predictions of these ids.
fn listed(ids: Fragment, words: &Words) -> Fragment {
    table(None, words).say("p.id IN (").then(ids).say(")")
}

/// ` INDEXED BY …`, which SQLite is told; PostgreSQL finds the index.
pub(super) fn along(index: &str, words: &Words) -> String {
    if words.postgres { String::new() } else { format!(" INDEXED BY {index}") }
}

/// ` FROM predictions AS p … WHERE `
pub(super) fn table(index: Option<&str>, words: &Words) -> Fragment {
    let index = index.map_or_else(String::new, |index| along(index, words));
    Fragment::new(" FROM predictions AS p").say(&index).say(" WHERE ")
}
