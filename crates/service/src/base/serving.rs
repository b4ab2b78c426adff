//! Deployments as the paths of arriving images need them: from memory, at
//! most a moment old. Everything else reads them fresh.

use crate::{DeploymentRef, Result, base::Base};
use domain::deployment::Deployment;
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};
use tokio::time::Instant;

/// How long another process's change may stay unseen here. A change made by
/// this process is seen at once.
const FRESH_FOR: Duration = Duration::from_secs(1);

/// Names that nobody asks for any more are dropped beyond this many.
const REMEMBERED: usize = 1_024;

#[derive(Default)]
struct Serving {
    /// By the name or id that callers use.
    known: RwLock<HashMap<DeploymentRef, (Instant, Arc<Deployment>)>>,
}

impl Serving {
    fn get(&self, named: &DeploymentRef) -> Option<Arc<Deployment>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known
            .get(named)
            .filter(|(since, _)| since.elapsed() < FRESH_FOR)
            .map(|(_, deployment)| deployment.clone())
    }

    fn keep(&self, named: DeploymentRef, since: Instant, deployment: Arc<Deployment>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(named, (since, deployment));
    }

    /// Called with every change of a deployment.
    fn forget(&self) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Deployments as requests need them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct ServedDeployments {
    base: Base,
    cache: Arc<Serving>,
}

impl ServedDeployments {
    pub(crate) fn new(base: Base) -> Self {
        Self { base, cache: Arc::default() }
    }

    /// Called with every change of roles.
    pub(crate) fn forget(&self) {
        self.cache.forget();
    }

    /// The deployment of this name or id, as it was at most a second ago.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) async fn serving(&self, name_or_id: impl Into<DeploymentRef>) -> Result<Arc<Deployment>> {
        let named = name_or_id.into();
        if let Some(deployment) = self.cache.get(&named) {
            return Ok(deployment);
        }
        // The moment before the read: what changes meanwhile counts as unseen.
        let since = Instant::now();
        let deployment = Arc::new(self.base.known_deployment(named.clone()).await?);
        self.cache.keep(named, since, deployment.clone());
        Ok(deployment)
    }
}
