//! Looking for drift: arrivals are cut into windows, and each window is
//! compared with the reference. What is declared is kept and told.

use crate::{As, DeploymentRef, Monitoring, Result, Viewer, base::arrivals::Loaded, base::blocking};
use domain::{
    deployment::Deployment,
    drift::{DriftNow, DriftWindow, Feature, ImageFeatures},
    ids::{DriftWindowId, PredictionId},
    monitor::Range,
    time::Timestamp,
};
use measures::drift::{DriftSettings, compare::compare, windows::Window};
use serde_json::json;
use std::sync::Arc;
use store::{DriftStep, Outgoing};

/// Arrivals of one step.
const ARRIVALS: u32 = 2_000;
/// A prediction counts only after so long: two that arrive together may be
/// stored in another order than that of their ids.
const SETTLED_MS: i64 = 2_000;
/// Windows that declared something among which the latest of each feature is
/// looked for.
const DECLARING: u32 = 100;

impl Monitoring {
    /// Windows that were compared in a range of time, the latest first.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn drift_windows(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        range: Range,
        most: u32,
    ) -> Result<Vec<DriftWindow>> {
        let deployment = self.base.known_deployment(deployment).await?;
        Ok(self.base.store().monitoring().drift_windows(deployment.id, range, most.min(500)).await?)
    }

    /// Drift as it stands; `None` without a reference that is ready.
    pub(crate) async fn drift_now(&self, deployment: &Deployment) -> Result<Option<DriftNow>> {
        let Some(loaded) = self.references.loaded_reference(deployment.id).await? else { return Ok(None) };
        let monitoring = self.base.store().monitoring();
        let step = monitoring.drift_step(deployment.id).await?;
        let Some(step) = step.filter(|step| step.reference_id == loaded.reference.id) else {
            return Ok(Some(DriftNow::default()));
        };
        let declared: Vec<Feature> = step.state.declared().collect();
        let declaring = match declared.is_empty() {
            true => Vec::new(),
            false => monitoring.declaring_windows(deployment.id, step.reference_id, DECLARING).await?,
        };
        Ok(Some(DriftNow {
            since: first_declared(&declared, &declaring),
            declared,
            filling: u32::try_from(step.windowing.len()).unwrap_or(u32::MAX),
            last: monitoring.last_drift_window(deployment.id, step.reference_id).await?,
        }))
    }

    /// Looks at what arrived since the last step. A killed process goes on
    /// where it was; of two at the same time, one does nothing.
    pub(crate) async fn look_for_drift(&self, deployment: &Deployment) -> Result<()> {
        let Some(loaded) = self.references.loaded_reference(deployment.id).await? else { return Ok(()) };
        let monitoring = self.base.store().monitoring();
        let settings = monitoring.training_data(deployment.id).await?.drift;
        loop {
            let step = monitoring.drift_step(deployment.id).await?;
            let Some(mut step) = step.filter(|step| step.reference_id == loaded.reference.id) else {
                // Either another reference came meanwhile, or Fovea was
                // updated after this one was made ready.
                return Ok(monitoring.begin_drift(deployment.id).await?);
            };
            let now = self.base.now();
            let until = now.plus_ms(-SETTLED_MS);
            let arrived = monitoring.arrived(deployment.id, step.last_id, until, ARRIVALS).await?;
            let mut full = Vec::new();
            for image in &arrived {
                full.extend(step.windowing.push(image.id, &image.source, image.taken, &settings));
                step.last_id = Some(image.id);
            }
            full.extend(step.windowing.close_if_overdue(until, &settings));
            if arrived.is_empty() && full.is_empty() {
                return Ok(());
            }
            let mut closed = Vec::new();
            for window in full {
                closed.extend(self.compared(&loaded, &mut step, window, settings, now).await?);
            }
            let mut told = Vec::new();
            for window in &closed {
                told.extend(self.outgoing_drift(deployment, window).await?);
            }
            if !monitoring.take_drift_step(deployment.id, &step, &closed, &told).await? {
                return Ok(());
            }
            if closed.iter().any(|window| !window.declared.is_empty())
                && let Err(error) = Box::pin(self.learning.launch_for_drift(deployment.id)).await
            {
                // It waits: the next look at the learning loop takes it up.
                tracing::warn!(%error, deployment = %deployment.name, "drift launches no training yet");
            }
            if arrived.len() < ARRIVALS as usize {
                return Ok(());
            }
        }
    }

    async fn outgoing_drift(&self, deployment: &Deployment, window: &DriftWindow) -> Result<Vec<Outgoing>> {
        let told = [
            (domain::notice::NoticeKind::DriftDeclared, &window.declared),
            (domain::notice::NoticeKind::DriftCleared, &window.cleared),
        ];
        let mut outgoing = Vec::new();
        for (event, features) in told.into_iter().filter(|(_, features)| !features.is_empty()) {
            let data = json!({ "features": features, "window": window });
            outgoing.push(self.base.outgoing(Some(deployment.into()), event, data).await?);
        }
        Ok(outgoing)
    }

    /// `None` when so many of its images were deleted that nothing can be said.
    async fn compared(
        &self,
        loaded: &Arc<Loaded>,
        step: &mut DriftStep,
        window: Window<PredictionId>,
        settings: DriftSettings,
        closed: Timestamp,
    ) -> Result<Option<DriftWindow>> {
        let reference_id = loaded.reference.id;
        let arrivals = self.base.store().monitoring().features(&window.images, reference_id).await?;
        let (Some((first, _)), Some((last, _))) = (arrivals.first(), arrivals.last()) else {
            return Ok(None);
        };
        let span = (*first, *last);
        let id: DriftWindowId = self.base.new_id();
        // Follows from the window, so that comparing it again gives the same.
        let seed = span.1.0.as_u64_pair().1;
        let images: Vec<ImageFeatures> = arrivals.into_iter().map(|(_, features)| features).collect();
        let count = u32::try_from(images.len()).unwrap_or(u32::MAX);
        let loaded = loaded.clone();
        let features =
            blocking(move || Ok(compare(&loaded.contents.drift, &images, &settings, seed))).await?;
        let change = step.state.observe(&features, &settings);
        Ok(Some(DriftWindow {
            id,
            reference_id,
            from: window.from,
            to: window.to,
            images: count,
            thinned: window.thinned,
            span,
            features,
            declared: change.declared,
            cleared: change.cleared,
            closed,
        }))
    }
}

/// The latest image of the first window with which one of the features was
/// declared, each by its latest declaration.
fn first_declared(declared: &[Feature], latest_first: &[DriftWindow]) -> Option<Timestamp> {
    let declaring = |feature| {
        latest_first.iter().find(|window| window.declared.contains(feature)).map(|window| window.to)
    };
    declared.iter().filter_map(declaring).min()
}
