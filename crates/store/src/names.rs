//! `model/number` of model versions. A version never changes its name, so
//! what was read stays true.

use crate::{
    database::Database,
    error::{Result, StoreError},
    sql::{Arg, Fragment, rows},
};
use domain::ids::ModelVersionId;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{PoisonError, RwLock},
};

#[derive(Debug, Default)]
pub(crate) struct ModelNames {
    known: RwLock<HashMap<ModelVersionId, String>>,
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
        let mut names: HashMap<ModelVersionId, String> = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            wanted.iter().filter_map(|id| Some((*id, known.get(id)?.clone()))).collect()
        };
        let unknown: Vec<ModelVersionId> = wanted.into_iter().filter(|id| !names.contains_key(id)).collect();
        if !unknown.is_empty() {
            names.extend(self.read(db, &unknown).await?);
        }
        Ok(names)
    }

    async fn read(&self, db: &Database, ids: &[ModelVersionId]) -> Result<HashMap<ModelVersionId, String>> {
        let text =
            "SELECT v.id, m.name, v.number FROM model_versions v JOIN models m ON m.id = v.model_id WHERE ";
        let these = Fragment::one_of("v.id", ids.iter().map(|id| Arg::Id(id.0)));
        let mut names = HashMap::new();
        for row in rows(&db.reader, Fragment::new(text).then(these)).await? {
            let (name, number): (String, i32) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
            names.insert(ModelVersionId(row.try_get_by_index(0)?), format!("{name}/{number}"));
        }
        if let Some(gone) = ids.iter().find(|id| !names.contains_key(id)) {
            return Err(StoreError::corrupt(format!("model version {gone}")));
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.extend(names.iter().map(|(id, name)| (*id, name.clone())));
        Ok(names)
    }
}
