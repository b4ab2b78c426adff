//! How a child's last line says what came of the training.

use domain::training::{TrainError, TrainOutcome};
use serde::{Deserialize, Serialize};

/// The last line of a child.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum LastLine {
    Outcome { outcome: TrainOutcome },
    Error { kind: ErrorWord, message: String, step: Option<u32> },
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ErrorWord {
    Request,
    Diverged,
    Failed,
    Killed,
    Stopped,
    Suspended,
    Trainer,
}

impl From<TrainError> for LastLine {
    fn from(error: TrainError) -> Self {
        let message = error.to_string();
        let (kind, step) = match error {
            TrainError::Request(_) => (ErrorWord::Request, None),
            TrainError::Diverged { step } => (ErrorWord::Diverged, Some(step)),
            TrainError::Suspended => (ErrorWord::Suspended, None),
            TrainError::Stopped => (ErrorWord::Stopped, None),
            TrainError::Trainer(_) => (ErrorWord::Trainer, None),
            TrainError::Killed(_) => (ErrorWord::Killed, None),
            TrainError::Failed(_) => (ErrorWord::Failed, None),
        };
        Self::Error { kind, message, step }
    }
}

impl LastLine {
    pub(crate) fn into_result(self) -> Result<TrainOutcome, TrainError> {
        match self {
            Self::Outcome { outcome } => Ok(outcome),
            Self::Error { kind: ErrorWord::Diverged, step: Some(step), .. } => {
                Err(TrainError::Diverged { step })
            }
            Self::Error { kind: ErrorWord::Request, message, .. } => Err(TrainError::Request(message)),
            Self::Error { kind: ErrorWord::Suspended, .. } => Err(TrainError::Suspended),
            Self::Error { kind: ErrorWord::Stopped, .. } => Err(TrainError::Stopped),
            Self::Error { kind: ErrorWord::Killed, message, .. } => Err(TrainError::Killed(message)),
            Self::Error { kind: ErrorWord::Trainer, message, .. } => Err(TrainError::Trainer(message)),
            Self::Error { message, .. } => Err(TrainError::Failed(message)),
        }
    }
}
