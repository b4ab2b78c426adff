//! What dashboards show.

use super::page::MonitoringPage;
use crate::{As, DeploymentRef, Monitoring, Result, ServiceError, Viewer};
use domain::{
    ids::{DeploymentId, ModelVersionId},
    monitor::page::Totals,
    monitor::supervised::{Scope, SupervisedPair},
    monitor::{Dashboard, Range, Resolution, opening_range_ms},
    notice::{AlertEvent, KeptRule},
};
use std::collections::BTreeMap;

const DAY_MS: i64 = 86_400_000;
/// Sources and windows that a page shows.
const SOURCES: u32 = 12;
const WINDOWS: u32 = 30;
/// Model versions that a page sets beside each other.
const MODELS: usize = 4;
const LONGEST_RANGE_MS: i64 = 2 * 366 * DAY_MS;

/// Which stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DashboardRequest {
    /// From when to when; `None` for the last `last_ms`.
    pub range: Option<Range>,
    /// So many milliseconds up to now; `None` for a day.
    pub last_ms: Option<i64>,
    /// How wide a bucket; `None` for what suits the range.
    pub resolution: Option<Resolution>,
}

/// All that the page of a dashboard holds.
#[derive(Clone, Debug, PartialEq)]
pub struct WholeDashboard {
    /// Figures of the range.
    pub page: MonitoringPage,
    /// Rules, by name.
    pub rules: Vec<KeptRule>,
    /// What they said, the latest first.
    pub events: Vec<AlertEvent>,
    /// Figures on randomly picked images.
    pub random: SupervisedPair,
    /// Figures on all reviewed images.
    pub all: SupervisedPair,
}

impl Monitoring {
    /// All that the page of a dashboard holds, for a stretch of time.
    ///
    /// # Errors
    /// As [`Self::dashboard`].
    pub async fn whole_dashboard(
        &self,
        actor: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        request: DashboardRequest,
    ) -> Result<WholeDashboard> {
        let deployment = self.base.known_deployment(deployment).await?;
        let (page, (rules, events), random, all) = tokio::try_join!(
            self.monitoring_page(actor, &deployment, request),
            self.alerts(actor, &deployment),
            self.supervised_pair(&deployment, Scope::Random),
            self.supervised_pair(&deployment, Scope::All),
        )?;
        Ok(WholeDashboard { page, rules, events, random, all })
    }

    /// The figures of a deployment over a stretch of time, from counts that
    /// were kept as predictions arrived.
    ///
    /// # Errors
    /// No such deployment; a range that is empty, longer than two years, or
    /// has too many buckets.
    pub async fn dashboard(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        request: DashboardRequest,
    ) -> Result<Dashboard> {
        let deployment = self.base.known_deployment(deployment).await?;
        let (range, resolution) = self.stretch(request)?;
        Ok(self
            .base
            .store()
            .aggregates()
            .dashboard(deployment.id, range, resolution, self.base.now())
            .await?)
    }

