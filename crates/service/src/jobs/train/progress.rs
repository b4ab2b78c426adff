//! What a trainer says on its way, written down: curves, log, progress. A
//! database that is away for a while holds nothing up: the trainer goes on, and
//! what it says waits in memory.

use super::checkpoints::confirm_checkpoint;
use crate::{Result, jobs::JobContext};
use domain::{
    ids::ExperimentId,
    model::{CurvePoint, Series},
    training::TrainEvent,
};
use tokio::sync::mpsc::UnboundedReceiver;

/// Events of one transaction.
const AT_ONCE: usize = 256;

/// Where an attempt writes down what its trainer says.
pub(super) struct TrainingLog<'a> {
    pub(super) context: &'a JobContext<'a>,
    pub(super) experiment: ExperimentId,
    /// It may go on from a checkpoint: what earlier attempts told stays until
    /// the trainer says where it begins.
    pub(super) resumes: bool,
    /// Lines for the log when it begins at step 0.
    pub(super) notes: Vec<String>,
}

impl TrainingLog<'_> {
    /// Writes down what the training says until it has nothing more to say.
    pub(super) async fn write_down(
        &self,
        mut events: UnboundedReceiver<TrainEvent>,
        observe: &mut (dyn FnMut(&TrainEvent) + Send),
    ) -> Result<()> {
        let id = self.experiment;
        if !self.resumes {
            self.begin_at(0).await?;
        }
        let mut waiting = Vec::new();
        while events.recv_many(&mut waiting, AT_ONCE).await > 0 {
            let (mut points, mut progress) = (Vec::new(), None);
            for event in waiting.drain(..) {
                points.extend(points_of(&event));
                progress = progress_of(&event).or(progress);
                match &event {
                    TrainEvent::Started { step } if self.resumes => self.begin_at(*step).await?,
                    TrainEvent::Log { message } => self.note_line(message).await?,
                    TrainEvent::Planned { plan } => {
                        let experiments = self.context.store().experiments();
                        self.context
                            .through_outage(|| async { Ok(experiments.set_plan(id, plan).await?) })
                            .await?;
                    }
                    TrainEvent::StoppedEarly { .. } => {
                        let experiments = self.context.store().experiments();
                        self.context
                            .through_outage(|| async { Ok(experiments.set_stopped_early(id).await?) })
                            .await?;
                    }
                    TrainEvent::Checkpoint { path, .. } => {
                        self.store_points(&mut points).await?;
                        confirm_checkpoint(self.context, id, path).await?;
                    }
                    TrainEvent::Kept { .. } => {
                        self.store_points(&mut points).await?;
                        self.context.through_outage(|| self.context.came_further()).await?;
                    }
                    _ => {}
                }
                observe(&event);
            }
            self.store_points(&mut points).await?;
            if let Some((share, seconds_left)) = progress {
                let experiments = self.context.store().experiments();
                self.context
                    .through_outage(|| async { Ok(experiments.progress(id, share, seconds_left).await?) })
                    .await?;
            }
        }
        Ok(())
    }

    /// The attempt begins after this step: what an earlier one told beyond it
    /// will be told again.
    async fn begin_at(&self, step: u32) -> Result<()> {
        let id = self.experiment;
        self.context
            .through_outage(|| async { Ok(self.context.store().experiments().rewind(id, step).await?) })
            .await?;
        if step == 0 {
            for note in &self.notes {
                self.note_line(note).await?;
            }
        }
        Ok(())
    }

    async fn note_line(&self, line: &str) -> Result<()> {
        let id = self.experiment;
        self.context
            .through_outage(|| async {
                Ok(self.context.store().experiments().add_log(id, self.context.now(), line).await?)
            })
            .await
    }

    async fn store_points(&self, points: &mut Vec<CurvePoint>) -> Result<()> {
        let id = self.experiment;
        if points.is_empty() {
            return Ok(());
        }
        let stored = std::mem::take(points);
        self.context
            .through_outage(|| async {
                Ok(self.context.store().experiments().add_points(id, &stored).await?)
            })
            .await
    }
}

fn points_of(event: &TrainEvent) -> Vec<CurvePoint> {
    let point = |step, series, value| CurvePoint { step, series, value };
    match *event {
        TrainEvent::Step { step, loss, loss_class, loss_box, learning_rate, .. } => vec![
            point(step, Series::Loss, loss),
            point(step, Series::LossClass, loss_class),
            point(step, Series::LossBox, loss_box),
            point(step, Series::LearningRate, learning_rate),
        ],
        TrainEvent::Validated { step, summary } => {
            vec![point(step, Series::ValAp, summary.AP), point(step, Series::ValAp50, summary.AP50)]
        }
        TrainEvent::Point(point) => vec![point],
        TrainEvent::Started { .. }
        | TrainEvent::Planned { .. }
        | TrainEvent::StoppedEarly { .. }
        | TrainEvent::Progress { .. }
        | TrainEvent::Kept { .. }
        | TrainEvent::Checkpoint { .. }
        | TrainEvent::Log { .. } => Vec::new(),
    }
}

/// The share done and the seconds left.
fn progress_of(event: &TrainEvent) -> Option<(f64, Option<f64>)> {
    match *event {
        TrainEvent::Step { step, steps, seconds_left, .. } => {
            Some((f64::from(step) / f64::from(steps.max(1)), Some(seconds_left)))
        }
        TrainEvent::Progress { step, steps, seconds_left } => {
            Some((f64::from(step) / f64::from(steps.max(1)), seconds_left))
        }
        _ => None,
    }
}
