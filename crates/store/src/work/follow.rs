//! What long work is done for: the experiment or the reference of the same id
//! moves with its work item, in the item's own transaction, so that a process
//! killed at any moment leaves none of them under way without work. Always the
//! work's row first, then these: two transactions never wait for each other.

use super::state_of;
use crate::{
    entity::{model::experiments, work::work_items},
    error::Result,
    sql::{Arg, Fragment, rows},
    transaction::Transaction,
};
use domain::{
    event::Event,
    ids::{DeploymentId, ExperimentId, WorkItemId},
    time::Timestamp,
    work::WorkState,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};

const UNDER_WAY: [WorkState; 3] = [WorkState::Queued, WorkState::Running, WorkState::Cancelling];

/// Moves what `item` is done for to the item's state.
pub(super) async fn follow(tx: &Transaction, item: &work_items::Model, now: Timestamp) -> Result<()> {
    tx.publish(Event::WorkChanged { id: WorkItemId(item.id) });
    let state = state_of(item)?;
    follow_experiment(tx, item, state, now).await?;
    if matches!(state, WorkState::Failed | WorkState::Cancelled) {
        let text = "UPDATE training_references SET state = 'failed', message = ? \
                    WHERE id = ? AND state = 'building' RETURNING deployment_id";
        let fragment = Fragment::with(text, [Arg::from(item.message.as_str()), Arg::Id(item.id)]);
        for reference in rows(tx, fragment).await? {
            tx.publish(Event::DeploymentChanged { id: DeploymentId(reference.try_get_by_index(0)?) });
        }
    }
    Ok(())
}

async fn follow_experiment(
    tx: &Transaction,
    item: &work_items::Model,
    state: WorkState,
    now: Timestamp,
) -> Result<()> {
    use experiments::Column;
    let mut update = experiments::Entity::update_many()
        .col_expr(Column::State, Expr::value(state.as_str()))
        .filter(Column::Id.eq(item.id))
        .filter(Column::State.is_in(UNDER_WAY.map(WorkState::as_str)));
    update = match state {
        WorkState::Queued => update
            .col_expr(Column::Started, Expr::value(None::<i64>))
            .col_expr(Column::SecondsLeft, Expr::value(None::<f64>)),
        WorkState::Running => update.col_expr(Column::Started, Expr::value(now.0)),
        WorkState::Cancelling => update,
        WorkState::Succeeded | WorkState::Failed | WorkState::Cancelled => update
            .col_expr(Column::Finished, Expr::value(now.0))
            .col_expr(Column::SecondsLeft, Expr::value(None::<f64>)),
    };
    if state == WorkState::Failed {
        update = update.col_expr(Column::Error, Expr::value(item.message.as_str()));
    }
    if update.exec(tx).await?.rows_affected > 0 {
        tx.publish(Event::ExperimentChanged { id: ExperimentId(item.id) });
    }
    Ok(())
}
