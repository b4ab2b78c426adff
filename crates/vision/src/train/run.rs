//! A whole run: data, steps, measurements, and when to stop.

use super::{
    measure::measure,
    profile::Part,
    saving::Saving,
    schedule::{Schedule, rate},
    speed::speed,
    standing::Standing,
    start::start,
    terms::{STRETCH, budget, order, plan, steps},
};
use crate::{
    ComputeDevice,
    data::{Batch, Source, feed},
    file::Model,
};
use domain::{
    dataset::Split,
    training::{Control, TrainError, TrainEvent, TrainParams, TrainRequest},
};
use measures::metrics::coco::Summary;
use std::{sync::mpsc::Receiver, time::Instant};

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
    let mut standing = Standing::fresh(&model, params, device);
    let mut saving = Saving::new(request)?;
    let (used, told) = saving.as_mut().map_or((None, None), |saving| saving.resume(&mut standing));
    let mut control = observe(&TrainEvent::Started { step: standing.step });
    // What an attempt from the first step says, those that go on have said.
    let notes = std::iter::once(format!("the plan: {}", plan.sentence())).chain(plan.notes.iter().cloned());
    let beginning = notes.chain(messages).filter(|_| standing.step == 0);
    for message in place.into_iter().chain(told).chain(beginning) {
        control = control.max(observe(&TrainEvent::Log { message }));
    }
    control = control.max(observe(&TrainEvent::Planned { plan: plan.record() }));
    let pass = plan.steps_of_a_pass();
    let schedule = Schedule::new(steps(params, pass), started, budget).after(used.unwrap_or_default());
    let order = order(params, input, schedule);
    if standing.step == 0
        && control == Control::Continue
        && let Some(message) = speed(&standing.state, &order, &source, pass)?
    {
        control = control.max(observe(&TrainEvent::Log { message }));
    }
    std::thread::scope(|scope| {
        let batches = feed(scope, order, standing.step, &source)
            .map_err(|error| TrainError::Failed(error.to_string()))?;
        Run {
            model,
            params,
            schedule,
            standing,
            source: &source,
            validation: &validation,
            saving,
            control,
            observe,
        }
        .go(batches)
    })
}

struct Run<'a> {
    model: Model,
    params: &'a TrainParams,
    schedule: Schedule,
    standing: Standing,
    source: &'a Source<'a>,
    validation: &'a Source<'a>,
    saving: Option<Saving<'a>>,
    /// The strongest wish so far.
    control: Control,
    observe: Observe<'a>,
}

impl Run<'_> {
    fn go(mut self, batches: Receiver<Result<Batch, TrainError>>) -> Result<Finished, TrainError> {
        while self.goes_on() {
            // Before the step and not after the last one: an attempt that goes
            // on from a checkpoint makes the measurement that was due there.
            if self.standing.step > 0 && self.measurement_is_due() {
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
        let step = self.standing.step;
        if self.standing.choice.last != Some(step) {
            self.measure()?;
        }
        // The last measurement of a run that somebody ended is no reason for it.
        let went_on = self.control == Control::Continue;
        let in_vain = went_on && self.is_exhausted() && self.schedule.progress(step) < 1.0;
        let early = in_vain || !went_on || self.schedule.expected_steps(step) < self.planned();
        self.tell_the_choice(in_vain);
        let seconds = self.schedule.seconds();
        self.tell(&TrainEvent::Log { message: format!("did {step} steps in {seconds:.0} s") });
        let profile = self.standing.state.profile.sentence(self.source.took());
        // A GPU goes on while the next part begins: the parts would be none.
        if let Some(message) = profile.filter(|_| !self.standing.state.device.is_gpu()) {
            self.tell(&TrainEvent::Log { message });
        }
        let (validation, weights) = match self.standing.retained {
            Some((summary, weights)) => (Some(summary), weights),
            None => (None, self.standing.state.average.weights),
        };
        let model = Model { weights, ..self.model };
        Ok(Finished { model, steps: step, seconds, stopped_early: early, validation })
    }

    fn learn(&mut self, batches: &Receiver<Result<Batch, TrainError>>) -> Result<(), TrainError> {
        let begun = Instant::now();
        let batch = batches.recv().map_err(|error| TrainError::Failed(error.to_string()))??;
        self.standing.state.profile.add(Part::Wait, begun);
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

    fn is_exhausted(&self) -> bool {
        self.standing.choice.is_exhausted(self.params.patience.max(0).cast_unsigned())
    }

    /// Weights of no step are no model: the first is made even where getting
    /// ready took all the time.
    fn goes_on(&self) -> bool {
        let step = self.standing.step;
        self.control == Control::Continue
            && (step == 0 || self.schedule.progress(step) < 1.0 && !self.is_exhausted())
    }

    /// Whose weights are given, and why there is an end before the schedule's
    /// where more steps would have been in vain.
    fn tell_the_choice(&mut self, in_vain: bool) {
        let choice = &self.standing.choice;
        let (end, explanation) = (choice.end(), choice.explanation());
        if in_vain {
            self.tell(&TrainEvent::StoppedEarly { step: self.standing.step });
            self.tell(&TrainEvent::Log { message: end });
        }
        if let Some(message) = explanation {
            self.tell(&TrainEvent::Log { message });
        }
    }

    /// Measures the average; what it finds says whether the run would give it.
    fn measure(&mut self) -> Result<(), TrainError> {
        if self.validation.len() == 0 {
            return Ok(());
        }
        let weights = &self.standing.state.average.weights;
        let step = self.standing.step;
        let device = &self.standing.state.device;
        let measurement = measure(step, &self.model.card, weights, self.validation, device)?;
        let summary = measurement.summary;
        if self.standing.choice.add(measurement) {
            self.standing.retained = Some((summary, weights.clone()));
        }
        self.tell(&TrainEvent::Validated { step, summary });
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
