//! Statements that are written by hand, because they run often or because an
//! entity cannot say them. Written with `?`; PostgreSQL gets `$1`, `$2` …

use crate::error::Result;
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use std::fmt::Write;

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

fn numbered(text: &str) -> String {
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
