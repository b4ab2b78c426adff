//! Deployments as the paths of arriving images need them: from memory, at
//! most a moment old. Everything else reads them fresh.

use crate::{Result, Service, require};
use domain::{
    access::{Actor, Role},
    deployment::Deployment,
};
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
pub(crate) struct Serving {
    /// By the name or id that callers use.
    known: RwLock<HashMap<String, (Instant, Arc<Deployment>)>>,
}

impl Serving {
    fn get(&self, name_or_id: &str) -> Option<Arc<Deployment>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known
            .get(name_or_id)
            .filter(|(since, _)| since.elapsed() < FRESH_FOR)
            .map(|(_, deployment)| deployment.clone())
    }

    fn keep(&self, name_or_id: &str, asked: Instant, deployment: Arc<Deployment>) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(name_or_id.to_owned(), (asked, deployment));
    }

    /// Called with every change of a deployment.
    pub(crate) fn forget(&self) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Service {
    /// Whether there is such a deployment, as it was at most a second ago:
    /// asked before a body is read that only makes sense if there is.
    ///
    /// # Errors
    /// Viewers and above; when there is none.
    pub async fn check_deployment(&self, actor: &Actor, name_or_id: &str) -> Result<()> {
        require(actor, Role::Viewer)?;
        self.serving(name_or_id).await.map(drop)
    }

    /// The deployment of this name or id, as it was at most a second ago.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) async fn serving(&self, name_or_id: &str) -> Result<Arc<Deployment>> {
        if let Some(deployment) = self.inner.serving.get(name_or_id) {
            return Ok(deployment);
        }
        // The moment before the read: what changes meanwhile counts as unseen.
        let asked = Instant::now();
        let deployment = Arc::new(self.known_deployment(name_or_id).await?);
        self.inner.serving.keep(name_or_id, asked, deployment.clone());
        Ok(deployment)
    }
}
