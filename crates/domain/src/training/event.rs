//! What a training says on its way.

use super::PlanRecord;
use crate::model::CurvePoint;
use measures::metrics::coco::Summary;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a training says on its way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum TrainEvent {
    /// The run begins after this step: 0, or that of the checkpoint it goes
    /// on from. Comes before all others.
    Started {
        /// Steps done by earlier attempts.
        step: u32,
    },
    /// What it will do. Comes once an attempt, the same each time.
    Planned {
        /// The plan.
        plan: PlanRecord,
    },
    /// A step was done.
    Step {
        /// Steps done.
        step: u32,
        /// Steps there will be, as now expected.
        steps: u32,
        /// The whole loss.
        loss: f64,
        /// Its classification part.
        loss_class: f64,
        /// Its box part.
        loss_box: f64,
        /// The learning rate of the step.
        learning_rate: f64,
        /// Seconds to the end, as now expected.
        seconds_left: f64,
    },
    /// The averaged weights were measured on the validation split.
    Validated {
        /// Steps done.
        step: u32,
        /// The twelve figures.
        summary: Summary,
    },
    /// It ends before its schedule, for the measurements told of nothing better
    /// any more.
    StoppedEarly {
        /// Steps done.
        step: u32,
    },
    /// How far a trainer is that measures in its own way.
    Progress {
        /// Steps done.
        step: u32,
        /// Steps there will be, as now expected.
        steps: u32,
        /// Seconds to the end, where it says so.
        seconds_left: Option<f64>,
    },
    /// One value of one curve.
    Point(CurvePoint),
    /// The trainer has put away by itself what a later attempt goes on from.
    Kept {
        /// Steps done.
        step: u32,
    },
    /// A checkpoint was written whole. Whoever stores the curves should let
    /// the next attempt use it only once all earlier events are stored: the
    /// curve has no gap then.
    Checkpoint {
        /// Steps done.
        step: u32,
        /// The file.
        path: PathBuf,
    },
    /// A line for the log.
    Log {
        /// The line.
        message: String,
    },
}
