//! How deployments do: figures, drift, alerts, and what they are compared
//! with.

pub(crate) mod alerts;
mod deliveries;
mod drift;
pub(crate) mod figures;
pub(crate) mod gauges;
mod page;
mod supervised;
pub(crate) mod training_data;
pub(crate) mod webhooks;

pub use alerts::SetAlert;
pub use figures::{DashboardRequest, WholeDashboard};
pub use gauges::DeploymentGauges;
pub use page::MonitoringPage;
pub use training_data::SetTrainingData;
pub use webhooks::NewWebhook;

use crate::{base::Base, base::arrivals::References, base::images::Images, learning::Learning};

/// The use cases about how deployments do. Cheap to clone.
#[derive(Clone)]
pub struct Monitoring {
    base: Base,
    images: Images,
    references: References,
    learning: Learning,
}

impl Monitoring {
    pub(crate) fn new(base: Base, images: Images, references: References, learning: Learning) -> Self {
        Self { base, images, references, learning }
    }
}
