//! The words of labels and the numbers that stand for them in boxes. A label
//! is stored once and never removed, so what was read stays true.

use crate::{
    convert::to_label,
    database::Database,
    entity::prediction::labels,
    error::{Result, StoreError},
};
use domain::name::Label;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::OnConflict,
};
use std::{
    collections::{BTreeSet, HashMap},
    sync::{PoisonError, RwLock},
};

/// Both directions, as far as they were asked for.
#[derive(Debug, Default)]
pub(crate) struct LabelBook {
    known: RwLock<KnownLabels>,
}

#[derive(Debug, Default)]
struct KnownLabels {
    ids: HashMap<Label, u32>,
    labels: HashMap<u32, Label>,
}

impl LabelBook {
    /// The numbers of these labels; new ones are stored first.
    pub(crate) async fn ids<'l>(
        &self,
        db: &Database,
        wanted: impl IntoIterator<Item = &'l Label>,
    ) -> Result<HashMap<Label, u32>> {
        let wanted: BTreeSet<&Label> = wanted.into_iter().collect();
        let (mut known, missing) = self.known_ids(&wanted);
        if missing.is_empty() {
            return Ok(known);
        }
        let rows = missing
            .iter()
            .map(|label| labels::ActiveModel { id: NotSet, name: Set(label.as_str().to_owned()) });
        let nothing = OnConflict::column(labels::Column::Name).do_nothing().to_owned();
        labels::Entity::insert_many(rows).on_conflict(nothing).exec_without_returning(&db.writer).await?;
        let names = missing.iter().map(|label| label.as_str());
        let query = labels::Entity::find().filter(labels::Column::Name.is_in(names));
        for row in query.all(&db.writer).await? {
            let (id, label) = self.remember(row)?;
            known.insert(label, id);
        }
        Ok(known)
    }

    /// The numbers of those of these labels that were ever stored.
    pub(crate) async fn known(&self, db: &Database, wanted: &[Label]) -> Result<HashMap<Label, u32>> {
        let wanted: BTreeSet<&Label> = wanted.iter().collect();
        let (mut ids, missing) = self.known_ids(&wanted);
        if missing.is_empty() {
            return Ok(ids);
        }
        let names = missing.iter().map(|label| label.as_str());
        let query = labels::Entity::find().filter(labels::Column::Name.is_in(names));
        for row in query.all(&db.reader).await? {
            let (id, label) = self.remember(row)?;
            ids.insert(label, id);
        }
        Ok(ids)
    }

    /// The labels of these numbers.
    pub(crate) async fn labels(
        &self,
        db: &Database,
        wanted: impl IntoIterator<Item = u32>,
    ) -> Result<HashMap<u32, Label>> {
        let wanted: BTreeSet<u32> = wanted.into_iter().collect();
        let (mut known, missing) = self.known_labels(&wanted);
        if missing.is_empty() {
            return Ok(known);
        }
        let ids = missing.iter().map(|id| i64::from(*id));
        let query = labels::Entity::find().filter(labels::Column::Id.is_in(ids));
        for row in query.all(&db.reader).await? {
            let (id, label) = self.remember(row)?;
            known.insert(id, label);
        }
        Ok(known)
    }

    fn known_ids(&self, wanted: &BTreeSet<&Label>) -> (HashMap<Label, u32>, Vec<Label>) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let (mut ids, mut missing) = (HashMap::new(), Vec::new());
        for &label in wanted {
            match known.ids.get(label) {
                Some(id) => _ = ids.insert(label.clone(), *id),
                None => missing.push(label.clone()),
            }
        }
        (ids, missing)
    }

    fn known_labels(&self, wanted: &BTreeSet<u32>) -> (HashMap<u32, Label>, Vec<u32>) {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let (mut labels, mut missing) = (HashMap::new(), Vec::new());
        for &id in wanted {
            match known.labels.get(&id) {
                Some(label) => _ = labels.insert(id, label.clone()),
                None => missing.push(id),
            }
        }
        (labels, missing)
    }

    fn remember(&self, row: labels::Model) -> Result<(u32, Label)> {
        let id = u32::try_from(row.id).map_err(|_| StoreError::corrupt("there are too many labels"))?;
        let label = to_label(row.name)?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.ids.insert(label.clone(), id);
        known.labels.insert(id, label.clone());
        Ok((id, label))
    }
}
