//! How long a step takes here, tried before the run so that people know what
//! they are waiting for. Nothing but what is told hangs on it.

use super::step::State;
use crate::data::{Feed, Source};
use domain::training::TrainError;
use std::time::Instant;

/// A run that is shorter ends before it would have been tried.
const WORTH_IT: u32 = 100;

/// What is to be told of a run's length: `about 1900 steps, 12 s a pass`.
pub(super) fn speed(
    state: &State,
    order: &Feed,
    source: &Source<'_>,
    pass: u32,
) -> Result<Option<String>, TrainError> {
    if order.schedule.expected_steps(0) < WORTH_IT {
        return Ok(None);
    }
    let mut state = state.clone();
    let batch = order.make(source, 0)?;
    // The first step also fetches memory and starts threads.
    state.learn(batch.clone(), 0.0)?;
    let begun = Instant::now();
    state.learn(batch, 0.0)?;
    let step = begun.elapsed().as_secs_f64();
    let by_time = order.schedule.seconds_at_most().map(|left| (left / step.max(1e-6)) as u32);
    let steps = by_time.unwrap_or(u32::MAX).min(order.schedule.expected_steps(0));
    let minutes = f64::from(steps) * step / 60.0;
    let in_all = if minutes < 1.5 { "a minute".to_owned() } else { format!("{minutes:.0} minutes") };
    Ok(Some(format!(
        "about {steps} steps of {:.0} ms, {:.0} s a pass, {in_all} in all",
        step * 1e3,
        step * f64::from(pass)
    )))
}
