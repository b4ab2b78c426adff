//! Frozen training data, and which of it a deployment is compared with.

use super::{Monitoring, drift};
use crate::{
    audit::{self, NewAudit},
    convert::{from_json_text, to_json_text},
    entity::deployment::deployments,
    error::{Result, StoreError},
    sql::{self, Arg, Fragment, row, rows, run},
    work::{NewWork, enqueue_in, settle},
};
use domain::{
    event::Event,
    ids::{DatasetVersionId, DeploymentId, ModelVersionId, ReferenceId},
    time::Timestamp,
    training_data::{Reference, ReferenceContents, ReferenceState, TrainingData},
};
use measures::{
    drift::DriftSettings,
    outlier::{Calibration, EmbeddingIndex},
};
use sea_orm::{ConnectionTrait, EntityTrait, QueryResult, QuerySelect, Value, sea_query::LockType};

const COLUMNS: &str = "SELECT r.id, r.deployment_id, r.dataset_version_id, r.model_version_id, r.state, \
    r.message, r.training_images, r.calibration_images, r.created, d.name, v.name \
    FROM training_references r JOIN dataset_versions v ON v.id = r.dataset_version_id \
    JOIN datasets d ON d.id = v.dataset_id ";

/// A reference that is to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewReference {
    /// Identity.
    pub id: ReferenceId,
    /// Whose.
    pub deployment_id: DeploymentId,
    /// Of which images.
    pub dataset_version_id: DatasetVersionId,
    /// Seen by which model.
    pub model_version_id: ModelVersionId,
    /// When.
    pub created: Timestamp,
}

