//! `model/number` of model versions. A version never changes its name, so
//! what was read stays true.

use crate::{
    database::Database,
    error::{Result, StoreError},
    sql,
};
use domain::ids::ModelVersionId;
use sea_orm::FromQueryResult;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{PoisonError, RwLock},
};
use uuid::Uuid;

#[derive(Debug, Default)]
pub(crate) struct ModelNames {
    known: RwLock<HashMap<ModelVersionId, String>>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    name: String,
    number: i32,
}

impl ModelNames {
    /// The names of these versions.
    ///
    /// # Errors
    /// `Corrupt` when one is not there.
    pub(crate) async fn of(
        &self,
        db: &Database,
        wanted: impl IntoIterator<Item = ModelVersionId>,
    ) -> Result<HashMap<ModelVersionId, String>> {
        let wanted: BTreeSet<ModelVersionId> = wanted.into_iter().collect();
        let mut found = HashMap::new();
        for id in wanted {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
            let name = match known {
                Some(name) => name,
                None => self.read(db, id).await?,
            };
            found.insert(id, name);
        }
        Ok(found)
    }

    async fn read(&self, db: &Database, id: ModelVersionId) -> Result<String> {
        let text = "SELECT v.id, m.name, v.number FROM model_versions v JOIN models m ON m.id = v.model_id \
                    WHERE v.id = ?";
        let statement = sql::statement(db.backend(), text, vec![id.0.into()]);
        let row = Row::find_by_statement(statement).one(&db.reader).await?;
        let row = row.ok_or_else(|| StoreError::corrupt(format!("model version {id}")))?;
        let name = format!("{}/{}", row.name, row.number);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(ModelVersionId(row.id), name.clone());
        Ok(name)
    }
}
