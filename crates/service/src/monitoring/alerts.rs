//! Alerts: rules that people set, looked at again and again; what they said
//! is an inbox, and goes to webhooks.

use crate::{
    Admin, As, DeploymentRef, Monitoring, Result, Reviewer, ServiceError, Viewer, browsing::listing::readable,
};
use domain::{
    alert::{AlertRule, Sample, Transition, Watch, WatchedFigure},
    deployment::Deployment,
    ids::AlertRuleId,
    monitor::{
        figures::Figure,
        supervised::{FiguresOf, Scope, SupervisedFigures},
    },
    notice::{AlertEvent, KeptRule},
    time::Timestamp,
};
use query::{
    Moment, Precision, Query,
    ast::{Compare, Expr, Op, Test},
    schema::DateField,
};
use serde_json::json;
use store::StoredRule;

/// How often rules are looked at.
const EVERY_MS: i64 = 15_000;
const RULES: usize = 100;
const LONGEST_NAME: usize = 80;

/// A rule as somebody sets it.
#[derive(Clone, Debug, PartialEq)]
pub struct SetAlert {
    /// 1 to 80 characters, unique within the deployment.
    pub name: String,
    /// When to tell.
    pub rule: AlertRule,
    /// Whether it is looked at.
    pub enabled: bool,
}

