//! Rules of when to tell somebody, where each stands, and what it said.

use super::Monitoring;
use crate::{
    audit::{self, NewAudit},
    convert::{from_json_text, to_json_text},
    error::{Result, StoreError, taken},
    outgoing::{Outgoing, enqueue},
    sql::{self, Arg, Fragment, row, rows, run},
};
use domain::{
    alert::AlertState,
    event::Event,
    ids::{AlertEventId, AlertRuleId, DeploymentId},
    notice::{AlertEvent, KeptRule},
    time::Timestamp,
};
use sea_orm::{ConnectionTrait, QueryResult, Value};

/// A rule with where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredRule {
    /// The rule.
    pub kept: KeptRule,
    /// Where it stands.
    pub state: AlertState,
    /// Rises with every sample, so that two processes never take one.
    pub version: i64,
}

const RULES: &str = "SELECT id, name, rule, enabled, state, version, created FROM alert_rules ";
const EVENTS: &str = "SELECT id, rule_id, name, event, at, value, query, read_at FROM alert_events ";

impl Monitoring<'_> {
    /// The rules of a deployment, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn alert_rules(&self, deployment: DeploymentId) -> Result<Vec<StoredRule>> {
        let text =
            Fragment::new(RULES).say("WHERE deployment_id = ").value(deployment.0).say(" ORDER BY name");
        rows(&self.db.reader, text).await?.iter().map(to_rule).collect()
    }

    /// Adds a rule, or changes the one of this id, which then begins anew.
    ///
    /// # Errors
    /// `Conflict` when another one has the name.
    pub async fn put_alert_rule(
        &self,
        deployment: DeploymentId,
        rule: &KeptRule,
        entry: NewAudit,
    ) -> Result<()> {
        let text = "INSERT INTO alert_rules (id, deployment_id, name, rule, enabled, state, version, created) \
                    VALUES (?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, \
                    rule = excluded.rule, enabled = excluded.enabled, state = excluded.state, \
                    version = alert_rules.version + 1 WHERE alert_rules.deployment_id = excluded.deployment_id";
        let values: Vec<Value> = vec![
            rule.id.0.into(),
            deployment.0.into(),
            rule.name.as_str().into(),
            to_json_text(&rule.rule)?.into(),
            rule.enabled.into(),
            to_json_text(&AlertState::default())?.into(),
            rule.created.0.into(),
        ];
        let tx = self.db.begin().await?;
        let statement = sql::statement(tx.get_database_backend(), text, values);
        let done = tx
            .execute_raw(statement)
            .await
            .map_err(taken(|| format!("another alert is called {:?} already", rule.name)))?;
        if done.rows_affected() == 0 {
            return Err(StoreError::not_found(format!("alert {}", rule.id)));
        }
        tx.publish(Event::DeploymentChanged { id: deployment });
        audit::append(&tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Removes a rule; what it said stays.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_alert_rule(
        &self,
        deployment: DeploymentId,
        id: AlertRuleId,
        entry: NewAudit,
    ) -> Result<()> {
        let tx = self.db.begin().await?;
        let text = "DELETE FROM alert_rules WHERE id = ? AND deployment_id = ?";
        let gone = run(&tx, Fragment::with(text, [Arg::Id(id.0), Arg::Id(deployment.0)])).await?;
        if gone.rows_affected() == 0 {
            return Err(StoreError::not_found(format!("alert {id}")));
        }
        tx.publish(Event::DeploymentChanged { id: deployment });
        audit::append(&tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Notes where a rule stands after a sample, what it said, and whom to
    /// tell, in one transaction. `false`: another process was first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_sample(
        &self,
        deployment: DeploymentId,
        rule: &StoredRule,
        state: &AlertState,
        said: Option<(&AlertEvent, &Outgoing)>,
    ) -> Result<bool> {
        let tx = self.db.begin().await?;
        let text = "UPDATE alert_rules SET state = ?, version = version + 1 WHERE id = ? AND version = ?";
        let values = [Arg::Text(to_json_text(state)?), Arg::Id(rule.kept.id.0), Arg::Int(rule.version)];
        if run(&tx, Fragment::with(text, values)).await?.rows_affected() == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        if let Some((event, outgoing)) = said {
            let text = "INSERT INTO alert_events (id, deployment_id, rule_id, name, event, at, value, query) \
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
            let values = [
                Arg::Id(event.id.0),
                Arg::Id(deployment.0),
                Arg::Id(event.rule_id.0),
                Arg::from(&event.name),
                Arg::from(if event.fired { "fired" } else { "cleared" }),
                Arg::Int(event.at.0),
                Arg::Real(event.value),
                Arg::from(&event.query),
            ];
            run(&tx, Fragment::with(text, values)).await?;
            enqueue(&tx, outgoing).await?;
        }
        if said.is_some() || state.silent_since() != rule.state.silent_since() {
            tx.publish(Event::DeploymentChanged { id: deployment });
        }
        tx.commit().await?;
        Ok(true)
    }

    /// What the alerts of a deployment said, the latest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn alert_events(&self, deployment: DeploymentId, most: u32) -> Result<Vec<AlertEvent>> {
        let text = Fragment::new(EVENTS)
            .say("WHERE deployment_id = ")
            .value(deployment.0)
            .say(" ORDER BY id DESC LIMIT ")
            .value(i64::from(most));
        rows(&self.db.reader, text).await?.iter().map(to_event).collect()
    }

    /// Notes that somebody took note of what alerts said so far; gives how
    /// many were new.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read_alerts(&self, deployment: DeploymentId, at: Timestamp) -> Result<u64> {
        let text = "UPDATE alert_events SET read_at = ? WHERE deployment_id = ? AND read_at IS NULL";
        let tx = self.db.begin().await?;
        let done = run(&tx, Fragment::with(text, [Arg::Int(at.0), Arg::Id(deployment.0)])).await?;
        tx.publish(Event::DeploymentChanged { id: deployment });
        tx.commit().await?;
        Ok(done.rows_affected())
    }

    /// One rule of a deployment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn alert_rule(&self, deployment: DeploymentId, id: AlertRuleId) -> Result<Option<StoredRule>> {
        let text = Fragment::new(RULES)
            .say("WHERE deployment_id = ")
            .value(deployment.0)
            .say(" AND id = ")
            .value(id.0);
        row(&self.db.reader, text).await?.map(|row| to_rule(&row)).transpose()
    }
}

