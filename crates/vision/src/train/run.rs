//! A whole run: data, steps, measurements, and when to stop.

use super::{
    measure::measure,
    optimizer::{Average, Optimizer},
    saving::Saving,
    schedule::{Schedule, rate},
    speed::speed,
    start::start,
    step::State,
};
use crate::{
    ComputeDevice,
    anchors::anchors,
    data::{Feed, Source, Variation, feed},
    file::Model,
    weights::Weights,
};
use domain::{
    dataset::Split,
    training::{
        Control, TrainError, TrainEvent, TrainParams, TrainPlan, TrainRequest, memory::TRAINING_BUDGET_BYTES,
    },
};
use measures::metrics::coco::Summary;
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

/// How far beyond `epochs` a time limit may stretch a run.
const STRETCH: u64 = 4;
/// Seconds of a time limit kept for the last measurement and the file.
const RESERVE: f64 = 1.5;

/// What a run gives.
pub(super) struct Finished {
    pub(super) model: Model,
    pub(super) steps: u32,
    /// Of all attempts.
    pub(super) seconds: f64,
    pub(super) stopped_early: bool,
    pub(super) validation: Option<Summary>,
}

type Observe<'a> = &'a mut dyn FnMut(&TrainEvent) -> Control;

/// What will be done, or why it cannot be.
fn plan(request: &TrainRequest) -> Result<TrainPlan, TrainError> {
    request.params.validate().map_err(|error| TrainError::Request(error.to_string()))?;
    let labels: HashSet<_> = request.labels.iter().collect();
    if labels.is_empty() || labels.len() != request.labels.len() {
        return Err(TrainError::Request("a training needs labels, each once".to_owned()));
    }
    let unknown = request.images.iter().flat_map(|image| &image.annotations);
    if let Some(label) = unknown.map(|annotation| &annotation.label).find(|label| !labels.contains(label)) {
        return Err(TrainError::Request(format!("a box has the label {label}, which is not listed")));
    }
    let plan =
        TrainPlan::new(&request.params, &request.labels, &request.images).map_err(TrainError::Request)?;
    plan.params
        .check_memory(labels.len(), TRAINING_BUDGET_BYTES)
        .map_err(|error| TrainError::Request(format!("with {} labels, {error}", labels.len())))?;
    Ok(plan)
}

/// Steps at most: what `epochs` needs, stretched under a time limit, and no
/// more than `max_steps`.
fn steps(params: &TrainParams, pass: u32) -> u32 {
    let stretch = if params.time_limit_s > 0 { STRETCH } else { 1 };
    let most = if params.max_steps > 0 { params.max_steps } else { 10_000_000 };
    (u64::from(pass) * u64::from(params.epochs) * stretch).min(u64::from(most)) as u32
}

fn variation(params: &TrainParams) -> Variation {
    Variation {
        flip: 0.5,
        flip_vertical: params.flip_vertical,
        zoom: params.zoom as f32,
        stretch: 0.15,
        shift: 0.15,
        colour: 0.3,
        mosaic: params.mosaic,
    }
}

/// What a time limit leaves for steps, the last measurement on so many images
/// taken off.
fn budget(params: &TrainParams, measured: usize) -> Option<Duration> {
    let limit = params.time_limit_s as f64;
    let reserve = RESERVE + 0.03 * measured as f64;
    (params.time_limit_s > 0).then(|| Duration::from_secs_f64((limit - reserve).max(limit * 0.5)))
}

/// Runs to the end of the schedule, or until `observe` says otherwise.
pub(super) fn run(
    request: &TrainRequest,
    device: ComputeDevice,
    started: Instant,
    observe: Observe<'_>,
) -> Result<Finished, TrainError> {
    let plan = plan(request)?;
    let params = &plan.params;
    let (model, messages) = start(request, &plan)?;
    let input = model.card.input;
    let fit: &[Split] = if params.train_on_val { &[Split::Train, Split::Val] } else { &[Split::Train] };
    let source = Source::new(&request.images, &request.labels, fit, input).showing(plan.shown.clone());
    let held: &[Split] = if params.train_on_val { &[] } else { &[Split::Val] };
    let validation = Source::new(&request.images, &request.labels, held, input);
    let budget = budget(params, validation.len());
    let place = device.is_gpu().then(|| format!("runs on {}", device.name()));
    let state = State {
        plan: model.card.plan(),
        input,
        anchors: anchors(input.width as usize, input.height as usize),
        average: Average::new(&model.weights, params.ema_decay),
        optimizer: Optimizer::new(params.weight_decay),
        weights: model.weights.clone(),
        device,
    };
    let mut standing = Standing { state, step: 0, measured: 0, best: None };
    let mut saving = Saving::new(request)?;
    let (used, told) = saving.as_mut().map_or((None, None), |saving| saving.resume(&mut standing));
    let mut control = observe(&TrainEvent::Started { step: standing.step });
    // What an attempt from the first step says, those that go on have said.
    let notes = std::iter::once(format!("the plan: {}", plan.sentence())).chain(plan.notes.iter().cloned());
    let beginning = notes.chain(messages).filter(|_| standing.step == 0);
    for message in place.into_iter().chain(told).chain(beginning) {
        control = control.max(observe(&TrainEvent::Log { message }));
    }
    let pass = plan.steps_of_a_pass();
    let schedule = Schedule::new(steps(params, pass), started, budget).after(used.unwrap_or_default());
    let order = Feed {
        seed: params.seed,
        batch: params.batch_size as usize,
        input,
        variation: variation(params),
        calm: 0.15,
        schedule,
    };
    if standing.step == 0
        && control == Control::Continue
        && let Some(message) = speed(&standing.state, &order, &source, pass)?
    {
        control = control.max(observe(&TrainEvent::Log { message }));
    }
    std::thread::scope(|scope| {
        let batches = feed(scope, order, standing.step, &source)
            .map_err(|error| TrainError::Failed(error.to_string()))?;
        Run { model, params, schedule, standing, validation: &validation, saving, control, observe }
            .go(batches)
    })
}

