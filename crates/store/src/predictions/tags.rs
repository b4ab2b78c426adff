//! Tags, on many predictions at once.

use super::Predictions;
use crate::{
    audit::Act,
    convert::{from_json, to_json},
    deployments,
    error::Result,
    reviews::locked_many,
    sql::{self, Arg, Fragment},
};
use domain::{
    event::Event,
    ids::{DeploymentId, PredictionId},
};
use sea_orm::ConnectionTrait;
use serde_json::json;

/// What became of a tag on many predictions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tagged {
    /// Those that changed.
    pub changed: Vec<PredictionId>,
    /// Those that were as asked for already.
    pub unchanged: u64,
    /// Those that have too many tags already.
    pub full: Vec<PredictionId>,
}

impl Predictions<'_> {
    /// Adds a tag to those of `ids` that are of the deployment and have fewer
    /// than `most`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tag(
        &self,
        deployment: DeploymentId,
        ids: &[PredictionId],
        tag: &str,
        most: usize,
        act: Act,
    ) -> Result<Tagged> {
        self.retag(deployment, ids, (tag, act), |tags| {
            if tags.iter().any(|has| has == tag) {
                return Change::None;
            }
            if tags.len() >= most {
                return Change::Refused;
            }
            tags.push(tag.to_owned());
            Change::Made
        })
        .await
    }

    /// Takes a tag from those of `ids` that are of the deployment.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn untag(
        &self,
        deployment: DeploymentId,
        ids: &[PredictionId],
        tag: &str,
        act: Act,
    ) -> Result<Tagged> {
        self.retag(deployment, ids, (tag, act), |tags| {
            let before = tags.len();
            tags.retain(|has| has != tag);
            if tags.len() < before { Change::Made } else { Change::None }
        })
        .await
    }

    async fn retag(
        &self,
        deployment: DeploymentId,
        ids: &[PredictionId],
        (tag, act): (&str, Act),
        change: impl Fn(&mut Vec<String>) -> Change,
    ) -> Result<Tagged> {
        let tx = self.db.begin().await?;
        let backend = tx.get_database_backend();
        let mut tagged = Tagged::default();
        for row in locked_many(&tx, deployment, ids).await? {
            let mut tags: Vec<String> = from_json(row.tags, "tags of a prediction")?;
            match change(&mut tags) {
                Change::None => tagged.unchanged += 1,
                Change::Refused => tagged.full.push(PredictionId(row.id)),
                Change::Made => {
                    let values = vec![to_json(&tags)?.into(), row.id.into()];
                    let text = "UPDATE predictions SET tags = ? WHERE id = ?";
                    tx.execute_raw(sql::statement(backend, text, values)).await?;
                    let text = if tags.iter().any(|has| has == tag) {
                        "INSERT INTO prediction_tags (deployment_id, tag, prediction_id) VALUES (?, ?, ?) \
                         ON CONFLICT DO NOTHING"
                    } else {
                        "DELETE FROM prediction_tags WHERE deployment_id = ? AND tag = ? AND prediction_id = ?"
                    };
                    let values = [Arg::Id(deployment.0), Arg::from(tag), Arg::Id(row.id)];
                    tx.execute_raw(Fragment::with(text, values).into_statement(backend)).await?;
                    let id = PredictionId(row.id);
                    tx.publish(Event::PredictionChanged { deployment_id: deployment, id });
                    tagged.changed.push(id);
                }
            }
        }
        if !tagged.changed.is_empty() {
            act.with("changed", json!(tagged.changed.len()))
                .record(&tx, deployments::one(&tx, deployment).await?.name.as_str())
                .await?;
        }
        tx.commit().await?;
        Ok(tagged)
    }
}

enum Change {
    Made,
    None,
    Refused,
}
