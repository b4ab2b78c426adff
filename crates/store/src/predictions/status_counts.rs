//! How many predictions of a deployment have a status: kept, so that nothing
//! is scanned for it.

use crate::{entity::deployment::prediction_counts, error::Result, table};
use sea_orm::ConnectionTrait;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Two processes that change the same counts never wait in a circle: by key,
/// they do it in one order.
pub(crate) type CountChanges = BTreeMap<(Uuid, String), i64>;

const ADD: &str =
    "ON CONFLICT (deployment_id, status) DO UPDATE SET count = prediction_counts.count + excluded.count";

/// Adds to the counts, or takes away, in one statement.
pub(crate) async fn add(db: &impl ConnectionTrait, changes: CountChanges) -> Result<()> {
    let changed = changes.into_iter().filter(|(_, count)| *count != 0);
    let rows: Vec<_> = changed
        .map(|((deployment_id, status), count)| prediction_counts::Model { deployment_id, status, count })
        .collect();
    table::insert(db, &rows, ADD).await
}
