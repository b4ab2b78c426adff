//! When a run writes a checkpoint, and where.

use super::{
    checkpoint::{fingerprint, read, write},
    standing::Standing,
};
use domain::training::{Checkpoints, TrainError, TrainEvent, TrainRequest};
use std::time::{Duration, Instant};

/// The checkpoints of one run.
pub(super) struct Saving<'a> {
    place: &'a Checkpoints,
    request: String,
    last: Instant,
    /// The step of the last one: nothing is written twice.
    step: u32,
    /// A failure that was told, so that it is told once.
    told: bool,
}

impl<'a> Saving<'a> {
    /// `None` when no checkpoint was asked for.
    pub(super) fn new(request: &'a TrainRequest) -> Result<Option<Self>, TrainError> {
        let Some(place) = &request.checkpoints else { return Ok(None) };
        let request = fingerprint(request).map_err(TrainError::Failed)?;
        Ok(Some(Self { place, request, last: Instant::now(), step: 0, told: false }))
    }

    /// Puts a fresh run where the checkpoint stands that it is to go on from.
    /// Gives the time that this took before, or why it begins anew.
    pub(super) fn resume(&mut self, fresh: &mut Standing) -> (Option<Duration>, Option<String>) {
        let Some(path) = self.place.resume.as_ref().filter(|path| path.exists()) else { return (None, None) };
        match read(path, &self.request, fresh) {
            Ok(seconds) => {
                self.step = fresh.step;
                let used = Duration::try_from_secs_f64(seconds).unwrap_or_default();
                (Some(used), Some(format!("goes on after step {}", fresh.step)))
            }
            Err(reason) => (None, Some(format!("begins anew, for its checkpoint cannot be used: {reason}"))),
        }
    }

    pub(super) fn is_due(&self, step: u32) -> bool {
        step > self.step && self.last.elapsed() >= Duration::from_secs(self.place.every_s)
    }

    /// Writes one. Says so, or why it could not; nothing when there is nothing
    /// new to say.
    pub(super) fn save(&mut self, standing: &Standing, seconds: f64) -> Option<TrainEvent> {
        if standing.step <= self.step {
            return None;
        }
        self.last = Instant::now();
        let path = self.place.folder.join(format!("step-{}.checkpoint", standing.step));
        match write(&path, &self.request, standing, seconds) {
            Ok(()) => {
                (self.step, self.told) = (standing.step, false);
                Some(TrainEvent::Checkpoint { step: standing.step, path })
            }
            Err(_) if self.told => None,
            Err(reason) => {
                self.told = true;
                Some(TrainEvent::Log { message: format!("no checkpoint can be written: {reason}") })
            }
        }
    }
}
