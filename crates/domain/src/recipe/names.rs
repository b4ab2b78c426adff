//! Which tensors of a network's output are what.

use serde::{Deserialize, Serialize};

/// Names of output tensors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputNames {
    /// Of the boxes, or of the one tensor with everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boxes: Option<String>,
    /// Of the scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scores: Option<String>,
    /// Of the classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<String>,
}

impl OutputNames {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
