//! Who can train: the built-in trainer, and those that the operator named.

use crate::{As, Learning, Result, ServiceError, Viewer, base::blocking};
use domain::{
    model::ModelVersion,
    name::Name,
    training::{BUILT_IN, RunParams, TrainerDescription, TrainerInfo},
};

impl Learning {
    /// All trainers, the built-in one first, each with its parameters or why
    /// it cannot be used now.
    ///
    /// # Errors
    /// When a task of ours breaks.
    pub async fn trainers(&self, _: &As<Viewer>) -> Result<Vec<TrainerInfo>> {
        self.all_trainers().await
    }

    pub(crate) async fn all_trainers(&self) -> Result<Vec<TrainerInfo>> {
        let mut all =
            vec![TrainerInfo { name: Name::new(BUILT_IN)?, description: Ok(TrainerDescription::built_in()) }];
        all.extend(self.named_trainers().await?);
        Ok(all)
    }

    /// Those that the operator named: they are asked when they were not yet,
    /// which takes a moment.
    pub(crate) async fn named_trainers(&self) -> Result<Vec<TrainerInfo>> {
        let trainers = self.base.trainers().clone();
        blocking(move || Ok(trainers.list())).await
    }

    /// The parameters of a run, completed and checked by what its trainer
    /// declares.
    pub(crate) async fn checked_params(&self, params: RunParams) -> Result<RunParams> {
        match params {
            RunParams::BuiltIn(params) => {
                params.validate()?;
                Ok(RunParams::BuiltIn(params))
            }
            RunParams::Declared { trainer, values } => {
                let all = self.named_trainers().await?;
                let values = TrainerInfo::find(&all, &trainer)?.complete(&values)?;
                Ok(RunParams::Declared { trainer, values })
            }
        }
    }
}

/// Whether a trainer may be told to start from a version.
pub(crate) fn check_base(base: &ModelVersion, params: &RunParams) -> Result<()> {
    let refused = match params {
        RunParams::BuiltIn(_) => base.untrainable(),
        RunParams::Declared { .. } => base.weights.is_none().then(|| {
            format!("{} is served elsewhere and has no weights here to start from.", base.full_name())
        }),
    };
    refused.map_or(Ok(()), |message| Err(ServiceError::invalid_at("base", message)))
}
