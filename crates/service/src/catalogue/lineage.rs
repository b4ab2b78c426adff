//! Where a model version came from, and what came from it.

use crate::{As, Catalogue, Result, Viewer};
use domain::{
    ids::ModelVersionId,
    model::{ModelVersion, Relative},
    name::VersionRef,
};
use std::collections::BTreeMap;
use store::Origin;

/// So many relatives make a picture; more are left out.
const MOST: usize = 60;

impl Catalogue {
    /// A version, those it came from, and those that came from any of them;
    /// each after the one that it started from.
    ///
    /// # Errors
    /// When there is none of this name.
    pub async fn lineage(&self, _: &As<Viewer>, name: &VersionRef) -> Result<Vec<Relative>> {
        let family = self.family(self.base.known_model(name).await?).await?;
        let names: BTreeMap<ModelVersionId, String> =
            family.iter().map(|version| (version.id, version.full_name())).collect();
        let deployments = self.base.store().deployments().list().await?;
        let mut origins = self.base.store().lineages().origins(names.keys().copied()).await?;
        let mut relatives = Vec::new();
        for version in family {
            let Origin { experiment, dataset } = origins.remove(&version.id).unwrap_or_default();
            let champions = deployments.iter().filter(|d| d.champion.id == version.id);
            let shadows =
                deployments.iter().filter(|d| d.shadow.as_ref().is_some_and(|s| s.id == version.id));
            let roles = champions
                .map(|d| format!("champion of {}", d.name))
                .chain(shadows.map(|d| format!("shadow of {}", d.name)));
            relatives.push(Relative {
                version: version.full_name(),
                base: version.base_id.and_then(|base| names.get(&base).cloned()),
                experiment,
                dataset,
                format: version.weights.as_ref().map(|weights| weights.format),
                ap: version.latest_evaluation().map(|e| e.summary.AP),
                roles: roles.collect(),
            });
        }
        Ok(relatives)
    }

    /// From the oldest ancestor down, generation after generation.
    async fn family(&self, version: ModelVersion) -> Result<Vec<ModelVersion>> {
        let mut oldest = version;
        for _ in 0..MOST {
            let Some(base) = oldest.base_id else { break };
            oldest = self.base.known_version(base).await?;
        }
        let mut family = vec![oldest];
        let mut generation = vec![family[0].id];
        while !generation.is_empty() && family.len() < MOST {
            let next = self.base.store().models().started_from(&generation).await?;
            generation = next.iter().map(|version| version.id).collect();
            family.extend(next);
        }
        family.truncate(MOST);
        Ok(family)
    }
}
