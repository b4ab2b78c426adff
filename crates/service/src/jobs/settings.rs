//! What the jobs of a process need beside the use cases.

use crate::MessageSender;
use std::sync::Arc;

/// Days that the log of acts is kept unless somebody says otherwise: three
/// years, in which most questions about a model's past come up.
pub const AUDIT_DAYS: u32 = 1_096;

/// How a process does its jobs.
#[derive(Clone)]
pub struct JobSettings {
    /// Days that the log of acts is kept; 0 for ever.
    pub audit_days: u32,
    /// Sends what goes out; without one it waits.
    pub sender: Option<Arc<dyn MessageSender>>,
}

impl Default for JobSettings {
    fn default() -> Self {
        Self { audit_days: AUDIT_DAYS, sender: None }
    }
}