impl Monitoring<'_> {
    /// What a deployment is compared with now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn training_data(&self, id: DeploymentId) -> Result<TrainingData> {
        let text = "SELECT reference_id, drift_settings FROM training_data WHERE deployment_id = ?";
        let data = row(&self.db.reader, Fragment::with(text, [Arg::Id(id.0)])).await?;
        let Some(data) = data else { return Ok(TrainingData::default()) };
        let reference: Option<uuid::Uuid> = data.try_get_by_index(0)?;
        let settings: String = data.try_get_by_index(1)?;
        let reference = match reference {
            Some(id) => self.reference(ReferenceId(id)).await?,
            None => None,
        };
        Ok(TrainingData { reference, drift: from_json_text(&settings, "drift settings")? })
    }

    /// Makes it the one that the deployment is compared with (`None`: none),
    /// with its record, in one transaction. Where it is ready, looking for
    /// drift begins with it.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn set_training_data(
        &self,
        id: DeploymentId,
        reference: Option<ReferenceId>,
        settings: &DriftSettings,
        entry: NewAudit,
    ) -> Result<()> {
        let text = "INSERT INTO training_data (deployment_id, reference_id, drift_settings) VALUES (?, ?, ?) \
                    ON CONFLICT (deployment_id) DO UPDATE SET reference_id = excluded.reference_id, \
                    drift_settings = excluded.drift_settings";
        let values: Vec<Value> =
            vec![id.0.into(), reference.map(|id| id.0).into(), to_json_text(settings)?.into()];
        let tx = self.db.begin().await?;
        // Else it might be made ready meanwhile, and neither would see the other's half.
        lock(&tx, id).await?;
        tx.execute_raw(sql::statement(tx.get_database_backend(), text, values)).await?;
        drift::begin_in(&tx, id).await?;
        tx.publish(Event::DeploymentChanged { id });
        audit::append(&tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// The reference of this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reference(&self, id: ReferenceId) -> Result<Option<Reference>> {
        let text = Fragment::new(COLUMNS).say("WHERE r.id = ").value(id.0);
        self.one(text).await
    }

    /// The latest reference of these images as that model sees them, unless
    /// it failed.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reference_of(
        &self,
        deployment: DeploymentId,
        dataset: DatasetVersionId,
        model: ModelVersionId,
    ) -> Result<Option<Reference>> {
        let text = Fragment::new(COLUMNS)
            .say("WHERE r.deployment_id = ")
            .value(deployment.0)
            .say(" AND r.dataset_version_id = ")
            .value(dataset.0)
            .say(" AND r.model_version_id = ")
            .value(model.0)
            .say(" AND r.state <> 'failed' ORDER BY r.id DESC LIMIT 1");
        self.one(text).await
    }

    async fn one(&self, text: Fragment) -> Result<Option<Reference>> {
        let Some(reference) = row(&self.db.reader, text).await? else { return Ok(None) };
        let model = ModelVersionId(reference.try_get_by_index(3)?);
        let names = self.names.of(self.db, [model]).await?;
        to_reference(&reference, names.get(&model).cloned().unwrap_or_default()).map(Some)
    }

    /// Notes that a reference is to be made, together with the work of making
    /// it, so that neither is ever there alone.
    ///
    /// # Errors
    /// `Conflict` when what it names is not there.
    pub async fn begin_reference(&self, new: &NewReference, work: &NewWork) -> Result<()> {
        let tx = self.db.begin().await?;
        let begun = async {
            insert_in(&tx, new).await?;
            tx.publish(Event::DeploymentChanged { id: new.deployment_id });
            enqueue_in(&tx, work).await
        };
        let begun = begun.await;
        settle(tx, begun).await
    }

    /// Notes a reference that no worker will make: see
    /// [`Self::begin_reference`].
    ///
    /// # Errors
    /// `Conflict` when what it names is not there.
    pub async fn insert_reference(&self, new: &NewReference) -> Result<()> {
        insert_in(&self.db.writer, new).await
    }

    /// Stores what a reference holds, and makes it ready. Where its deployment
    /// is compared with it, looking for drift begins with it, in the same
    /// transaction. `message` says what it lacks.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn finish_reference(
        &self,
        id: ReferenceId,
        contents: &ReferenceContents,
        message: &str,
    ) -> Result<()> {
        let text = "UPDATE training_references SET state = 'ready', message = ?, training_images = ?, \
                    calibration_images = ?, dimension = ?, embeddings = ?, calibration = ?, drift = ? \
                    WHERE id = ?";
        let index = contents.index.as_ref();
        let numbers = contents.calibration.distances().iter();
        let calibration: Vec<u8> = numbers.flat_map(|number| number.to_le_bytes()).collect();
        let values: Vec<Value> = vec![
            message.into(),
            (index.map_or(0, EmbeddingIndex::len) as i64).into(),
            i64::from(contents.drift.images()).into(),
            i32::try_from(index.map_or(0, EmbeddingIndex::dimension)).unwrap_or(0).into(),
            index.map(EmbeddingIndex::to_bytes).into(),
            calibration.into(),
            to_json_text(&contents.drift)?.into_bytes().into(),
            id.0.into(),
        ];
        let statement = sql::statement(self.db.backend(), text, values);
        let tx = self.db.begin().await?;
        let deployment = deployment_of(&tx, id).await?;
        lock(&tx, deployment).await?;
        tx.execute_raw(statement).await?;
        drift::begin_in(&tx, deployment).await?;
        tx.publish(Event::DeploymentChanged { id: deployment });
        Ok(tx.commit().await?)
    }

    /// Notes why a reference could not be made.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn fail_reference(&self, id: ReferenceId, message: &str) -> Result<()> {
        let text = "UPDATE training_references SET state = 'failed', message = ? WHERE id = ? \
                    RETURNING deployment_id";
        let tx = self.db.begin().await?;
        for failed in rows(&tx, Fragment::with(text, [Arg::from(message), Arg::Id(id.0)])).await? {
            tx.publish(Event::DeploymentChanged { id: DeploymentId(failed.try_get_by_index(0)?) });
        }
        Ok(tx.commit().await?)
    }

    /// What a reference holds; `None` unless it is ready.
    ///
    /// # Errors
    /// `Corrupt`, or the database's.
    pub async fn reference_contents(&self, id: ReferenceId) -> Result<Option<ReferenceContents>> {
        let text = "SELECT dimension, embeddings, calibration, drift FROM training_references \
                    WHERE id = ? AND state = 'ready'";
        let Some(contents) = row(&self.db.reader, Fragment::with(text, [Arg::Id(id.0)])).await? else {
            return Ok(None);
        };
        let damaged = || StoreError::corrupt(format!("the contents of reference {id}"));
        let dimension: i32 = contents.try_get_by_index(0)?;
        let embeddings: Option<Vec<u8>> = contents.try_get_by_index(1)?;
        let index = match embeddings {
            Some(bytes) => {
                let dimension = usize::try_from(dimension).map_err(|_| damaged())?;
                Some(EmbeddingIndex::from_bytes(dimension, &bytes).ok_or_else(damaged)?)
            }
            None => None,
        };
        let calibration: Vec<u8> = contents.try_get_by_index(2)?;
        let drift: Vec<u8> = contents.try_get_by_index(3)?;
        let (numbers, _) = calibration.as_chunks::<8>();
        Ok(Some(ReferenceContents {
            index,
            calibration: Calibration::freeze(numbers.iter().map(|number| f64::from_le_bytes(*number))),
            drift: serde_json::from_slice(&drift).map_err(|_| damaged())?,
        }))
    }
}

