//! The values that a text has in a deployment, where they are few: then what
//! it is not, or contains, is a list of what it is.

use super::{
    choice::COUNTING,
    source::{MOST_BRANCHES, Source, TextColumn},
    words::Words,
};
use crate::{
    error::Result,
    sql::{Arg, Fragment},
    timed::{Timed, TimedRow, Timely},
};
use domain::query::TextCondition;

/// Where what the condition is true of comes from, if it has few values.
pub(super) async fn admitted(
    timed: &mut Timed<'_>,
    condition: &TextCondition,
    words: &Words,
) -> Result<Option<Source>> {
    let Some(column) = TextColumn::of(condition.field) else { return Ok(None) };
    let lacks = column != TextColumn::Model && condition.admits(None);
    if lacks && (column.missing().is_none() || condition.is_missing()) {
        return Ok(column.missing());
    }
    let Timely::Done(rows) = timed.rows(&known(column, words), COUNTING).await? else { return Ok(None) };
    if rows.len() > MOST_BRANCHES {
        return Ok(None);
    }
    let mut values = Vec::new();
    for row in &rows {
        let (text, value) = read(column, row)?;
        if condition.admits(Some(&text)) {
            values.push(value);
        }
    }
    let named = Source::Column { column, values };
    Ok(match column.missing().filter(|_| lacks) {
        Some(missing) if named.is_empty() => Some(missing),
        Some(missing) => Some(Source::Either(vec![missing, named])),
        None => Some(named),
    })
}

fn read(column: TextColumn, row: &TimedRow) -> Result<(String, Arg)> {
    if column == TextColumn::Model {
        return Ok((row.text(1)?, Arg::Id(row.id(0)?)));
    }
    let text = row.text(0)?;
    Ok((text.clone(), Arg::Text(text)))
}

/// The different values of a column, from one to the next along its index;
/// one more than is of use.
fn known(column: TextColumn, words: &Words) -> Fragment {
    let next = |beyond: &str| {
        let name = column.name();
        let index = if words.postgres { String::new() } else { format!(" INDEXED BY {}", column.index()) };
        let text = format!(
            "(SELECT {name} FROM predictions AS p{index} WHERE p.deployment_id = ? AND {name}{beyond} \
             ORDER BY {name} LIMIT 1)"
        );
        Fragment::with(&text, [Arg::Id(words.deployment.0)])
    };
    let names = match column {
        TextColumn::Model => {
            "SELECT k.value, m.name || '/' || CAST(v.number AS TEXT) FROM known AS k \
             JOIN model_versions AS v ON v.id = k.value JOIN models AS m ON m.id = v.model_id"
        }
        _ => "SELECT k.value FROM known AS k WHERE k.value IS NOT NULL",
    };
    Fragment::new("WITH RECURSIVE known(value, place) AS (SELECT ")
        .then(next(" IS NOT NULL"))
        .say(", 0 UNION ALL SELECT ")
        .then(next(" > known.value"))
        .say(", known.place + 1 FROM known WHERE known.value IS NOT NULL AND known.place < ")
        .value(i64::try_from(MOST_BRANCHES).unwrap_or(i64::MAX))
        .say(") ")
        .say(names)
}
