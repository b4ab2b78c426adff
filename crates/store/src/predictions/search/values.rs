//! The values that a text has in a deployment, where they are few: then what
//! it is not, or contains, is a list of what it is.

use super::{
    candidates::along,
    source::{COUNTING, MOST_BRANCHES, Source, TextColumn},
    words::Words,
};
use crate::{
    error::Result,
    sql::{Arg, Fragment},
    timed::{Timed, TimedRow, Timely},
};
use query::TextCondition;

/// Where what the condition is true of comes from, if it has few values.
pub(super) async fn admitted(
    timed: &mut Timed<'_>,
    condition: &TextCondition,
    words: &Words,
) -> Result<Option<Source>> {
    let Some(column) = TextColumn::of(condition.field) else {
        let rows = "prediction_tags AS t WHERE t.deployment_id";
        let Some(rows) = known(timed, "t.tag", rows, TEXTS, words).await? else { return Ok(None) };
        let mut tags = Vec::new();
        for row in &rows {
            tags.extend(Some(row.text(0)?).filter(|tag| condition.admits(Some(tag))));
        }
        return Ok(Some(Source::Tags(tags)));
    };
    let lacks = !column.holds_ids() && condition.admits(None);
    if lacks && (column.missing().is_none() || condition.is_missing()) {
        return Ok(column.missing());
    }
    let rows = format!("predictions AS p{} WHERE p.deployment_id", along(column.index(), words));
    let read = if column.holds_ids() { MODELS } else { TEXTS };
    let Some(rows) = known(timed, &column.of_row(), &rows, read, words).await? else { return Ok(None) };
    let mut values = Vec::new();
    for row in &rows {
        let text = row.text(0)?;
        if condition.admits(Some(&text)) {
            values.push(if column.holds_ids() { Arg::Id(row.id(1)?) } else { Arg::Text(text) });
        }
    }
    let named = Source::Column { column, values };
    Ok(match column.missing().filter(|_| lacks) {
        Some(missing) if named.is_empty() => Some(missing),
        Some(missing) => Some(Source::Either(vec![missing, named])),
        None => Some(named),
    })
}

const TEXTS: &str = "SELECT k.value FROM known AS k WHERE k.value IS NOT NULL";
const MODELS: &str = "SELECT m.name || '/' || CAST(v.number AS TEXT), k.value FROM known AS k \
    JOIN model_versions AS v ON v.id = k.value JOIN models AS m ON m.id = v.model_id";

/// The different values of a column, from one to the next along its index, as
/// `read` reads them; `None` when there are too many, or it takes too long.
/// `rows` ends with the deployment's column.
async fn known(
    timed: &mut Timed<'_>,
    column: &str,
    rows: &str,
    read: &str,
    words: &Words,
) -> Result<Option<Vec<TimedRow>>> {
    let next = |beyond: &str| {
        let text =
            format!("(SELECT {column} FROM {rows} = ? AND {column}{beyond} ORDER BY {column} LIMIT 1)");
        Fragment::with(&text, [Arg::Id(words.deployment.0)])
    };
    let statement = Fragment::new("WITH RECURSIVE known(value, place) AS (SELECT ")
        .then(next(" IS NOT NULL"))
        .say(", 0 UNION ALL SELECT ")
        .then(next(" > known.value"))
        .say(", known.place + 1 FROM known WHERE known.value IS NOT NULL AND known.place < ")
        .value(i64::try_from(MOST_BRANCHES).unwrap_or(i64::MAX))
        .say(") ")
        .say(read);
    Ok(match timed.rows(&statement, COUNTING).await? {
        Timely::Done(rows) if rows.len() <= MOST_BRANCHES => Some(rows),
        _ => None,
    })
}