/// Of a deployment, one at a time changes what it is compared with. Whoever
/// adds rows that name it does not wait, nor is waited for.
async fn lock(db: &impl ConnectionTrait, id: DeploymentId) -> Result<()> {
    let deployment = deployments::Entity::find_by_id(id.0).lock(LockType::NoKeyUpdate).one(db).await?;
    deployment.map(|_| ()).ok_or_else(|| StoreError::not_found(format!("deployment {id}")))
}

async fn deployment_of(db: &impl ConnectionTrait, id: ReferenceId) -> Result<DeploymentId> {
    let text = "SELECT deployment_id FROM training_references WHERE id = ?";
    let reference = row(db, Fragment::with(text, [Arg::Id(id.0)])).await?;
    let reference = reference.ok_or_else(|| StoreError::not_found(format!("reference {id}")))?;
    Ok(DeploymentId(reference.try_get_by_index(0)?))
}

async fn insert_in(db: &impl ConnectionTrait, new: &NewReference) -> Result<()> {
    let text = "INSERT INTO training_references (id, deployment_id, dataset_version_id, \
                model_version_id, state, message, training_images, calibration_images, dimension, created) \
                VALUES (?, ?, ?, ?, 'building', '', 0, 0, 0, ?)";
    let values = [
        Arg::Id(new.id.0),
        Arg::Id(new.deployment_id.0),
        Arg::Id(new.dataset_version_id.0),
        Arg::Id(new.model_version_id.0),
        Arg::Int(new.created.0),
    ];
    run(db, Fragment::with(text, values)).await?;
    Ok(())
}

fn to_reference(row: &QueryResult, model: String) -> Result<Reference> {
    let state: String = row.try_get_by_index(4)?;
    let [training, calibration]: [i64; 2] = [row.try_get_by_index(6)?, row.try_get_by_index(7)?];
    let [dataset, version]: [String; 2] = [row.try_get_by_index(9)?, row.try_get_by_index(10)?];
    Ok(Reference {
        id: ReferenceId(row.try_get_by_index(0)?),
        deployment_id: DeploymentId(row.try_get_by_index(1)?),
        dataset_version_id: DatasetVersionId(row.try_get_by_index(2)?),
        dataset: format!("{dataset}/{version}"),
        model_version_id: ModelVersionId(row.try_get_by_index(3)?),
        model,
        state: state.parse::<ReferenceState>().map_err(|error| StoreError::corrupt(error.to_string()))?,
        message: row.try_get_by_index(5)?,
        training_images: training.unsigned_abs(),
        calibration_images: calibration.unsigned_abs(),
        created: Timestamp(row.try_get_by_index(8)?),
    })
}