/// Where a run stands: all that a later attempt needs to go on.
pub(super) struct Standing {
    pub(super) state: State,
    /// Steps done.
    pub(super) step: u32,
    /// Measurements done of those that the schedule asks for.
    pub(super) measured: u32,
    pub(super) best: Option<(Summary, Weights)>,
}

struct Run<'a> {
    model: Model,
    params: &'a TrainParams,
    schedule: Schedule,
    standing: Standing,
    validation: &'a Source<'a>,
    saving: Option<Saving<'a>>,
    /// The strongest wish so far.
    control: Control,
    observe: Observe<'a>,
}

impl Run<'_> {
    fn go(
        mut self,
        batches: std::sync::mpsc::Receiver<Result<crate::data::Batch, TrainError>>,
    ) -> Result<Finished, TrainError> {
        while self.control == Control::Continue && self.schedule.progress(self.standing.step) < 1.0 {
            // Before the step and not after the last one: an attempt that goes
            // on from a checkpoint makes the measurement that was due there.
            if self.measurement_is_due() {
                self.measure()?;
                continue;
            }
            self.save_if_due();
            self.learn(&batches)?;
        }
        drop(batches);
        if self.control == Control::Suspend {
            self.save();
            return Err(TrainError::Suspended);
        }
        self.measure()?;
        let step = self.standing.step;
        let early = self.control != Control::Continue || self.schedule.expected_steps(step) < self.planned();
        let seconds = self.schedule.seconds();
        self.tell(&TrainEvent::Log { message: format!("did {step} steps in {seconds:.0} s") });
        let (validation, weights) = match self.standing.best {
            Some((summary, weights)) => (Some(summary), weights),
            None => (None, self.standing.state.average.weights),
        };
        let model = Model { weights, ..self.model };
        Ok(Finished { model, steps: step, seconds, stopped_early: early, validation })
    }

    fn learn(
        &mut self,
        batches: &std::sync::mpsc::Receiver<Result<crate::data::Batch, TrainError>>,
    ) -> Result<(), TrainError> {
        let batch = batches.recv().map_err(|error| TrainError::Failed(error.to_string()))??;
        let along = self.schedule.progress(self.standing.step);
        let rate = self.params.learning_rate * rate(along, self.params.warmup);
        let parts = self.standing.state.learn(batch, rate)?;
        self.standing.step += 1;
        let step = self.standing.step;
        if !parts.total().is_finite() {
            return Err(TrainError::Diverged { step });
        }
        self.tell(&TrainEvent::Step {
            step,
            steps: self.schedule.expected_steps(step),
            loss: parts.total(),
            loss_class: parts.class,
            loss_box: parts.overlap + parts.shares,
            learning_rate: rate,
            seconds_left: self.schedule.seconds_left(step),
        });
        Ok(())
    }

    fn tell(&mut self, event: &TrainEvent) {
        self.control = self.control.max((self.observe)(event));
    }

    /// Steps without a time limit.
    fn planned(&self) -> u32 {
        self.schedule.expected_steps(0) / if self.params.time_limit_s > 0 { STRETCH as u32 } else { 1 }
    }

    fn measurement_is_due(&mut self) -> bool {
        let due = (self.schedule.progress(self.standing.step) * f64::from(self.params.evaluations)) as u32;
        let is_due = due > self.standing.measured;
        self.standing.measured = self.standing.measured.max(due);
        is_due
    }

    /// Measures the average; the best so far is what the run will give.
    fn measure(&mut self) -> Result<(), TrainError> {
        if self.validation.len() == 0 {
            return Ok(());
        }
        let weights = &self.standing.state.average.weights;
        let summary = measure(&self.model.card, weights, self.validation, &self.standing.state.device)?;
        if self.standing.best.as_ref().is_none_or(|(best, _)| summary.AP >= best.AP) {
            self.standing.best = Some((summary, weights.clone()));
        }
        self.tell(&TrainEvent::Validated { step: self.standing.step, summary });
        Ok(())
    }

    fn save_if_due(&mut self) {
        if self.saving.as_ref().is_some_and(|saving| saving.is_due(self.standing.step)) {
            self.save();
        }
    }

    /// Writes a checkpoint; a disk that is full ends no training.
    fn save(&mut self) {
        let Some(saving) = &mut self.saving else { return };
        let event = saving.save(&self.standing, self.schedule.seconds());
        if let Some(event) = event {
            self.tell(&event);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_follow_epochs_the_limit_and_the_most_allowed() {
        let params = TrainParams { epochs: 10, batch_size: 8, ..TrainParams::default() };
        assert_eq!(steps(&params, 3), 30);
        assert_eq!(steps(&TrainParams { max_steps: 7, ..params.clone() }, 3), 7);
        assert_eq!(steps(&TrainParams { time_limit_s: 60, ..params.clone() }, 3), 120);
        assert_eq!(steps(&TrainParams { time_limit_s: 60, max_steps: 50, ..params }, 3), 50);
    }
}
