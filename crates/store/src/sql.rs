//! Statements that are written by hand, because they run often or because an
//! entity cannot say them. Written with `?`; PostgreSQL gets `$1`, `$2` …

use crate::error::Result;
use sea_orm::{ConnectionTrait, DbBackend, ExecResult, QueryResult, Statement, Value};
use std::fmt::Write;
use uuid::Uuid;

/// A value of a statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Arg {
    Int(i64),
    Real(f64),
    Text(String),
    Id(Uuid),
}

impl From<i64> for Arg {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<f64> for Arg {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<Uuid> for Arg {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl From<Arg> for Value {
    fn from(arg: Arg) -> Self {
        match arg {
            Arg::Int(number) => number.into(),
            Arg::Real(number) => number.into(),
            Arg::Text(text) => text.into(),
            Arg::Id(id) => id.into(),
        }
    }
}

/// A piece of a statement and its values, which are never part of the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Fragment {
    text: String,
    values: Vec<Arg>,
}

impl Fragment {
    /// Text of ours, without values.
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// Text of ours with a `?` for each value.
    pub(crate) fn with(text: &str, values: impl IntoIterator<Item = Arg>) -> Self {
        Self { text: text.to_owned(), values: values.into_iter().collect() }
    }

    /// `head (?, ?, …)`, or what is never true when there are no values.
    pub(crate) fn one_of(head: &str, values: impl IntoIterator<Item = Arg>) -> Self {
        let values: Vec<Arg> = values.into_iter().collect();
        match values.len() {
            0 => Self::never(),
            1 => Self { text: format!("{head} = ?"), values },
            many => Self { text: format!("{head} IN ({})", vec!["?"; many].join(", ")), values },
        }
    }

    /// True of every row.
    pub(crate) fn always() -> Self {
        Self::new("1 = 1")
    }

    /// True of no row.
    pub(crate) fn never() -> Self {
        Self::new("1 = 0")
    }

    /// All of them, in parentheses where it matters.
    pub(crate) fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(parts, " AND ", Self::always)
    }

    /// Any of them, in parentheses.
    pub(crate) fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(parts, " OR ", Self::never)
    }

    fn joined(parts: impl IntoIterator<Item = Self>, word: &str, none: fn() -> Self) -> Self {
        let mut parts = parts.into_iter();
        let Some(first) = parts.next() else { return none() };
        let mut whole = Self::new("(").then(first);
        for part in parts {
            whole = whole.say(word).then(part);
        }
        whole.say(")")
    }

    /// This, and then text of ours.
    pub(crate) fn say(mut self, text: &str) -> Self {
        self.text.push_str(text);
        self
    }

    /// This, and then that.
    pub(crate) fn then(mut self, next: Self) -> Self {
        self.text.push_str(&next.text);
        self.values.extend(next.values);
        self
    }

    /// This, and then `?` for a value.
    pub(crate) fn value(mut self, value: impl Into<Arg>) -> Self {
        self.text.push('?');
        self.values.push(value.into());
        self
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn values(&self) -> &[Arg] {
        &self.values
    }

    /// As a statement of SeaORM.
    pub(crate) fn into_statement(self, backend: DbBackend) -> Statement {
        statement(backend, &self.text, self.values.into_iter().map(Value::from).collect())
    }
}

/// Rows of one INSERT. Few sizes, so that prepared statements are found again.
const SIZES: [usize; 5] = [256, 64, 16, 4, 1];

/// A statement for `backend` out of text with `?` for values.
pub(crate) fn statement(backend: DbBackend, text: &str, values: Vec<Value>) -> Statement {
    if backend == DbBackend::Postgres {
        Statement::from_sql_and_values(backend, numbered(text), values)
    } else {
        Statement::from_sql_and_values(backend, text, values)
    }
}

/// The rows that a statement gives.
pub(crate) async fn rows(db: &impl ConnectionTrait, text: Fragment) -> Result<Vec<QueryResult>> {
    Ok(db.query_all_raw(text.into_statement(db.get_database_backend())).await?)
}

/// The first row that a statement gives, if it gives any.
pub(crate) async fn row(db: &impl ConnectionTrait, text: Fragment) -> Result<Option<QueryResult>> {
    Ok(db.query_one_raw(text.into_statement(db.get_database_backend())).await?)
}

/// Runs a statement that gives no rows.
pub(crate) async fn run(db: &impl ConnectionTrait, text: Fragment) -> Result<ExecResult> {
    Ok(db.execute_raw(text.into_statement(db.get_database_backend())).await?)
}

/// Inserts rows of `columns` values each, given row after row.
pub(crate) async fn insert_rows(
    db: &impl ConnectionTrait,
    head: &str,
    columns: usize,
    tail: &str,
    values: Vec<Value>,
) -> Result<()> {
    let backend = db.get_database_backend();
    let mut values = values.into_iter();
    loop {
        let rows = values.len() / columns;
        let Some(size) = SIZES.into_iter().find(|size| *size <= rows) else { return Ok(()) };
        let chunk = values.by_ref().take(size * columns).collect();
        let text = insert_text(head, columns, size, tail);
        db.execute_raw(statement(backend, &text, chunk)).await?;
    }
}

/// `INSERT INTO … VALUES (?, …), …`: `head` up to `VALUES`, `rows` rows of
/// `columns` values, and `tail`, say `ON CONFLICT …`.
fn insert_text(head: &str, columns: usize, rows: usize, tail: &str) -> String {
    let row = format!("({})", vec!["?"; columns].join(","));
    format!("{head} VALUES {} {tail}", vec![row; rows].join(","))
}

/// The text with `$1`, `$2` … for `?`.
pub(crate) fn numbered(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut number = 0;
    for character in text.chars() {
        if character == '?' {
            number += 1;
            write!(out, "${number}").expect("writing to a String never fails");
        } else {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbered_for_postgres_only() {
        let text = insert_text("INSERT INTO t (a, b)", 2, 2, "RETURNING a");
        assert_eq!(text, "INSERT INTO t (a, b) VALUES (?,?),(?,?) RETURNING a");
        assert_eq!(
            statement(DbBackend::Postgres, &text, vec![]).sql,
            "INSERT INTO t (a, b) VALUES ($1,$2),($3,$4) RETURNING a"
        );
        assert_eq!(statement(DbBackend::Sqlite, &text, vec![]).sql, text);
    }
}