fn to_rule(row: &QueryResult) -> Result<StoredRule> {
    let [rule, state]: [String; 2] = [row.try_get_by_index(2)?, row.try_get_by_index(4)?];
    let state: AlertState = from_json_text(&state, "where an alert stands")?;
    let kept = KeptRule {
        id: AlertRuleId(row.try_get_by_index(0)?),
        name: row.try_get_by_index(1)?,
        rule: from_json_text(&rule, "the rule of an alert")?,
        enabled: row.try_get_by_index(3)?,
        firing_since: state.firing_since(),
        silent_since: state.silent_since(),
        created: Timestamp(row.try_get_by_index(6)?),
    };
    Ok(StoredRule { kept, state, version: row.try_get_by_index(5)? })
}

fn to_event(row: &QueryResult) -> Result<AlertEvent> {
    let event: String = row.try_get_by_index(3)?;
    let read: Option<i64> = row.try_get_by_index(7)?;
    Ok(AlertEvent {
        id: AlertEventId(row.try_get_by_index(0)?),
        rule_id: AlertRuleId(row.try_get_by_index(1)?),
        name: row.try_get_by_index(2)?,
        fired: event == "fired",
        at: Timestamp(row.try_get_by_index(4)?),
        value: row.try_get_by_index(5)?,
        query: row.try_get_by_index(6)?,
        read: read.map(Timestamp),
    })
}
