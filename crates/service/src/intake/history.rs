//! Reports of the past: what was predicted before anybody watched. They are
//! stored as if they had arrived when they were made, so that the figures of
//! that time show them.
//!
//! The id of such a prediction begins with its moment, as all ids do, so that
//! the order of ids stays the order of arrivals; the rest is a hash of what
//! was reported. The same report is the same prediction, however often and
//! whenever it is sent: no key has to be remembered.

use crate::{Admin, As, DeploymentRef, Intake, KeyedReport, Received, Result, ServiceError};
use domain::{
    fault::ApiError,
    ids::{DeploymentId, PredictionId},
    prediction::Report,
    time::Timestamp,
};
use store::NewPrediction;

impl Intake {
    /// Stores many reports without images as of the time that each names, in
    /// order; each succeeds or fails alone. What was stored before is told as
    /// repeated.
    ///
    /// # Errors
    /// Admins only, since figures of the past change; no such deployment.
    pub async fn report_history(
        &self,
        actor: &As<Admin>,
        deployment: impl Into<DeploymentRef>,
        reports: Vec<Report>,
    ) -> Result<Vec<std::result::Result<Received, ApiError>>> {
        let deployment = self.serving.serving(deployment).await?;
        let mut checked = Vec::with_capacity(reports.len());
        for report in reports {
            let keyed = history_id(deployment.id, &report);
            let row = match keyed {
                Ok(id) => {
                    let keyed = KeyedReport { report, idempotency_key: None };
                    self.checked(actor, &deployment, keyed, None).await.map(|row| of_its_time(row, id))
                }
                Err(error) => Err(error),
            };
            checked.push(row);
        }
        let ids: Vec<PredictionId> = checked.iter().flatten().map(|row| row.id).collect();
        let known = self.base.store().predictions().known(&ids).await?;
        Ok(self.store_in_place(checked, known).await)
    }
}

fn of_its_time(row: NewPrediction, id: PredictionId) -> NewPrediction {
    NewPrediction { id, received: row.created, ..row }
}

/// A UUID of version 7 (RFC 9562): the report's moment, and a hash of the
/// deployment and the report in the place of chance.
fn history_id(deployment: DeploymentId, report: &Report) -> Result<PredictionId> {
    let Some(Timestamp(ms)) = report.provenance.timestamp else {
        let message = "A report of the past needs the timestamp of its prediction.";
        return Err(ServiceError::invalid_at("timestamp", message));
    };
    let ms = u64::try_from(ms)
        .map_err(|_| ServiceError::invalid_at("timestamp", "The timestamp lies before 1970."))?;
    let content = serde_json::to_vec(report).map_err(|error| ServiceError::Internal(error.to_string()))?;
    let hash = imaging::content_hash(&[deployment.0.as_bytes().as_slice(), &content].concat());
    let mut tail = [0; 10];
    for (byte, digits) in tail.iter_mut().zip(hash.as_bytes().chunks_exact(2)) {
        let digits = std::str::from_utf8(digits).unwrap_or_default();
        *byte = u8::from_str_radix(digits, 16).unwrap_or_default();
    }
    Ok(PredictionId(uuid::Builder::from_unix_timestamp_millis(ms, &tail).into_uuid()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::prediction::Provenance;

    fn report(ms: Option<i64>, filename: &str) -> Report {
        let provenance = Provenance {
            filename: Some(filename.to_owned()),
            timestamp: ms.map(Timestamp),
            ..Provenance::default()
        };
        let (width, height, latency_ms) = (Some(10), Some(10), 1.0);
        Report {
            provenance,
            width,
            height,
            latency_ms,
            boxes: vec![],
            shadow: None,
            model: None,
            sample: None,
        }
    }

    #[test]
    fn ids_follow_the_time_and_the_content() {
        let here = DeploymentId(uuid::Uuid::from_u128(1));
        let id = |deployment, ms, name| history_id(deployment, &report(Some(ms), name)).expect("a moment").0;
        assert_eq!(id(here, 1_700_000_000_000, "a"), id(here, 1_700_000_000_000, "a"));
        assert!(id(here, 1_700_000_000_000, "a") < id(here, 1_700_000_000_001, "a"));
        assert_ne!(id(here, 1_700_000_000_000, "a"), id(here, 1_700_000_000_000, "b"));
        let there = DeploymentId(uuid::Uuid::from_u128(2));
        assert_ne!(id(here, 1_700_000_000_000, "a"), id(there, 1_700_000_000_000, "a"));
        assert_eq!(id(here, 1_700_000_000_000, "a").get_version_num(), 7);
        assert!(history_id(here, &report(None, "a")).is_err());
    }
}
