//! Rows that are written in groups. What stands in a statement, columns and
//! values, comes from one struct, so that neither can be forgotten.

use crate::{error::Result, sql};
use sea_orm::{ConnectionTrait, EntityName, EntityTrait, IdenStatic, Iterable, ModelTrait, Value};

/// A struct that is a row of a table.
pub(crate) trait TableRow {
    /// The table's name.
    fn table() -> &'static str;

    /// The names of the columns.
    fn columns() -> Vec<&'static str>;

    /// Appends a value for each column, in their order.
    fn push_values(&self, values: &mut Vec<Value>);
}

type Column<M> = <<M as ModelTrait>::Entity as EntityTrait>::Column;

impl<M: ModelTrait> TableRow for M {
    fn table() -> &'static str {
        M::Entity::default().table_name()
    }

    fn columns() -> Vec<&'static str> {
        Column::<M>::iter().map(|column| column.as_str()).collect()
    }

    fn push_values(&self, values: &mut Vec<Value>) {
        values.extend(Column::<M>::iter().map(|column| self.get(column)));
    }
}

/// Inserts rows, a few hundred a statement; `tail` says what becomes of one
/// that is there already (`ON CONFLICT …`), and may be empty.
pub(crate) async fn insert<'r, R: TableRow + 'r>(
    db: &impl ConnectionTrait,
    rows: impl IntoIterator<Item = &'r R>,
    tail: &str,
) -> Result<()> {
    let mut values = Vec::new();
    for row in rows {
        row.push_values(&mut values);
    }
    if values.is_empty() {
        return Ok(());
    }
    let columns = R::columns();
    let head = format!("INSERT INTO {} ({})", R::table(), columns.join(", "));
    sql::insert_rows(db, &head, columns.len(), tail, values).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::prediction::shadow_predictions;
    use uuid::Uuid;

    #[test]
    fn columns_and_values_come_in_one_order() {
        let row =
            shadow_predictions::Model { prediction_id: Uuid::nil(), model_version_id: None, latency_ms: 2.5 };
        let mut values = Vec::new();
        row.push_values(&mut values);
        assert_eq!(shadow_predictions::Model::table(), "shadow_predictions");
        assert_eq!(shadow_predictions::Model::columns(), ["prediction_id", "model_version_id", "latency_ms"]);
        assert_eq!(values, [Uuid::nil().into(), None::<Uuid>.into(), 2.5.into()]);
    }
}