impl Monitoring {
    /// The rules of a deployment, by name, and what they said, the latest
    /// first (at most 100).
    ///
    /// # Errors
    /// No such deployment.
    pub async fn alerts(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<(Vec<KeptRule>, Vec<AlertEvent>)> {
        let deployment = self.base.known_deployment(deployment).await?;
        let monitoring = self.base.store().monitoring();
        let rules = monitoring.alert_rules(deployment.id).await?;
        let events = monitoring.alert_events(deployment.id, 100).await?;
        Ok((rules.into_iter().map(|rule| rule.kept).collect(), events))
    }

    /// Adds a rule, or changes the one of this id, which then begins anew.
    ///
    /// # Errors
    /// Admins only; no such deployment or rule, a name that is taken, a query
    /// that cannot be read, a number out of its range.
    pub async fn set_alert(
        &self,
        actor: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
        id: Option<AlertRuleId>,
        change: SetAlert,
    ) -> Result<KeptRule> {
        let deployment = self.base.known_deployment(deployment).await?;
        check(&change)?;
        let there = self.base.store().monitoring().alert_rules(deployment.id).await?;
        let created = match id {
            None if there.len() >= RULES => {
                return Err(ServiceError::conflict(format!("A deployment has {RULES} alerts at most.")));
            }
            None => self.base.now(),
            Some(id) => there.iter().find(|rule| rule.kept.id == id).ok_or_else(|| missing(id))?.kept.created,
        };
        let SetAlert { name, rule, enabled } = change;
        let id = id.unwrap_or_else(|| self.base.new_id());
        let alert = KeptRule { id, name, rule, enabled, firing_since: None, silent_since: None, created };
        let detail = json!({ "alert": alert.name, "rule": alert.rule, "enabled": enabled });
        let entry = self.base.entry(actor, "alert.set", deployment.name.as_str(), &detail);
        self.base.store().monitoring().put_alert_rule(deployment.id, &alert, entry).await?;
        Ok(alert)
    }

    /// Removes a rule; what it said stays.
    ///
    /// # Errors
    /// Admins only; no such deployment or rule.
    pub async fn delete_alert(
        &self,
        actor: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
        id: AlertRuleId,
    ) -> Result<()> {
        let deployment = self.base.known_deployment(deployment).await?;
        let monitoring = self.base.store().monitoring();
        let rule = monitoring.alert_rule(deployment.id, id).await?.ok_or_else(|| missing(id))?;
        let entry = self.base.entry(
            actor,
            "alert.delete",
            deployment.name.as_str(),
            &json!({ "alert": rule.kept.name }),
        );
        monitoring.delete_alert_rule(deployment.id, id, entry).await?;
        Ok(())
    }

    /// Takes note of what the alerts said so far; gives how many were new.
    ///
    /// # Errors
    /// Reviewers and above; no such deployment.
    pub async fn read_alerts(&self, _: &As<Reviewer>, deployment: impl Into<DeploymentRef>) -> Result<u64> {
        let deployment = self.base.known_deployment(deployment).await?;
        let read = self.base.store().monitoring().read_alerts(deployment.id, self.base.now()).await?;
        Ok(read)
    }

    /// Looks at the rules that are due. Of two processes one takes a sample.
    pub(crate) async fn look_at_alerts(&self, deployment: &Deployment) -> Result<()> {
        let now = self.base.now();
        let at = Timestamp(now.0 - now.0.rem_euclid(EVERY_MS));
        for rule in self.base.store().monitoring().alert_rules(deployment.id).await? {
            if !rule.kept.enabled || rule.state.last().is_some_and(|last| last >= at) {
                continue;
            }
            let of = format!("{}, {}", deployment.name, rule.kept.name);
            self.base.isolated("looking at the alert", &of, self.look_at_alert(deployment, rule, at)).await;
        }
        Ok(())
    }

    async fn look_at_alert(&self, deployment: &Deployment, rule: StoredRule, at: Timestamp) -> Result<()> {
        let value = self.watched(deployment, &rule.kept.rule).await?;
        let arrived = self.recent_totals(deployment.id, rule.kept.rule.window_ms).await?;
        let is_silent = arrived.get(Figure::Predictions).is_none_or(|count| count == 0.0);
        let mut state = rule.state;
        let transition = state.observe(&rule.kept.rule, Sample { at, value, is_silent });
        let said = transition.map(|transition| self.said(deployment, &rule.kept, transition));
        let outgoing = match &said {
            Some(event) => Some((event, self.outgoing_alert(deployment, &rule.kept, event).await?)),
            None => None,
        };
        let noted = outgoing.as_ref().map(|(event, outgoing)| (*event, outgoing));
        self.base.store().monitoring().take_sample(deployment.id, &rule, &state, noted).await?;
        Ok(())
    }

    async fn outgoing_alert(
        &self,
        deployment: &Deployment,
        rule: &KeptRule,
        event: &AlertEvent,
    ) -> Result<store::Outgoing> {
        let name = if event.fired {
            domain::notice::NoticeKind::AlertFired
        } else {
            domain::notice::NoticeKind::AlertCleared
        };
        let data = json!({
            "alert": rule.name,
            "rule": rule.rule,
            "value": event.value,
            "at": event.at,
            "query": event.query,
        });
        self.base.outgoing(Some(deployment.into()), name, data).await
    }

    fn said(&self, deployment: &Deployment, rule: &KeptRule, transition: Transition) -> AlertEvent {
        let (fired, at, value) = match transition {
            Transition::Fired { at, value } => (true, at, value),
            Transition::Cleared { at, value, .. } => (false, at, value),
        };
        tracing::info!(deployment = %deployment.name, alert = rule.name, fired, value, "an alert changed");
        let (name, rule_id) = (rule.name.clone(), rule.id);
        let query = behind(&rule.rule, self.base.now());
        AlertEvent { id: self.base.new_id(), rule_id, name, fired, at, value, query, read: None }
    }

    /// The figure that a rule watches; `None` where there is none now.
    async fn watched(&self, deployment: &Deployment, rule: &AlertRule) -> Result<Option<f64>> {
        match &rule.watch {
            Watch::QueryCount(q) => {
                let query = since(readable(q)?, self.base.now().plus_ms(-rule.window_ms));
                let predictions = self.base.store().predictions();
                let count = predictions.count_matching(deployment.id, query, self.base.now()).await?;
                // A count that was not finished says too little to alarm by.
                Ok(count.exact.then_some(count.count as f64))
            }
            Watch::Metric(WatchedFigure::Counted(figure)) => {
                let totals = self.recent_totals(deployment.id, rule.window_ms).await?;
                Ok(totals.get(*figure))
            }
            Watch::Metric(WatchedFigure::Drift) => {
                Ok(self.drift_now(deployment).await?.map(|drift| drift.declared.len() as f64))
            }
            Watch::Metric(WatchedFigure::Precision(figure)) => {
                let reviewed = self.watched_reviews(deployment).await?;
                let estimate = reviewed.and_then(|figures| figures.coco.summary.get(figure).copied());
                Ok(estimate.map(|estimate| estimate.value))
            }
            Watch::Metric(WatchedFigure::Reviewed) => {
                Ok(self.watched_reviews(deployment).await?.map(|figures| figures.images as f64))
            }
        }
    }

    async fn watched_reviews(&self, deployment: &Deployment) -> Result<Option<SupervisedFigures>> {
        self.figures_of(deployment.id, FiguresOf::Champion, &deployment.champion, Scope::Random).await
    }
}

fn check(change: &SetAlert) -> Result<()> {
    let length = change.name.trim().chars().count();
    if !(1..=LONGEST_NAME).contains(&length) || change.name.chars().any(domain::name::is_hidden) {
        return Err(ServiceError::invalid_at("name", "A name has 1 to 80 characters on one line."));
    }
    change.rule.check().map_err(|error| ServiceError::invalid_at("rule", error.to_string()))?;
    match &change.rule.watch {
        Watch::QueryCount(q) => readable(q).map(drop),
        Watch::Metric(_) => Ok(()),
    }
}

/// What arrived from a moment on.
fn since(query: Query, moment: Timestamp) -> Query {
    let moment = Moment::At { start: moment, precision: Precision::Millisecond };
    query.and(Expr::Leaf(Test::Date(DateField::Received, Compare::Is(Op::Ge, moment))))
}

/// Selects the predictions behind what a rule said.
fn behind(rule: &AlertRule, at: Timestamp) -> String {
    let text = |moment: Timestamp| moment.to_string().trim_end_matches('Z').to_owned();
    let window = format!("received >= {} and received <= {}", text(at.plus_ms(-rule.window_ms)), text(at));
    match &rule.watch {
        Watch::QueryCount(q) if !q.trim().is_empty() => format!("({q}) and {window}"),
        Watch::QueryCount(_) | Watch::Metric(_) => window,
    }
}

fn missing(id: AlertRuleId) -> ServiceError {
    ServiceError::not_found(format!("There is no alert {id}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::alert::Operator;

    #[test]
    fn what_is_behind_an_alert_is_a_query_that_can_be_read() {
        for watch in [
            Watch::Metric(WatchedFigure::Counted(Figure::LatencyP95)),
            Watch::QueryCount("objects > 5 or tag = night".to_owned()),
            Watch::QueryCount(String::new()),
        ] {
            let rule = AlertRule {
                watch,
                operator: Operator::Above,
                limit: 1.0,
                window_ms: 60_000,
                sustained_ms: 0,
                hysteresis: 0.0,
            };
            let text = behind(&rule, Timestamp(1_793_534_400_123));
            assert!(readable(&text).is_ok(), "{text}");
        }
    }
}
