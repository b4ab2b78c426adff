//! The events of one transaction, until it commits, and how they are written
//! then.

use crate::sql::{Arg, Fragment};
use domain::{
    event::Event,
    ids::{DeploymentId, PredictionId},
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use std::collections::{BTreeMap, HashSet};

/// The channel of PostgreSQL's notifications; each database has its own.
pub(super) const CHANNEL: &str = "fovea_events";
/// Above so many predictions that change in one transaction, open pages are
/// told to look at the deployment again instead: one row rather than thousands.
const ONE_BY_ONE: usize = 100;

/// What a transaction changes, in order.
#[derive(Debug, Default)]
pub(crate) struct PendingEvents(Vec<Event>);

impl PendingEvents {
    pub(crate) fn add(&mut self, event: Event) {
        self.0.push(event);
    }

    /// Each once, and of many predictions only their deployment.
    pub(crate) fn distinct(self) -> Vec<Event> {
        let mut predictions: BTreeMap<DeploymentId, HashSet<PredictionId>> = BTreeMap::new();
        for event in &self.0 {
            if let Event::PredictionChanged { deployment_id, id } = event {
                predictions.entry(*deployment_id).or_default().insert(*id);
            }
        }
        let is_many = |id: &DeploymentId| predictions.get(id).is_some_and(|ids| ids.len() > ONE_BY_ONE);
        let mut written = HashSet::new();
        let merged = self.0.into_iter().map(|event| match event {
            Event::PredictionChanged { deployment_id, .. } if is_many(&deployment_id) => {
                Event::DeploymentChanged { id: deployment_id }
            }
            event => event,
        });
        merged.filter(|event| written.insert(event.clone())).collect()
    }
}

/// Writes events as rows, as part of the transaction `db`, and wakes the other
/// processes when that commits.
///
/// Always the last statement before the commit: ids are taken in nearly the
/// order of the commits then, and the lock that PostgreSQL takes for a
/// notification is held for the commit alone.
pub(crate) async fn append(db: &impl ConnectionTrait, events: &[Event]) -> std::result::Result<(), DbErr> {
    let bodies = events.iter().map(serde_json::to_string).collect::<std::result::Result<Vec<_>, _>>();
    let bodies = bodies.map_err(|error| DbErr::Json(error.to_string()))?;
    let places = vec!["(?)"; bodies.len()].join(", ");
    let insert = format!("INSERT INTO events (body) VALUES {places}");
    let bodies = bodies.into_iter().map(Arg::Text);
    let backend = db.get_database_backend();
    if backend == DbBackend::Postgres {
        // One statement, so that it is one way to the server and back.
        let text = format!("WITH appended AS ({insert}) SELECT pg_notify('{CHANNEL}', '')");
        db.query_one_raw(Fragment::with(&text, bodies).into_statement(backend)).await?;
    } else {
        db.execute_raw(Fragment::with(&insert, bodies).into_statement(backend)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn changed(deployment: u128, prediction: usize) -> Event {
        Event::PredictionChanged {
            deployment_id: DeploymentId(Uuid::from_u128(deployment)),
            id: PredictionId(Uuid::from_u128(prediction as u128)),
        }
    }

    #[test]
    fn an_event_that_is_published_twice_is_one() {
        let mut pending = PendingEvents::default();
        for event in [changed(1, 1), changed(1, 2), changed(1, 1)] {
            pending.add(event);
        }
        assert_eq!(pending.distinct(), [changed(1, 1), changed(1, 2)]);
    }

    #[test]
    fn of_many_predictions_only_their_deployment_is_told() {
        let mut pending = PendingEvents::default();
        pending.add(changed(2, 0));
        (0..=ONE_BY_ONE).for_each(|prediction| pending.add(changed(1, prediction)));
        let whole = Event::DeploymentChanged { id: DeploymentId(Uuid::from_u128(1)) };
        assert_eq!(pending.distinct(), [changed(2, 0), whole]);
    }
}
