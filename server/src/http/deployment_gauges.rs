//! Figures of deployments for Prometheus: of the last five minutes, in base
//! units. What was not measured is not a number.

use domain::monitor::figures::Figure;
use metrics::gauge;
use service::DeploymentGauges;

/// Sets the gauges of each deployment.
pub(super) fn set(deployments: &[DeploymentGauges]) {
    for DeploymentGauges { name, recent, drifting, firing, to_review } in deployments {
        let label = || name.clone();
        let or_nan = |value: Option<f64>| value.unwrap_or(f64::NAN);
        let seconds = |value: Option<f64>| or_nan(value.map(|ms| ms / 1_000.0));
        let latencies = [
            ("champion", "0.5", recent.get(Figure::LatencyP50)),
            ("champion", "0.95", recent.get(Figure::LatencyP95)),
            ("shadow", "0.5", recent.get(Figure::ShadowP50)),
            ("shadow", "0.95", recent.get(Figure::ShadowP95)),
        ];
        for (role, quantile, value) in latencies {
            gauge!("fovea_deployment_latency_seconds", "deployment" => label(), "role" => role, "quantile" => quantile)
                .set(seconds(value));
        }
        gauge!("fovea_deployment_recent_predictions", "deployment" => label())
            .set(float(recent.figures.count(Figure::Predictions)));
        gauge!("fovea_deployment_objects_mean", "deployment" => label())
            .set(or_nan(recent.get(Figure::ObjectsMean)));
        gauge!("fovea_deployment_confidence_ratio", "deployment" => label())
            .set(or_nan(recent.get(Figure::ConfidenceMean)));
        gauge!("fovea_deployment_unusual_ratio", "deployment" => label())
            .set(or_nan(recent.get(Figure::Unusual)));
        gauge!("fovea_deployment_drifting_features", "deployment" => label()).set(float(*drifting as u64));
        gauge!("fovea_deployment_alerts_firing", "deployment" => label()).set(float(*firing as u64));
        gauge!("fovea_deployment_predictions_to_review", "deployment" => label()).set(float(*to_review));
    }
}

#[allow(clippy::cast_precision_loss, reason = "a gauge is a float; 2^53 predictions are far away")]
fn float(number: u64) -> f64 {
    number as f64
}