    /// How many milliseconds up to now a dashboard shows when it is opened: as
    /// far as there is something, see [`opening_range_ms`].
    ///
    /// # Errors
    /// No such deployment.
    pub async fn opening_range_ms(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<i64> {
        let deployment = self.base.known_deployment(deployment).await?;
        let span = self.base.store().aggregates().span(deployment.id).await?;
        Ok(opening_range_ms(span, self.base.now()))
    }

    /// All that a dashboard shows of a stretch of time, with the one before it
    /// to compare. Its cost grows with the buckets, not with the predictions.
    ///
    /// # Errors
    /// As [`Self::dashboard`].
    pub async fn monitoring_page(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        request: DashboardRequest,
    ) -> Result<MonitoringPage> {
        let deployment = self.base.known_deployment(deployment).await?;
        let (range, resolution) = self.stretch(request)?;
        let (id, aggregates, monitoring) =
            (deployment.id, self.base.store().aggregates(), self.base.store().monitoring());
        let (dashboard, points, totals, before) = tokio::try_join!(
            aggregates.dashboard(id, range, resolution, self.base.now()),
            aggregates.points(id, range, resolution),
            aggregates.totals_by_model(id, range, resolution, MODELS),
            aggregates.totals(id, range.before(), resolution),
        )?;
        let (heat, sources, training_data, drift_windows, reference_labels, drift) = tokio::try_join!(
            async { Ok(aggregates.heat(id, range, resolution).await?) },
            async {
                Ok::<_, ServiceError>(aggregates.sources(id, dashboard.range, resolution, SOURCES).await?)
            },
            async { Ok(monitoring.training_data(id).await?) },
            async { Ok(monitoring.drift_windows(id, range, WINDOWS).await?) },
            self.reference_labels(id),
            self.drift_now(&deployment),
        )?;
        Ok(MonitoringPage {
            dashboard,
            points,
            total: totals.all,
            before,
            by_model: self.named_models(totals.by_model).await?,
            heat,
            sources,
            training_data,
            reference_labels,
            drift,
            drift_windows,
        })
    }

    /// Empty where one version made all predictions: it would say nothing new.
    async fn named_models(&self, by_version: Vec<(ModelVersionId, Totals)>) -> Result<Vec<(String, Totals)>> {
        if by_version.len() < 2 {
            return Ok(Vec::new());
        }
        let mut names =
            self.base.store().monitoring().model_names(by_version.iter().map(|(id, _)| *id)).await?;
        let named = by_version.into_iter().filter_map(|(id, totals)| Some((names.remove(&id)?, totals)));
        Ok(named.collect())
    }

    /// The figures of the last `window_ms`, in whole buckets of a range that long.
    pub(crate) async fn recent_totals(&self, id: DeploymentId, window_ms: i64) -> Result<Totals> {
        let to = self.base.now().plus_ms(1);
        let range = Range { from: to.plus_ms(-window_ms), to };
        let resolution = Resolution::for_range(window_ms);
        Ok(self.base.store().aggregates().totals(id, range, resolution).await?)
    }

    async fn reference_labels(&self, id: DeploymentId) -> Result<Vec<(String, f64)>> {
        let Some(loaded) = self.references.loaded_reference(id).await? else { return Ok(Vec::new()) };
        let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
        for (label, count) in loaded.contents.drift.labels().iter().flat_map(|image| image.iter()) {
            *counts.entry(label).or_default() += u64::from(count);
        }
        let names = self.base.store().monitoring().label_names(counts.keys().copied()).await?;
        let all: u64 = counts.values().sum();
        let mut shares: Vec<(String, f64)> = counts
            .into_iter()
            .filter_map(|(label, count)| Some((names.get(&label)?.to_string(), count as f64 / all as f64)))
            .collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        Ok(shares)
    }

    fn stretch(&self, request: DashboardRequest) -> Result<(Range, Resolution)> {
        let now = self.base.now();
        let last_ms = request.last_ms.unwrap_or(DAY_MS);
        if request.range.is_none() && !(0..=LONGEST_RANGE_MS).contains(&last_ms) {
            return Err(ServiceError::invalid_at(
                "last_ms",
                "The range must be from 0 ms to two years long.",
            ));
        }
        // Up to the next millisecond, so that what arrives now is in it.
        let recent = || Range { from: now.plus_ms(-last_ms), to: now.plus_ms(1) };
        let range = request.range.unwrap_or_else(recent);
        for (place, moment) in [("from", range.from), ("to", range.to)] {
            if !(Range::EARLIEST..=Range::LATEST).contains(&moment) {
                let message = "The moment lies outside of the years 1970 to 2200.";
                return Err(ServiceError::invalid_at(place, message));
            }
        }
        let length = range.length_ms();
        if length <= 0 {
            return Err(ServiceError::invalid_at("from", "The range is empty: `from` must lie before `to`."));
        }
        if length > LONGEST_RANGE_MS {
            return Err(ServiceError::invalid_at("from", "The range is longer than two years."));
        }
        Ok((range, request.resolution.unwrap_or_else(|| Resolution::for_range(length))))
    }
}
