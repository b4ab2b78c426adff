//! What a deployment is watched by, and the forms that set it: training data,
//! alerts, webhooks.

mod alerts;
mod retention;
mod reviews;
mod training_data;
mod webhooks;

pub use alerts::alerts_panel;
pub use retention::retention_panel;
pub use reviews::reviews_panel;
pub use training_data::training_data_panel;
pub use webhooks::webhooks_panel;

use crate::server_fns::{
    alert_acts::{AddAlert, DeleteAlert, ReadAlerts},
    monitoring_acts::{AddWebhook, DeleteWebhook, SetTrainingData},
    settings::SetSettings,
};
use crate::ui::FormAction;

/// The acts of this part; each success fetches it again.
#[derive(Clone, Copy)]
pub struct MonitoringActs {
    training_data: FormAction<SetTrainingData>,
    retention: FormAction<SetSettings>,
    reviews: FormAction<SetSettings>,
    add_alert: FormAction<AddAlert>,
    delete_alert: FormAction<DeleteAlert>,
    read_alerts: FormAction<ReadAlerts>,
    add_webhook: FormAction<AddWebhook>,
    delete_webhook: FormAction<DeleteWebhook>,
}

impl MonitoringActs {
    /// None done yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            training_data: FormAction::new(),
            retention: FormAction::new(),
            reviews: FormAction::new(),
            add_alert: FormAction::new(),
            delete_alert: FormAction::new(),
            read_alerts: FormAction::new(),
            add_webhook: FormAction::new(),
            delete_webhook: FormAction::new(),
        }
    }

    /// Changes whenever training data were chosen: a source for what is shown.
    #[must_use]
    pub fn of_training_data(&self) -> usize {
        self.training_data.version()
    }

    /// Changes whenever settings were set.
    #[must_use]
    pub fn of_settings(&self) -> [usize; 2] {
        [self.retention.version(), self.reviews.version()]
    }

    /// Changes whenever an alert or a webhook was changed.
    #[must_use]
    pub fn of_notices(&self) -> [usize; 5] {
        let Self { add_alert, delete_alert, read_alerts, add_webhook, delete_webhook, .. } = self;
        [
            add_alert.version(),
            delete_alert.version(),
            read_alerts.version(),
            add_webhook.version(),
            delete_webhook.version(),
        ]
    }
}

impl Default for MonitoringActs {
    fn default() -> Self {
        Self::new()
    }
}
