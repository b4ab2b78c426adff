//! Values that occur in a deployment, for completion. Each list jumps from
//! value to value along an index and never reads the rows between.

use super::Predictions;
use crate::{
    error::Result,
    sql::{Arg, Fragment},
};
use domain::ids::{DeploymentId, ModelVersionId};
use query::KnownValues;
use sea_orm::{ConnectionTrait, QueryResult};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What completion offers to choose from, of each kind: beyond that nobody reads
/// on, and each value is one jump along an index.
const MOST: i64 = 500;
const MOST_KEYS: i64 = 50;
const MOST_OF_A_KEY: i64 = 20;

impl Predictions<'_> {
    /// Labels, tags, sources, models, reviewers, and metadata keys with some
    /// of their values.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known_values(&self, deployment: DeploymentId) -> Result<KnownValues> {
        let id = [Arg::Id(deployment.0)];
        let numbers = self.label_numbers(deployment).await?;
        let labels =
            self.labels.labels(self.db, numbers.iter().filter_map(|id| u32::try_from(*id).ok())).await?;
        let mut labels: Vec<String> = labels.into_values().map(String::from).collect();
        labels.sort();
        let mut metadata = BTreeMap::new();
        for key in self.texts("prediction_metadata", "key", "", &id, MOST_KEYS).await? {
            let of_key = [Arg::Id(deployment.0), Arg::from(&key)];
            let values =
                self.texts("prediction_metadata", "value", " AND key = ?", &of_key, MOST_OF_A_KEY).await?;
            metadata.insert(key, values);
        }
        let text = "SELECT DISTINCT model_version_id FROM deployment_models WHERE deployment_id = ?";
        let mut models = Vec::new();
        for row in self.rows(Fragment::with(text, id.clone())).await? {
            models.push(ModelVersionId(row.try_get_by_index::<Uuid>(0)?));
        }
        let mut models: Vec<String> = self.names.of(self.db, models).await?.into_values().collect();
        models.sort();
        Ok(KnownValues {
            labels,
            tags: self.texts("prediction_tags", "tag", "", &id, MOST).await?,
            sources: self.texts("predictions", "source", "", &id, MOST).await?,
            models,
            reviewers: self.texts("predictions", "reviewed_by", "", &id, MOST).await?,
            metadata,
        })
    }

    /// The numbers of labels that boxes of the deployment have.
    pub(super) async fn label_numbers(&self, deployment: DeploymentId) -> Result<Vec<i64>> {
        let statement = jumps("box_counts", "label_id", "", &[Arg::Id(deployment.0)], MOST);
        self.rows(statement).await?.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }

    async fn texts(
        &self,
        table: &str,
        column: &str,
        more: &str,
        values: &[Arg],
        most: i64,
    ) -> Result<Vec<String>> {
        let rows = self.rows(jumps(table, column, more, values, most)).await?;
        rows.iter().map(|row| Ok(row.try_get_by_index(0)?)).collect()
    }

    async fn rows(&self, statement: Fragment) -> Result<Vec<QueryResult>> {
        Ok(self.db.reader.query_all_raw(statement.into_statement(self.db.backend())).await?)
    }
}

/// The distinct values of an indexed column ("loose index scan").
fn jumps(table: &str, column: &str, more: &str, values: &[Arg], most: i64) -> Fragment {
    let text = format!(
        "WITH RECURSIVE v (x) AS (\
         SELECT (SELECT {column} FROM {table} WHERE deployment_id = ?{more} AND {column} IS NOT NULL \
         ORDER BY {column} LIMIT 1) UNION ALL \
         SELECT (SELECT {column} FROM {table} WHERE deployment_id = ?{more} AND {column} > v.x \
         ORDER BY {column} LIMIT 1) FROM v WHERE v.x IS NOT NULL) \
         SELECT x FROM v WHERE x IS NOT NULL LIMIT ?"
    );
    let twice = values.iter().chain(values).cloned();
    Fragment::with(&text, twice.chain([Arg::Int(most)]))
}
