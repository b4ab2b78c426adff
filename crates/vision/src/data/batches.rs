//! Batches made ahead of the steps that use them, on threads of their own.

use super::{
    augment::{Variation, vary},
    source::Source,
};
use crate::{loss::Truth, train::Schedule};
use domain::{geometry::Size, training::TrainError};
use rand::{Rng, SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use std::{
    sync::mpsc::{Receiver, sync_channel},
    thread::Scope,
    time::Instant,
};

/// Batches that wait at most.
const AHEAD: usize = 3;

/// Images of one step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Batch {
    /// `[batch, height, width, 3]`, −1…1.
    pub(crate) pixels: Vec<f32>,
    /// By image.
    pub(crate) truths: Vec<Vec<Truth>>,
}

/// What shapes the batches of a run.
#[derive(Clone, Copy)]
pub(crate) struct Feed {
    pub(crate) seed: u64,
    pub(crate) batch: usize,
    pub(crate) input: Size,
    pub(crate) variation: Variation,
    /// Share of the run at whose end pictures are varied less.
    pub(crate) calm: f64,
    pub(crate) schedule: Schedule,
}

impl Feed {
    /// Which images step `step` shows: each pass is a new order of `shown`.
    fn indices(&self, step: u32, shown: &[usize]) -> Vec<usize> {
        let images = shown.len().max(1);
        let first = u64::from(step) * self.batch as u64;
        let mut pass = u64::MAX;
        let mut order: Vec<usize> = Vec::new();
        (first..first + self.batch as u64)
            .filter_map(|position| {
                let current = position / images as u64;
                if pass != current {
                    pass = current;
                    order = shown.to_vec();
                    order.shuffle(&mut stream(self.seed, 1, current));
                }
                order.get((position % images as u64) as usize).copied()
            })
            .collect()
    }

    /// The batch of step `step`.
    pub(crate) fn make(&self, source: &Source<'_>, step: u32) -> Result<Batch, TrainError> {
        let shown = source.shown();
        let calm = self.schedule.progress(step) > 1.0 - self.calm;
        let variation = if calm { self.variation.weaker(0.5) } else { self.variation };
        let length = self.input.pixels() as usize * 3;
        let mut pixels = vec![0.0; length * self.batch];
        let mut truths = Vec::with_capacity(self.batch);
        let mut rng = stream(self.seed, 2, u64::from(step));
        for (index, out) in self.indices(step, shown).into_iter().zip(pixels.chunks_exact_mut(length)) {
            let mut other = || {
                let place = shown.get(rng.random_range(0..shown.len().max(1)));
                source.sample(place.copied().unwrap_or(index))
            };
            let samples = [source.sample(index)?, other()?, other()?, other()?];
            let begun = Instant::now();
            truths.push(vary(&samples, self.input, &variation, &mut rng, out));
            source.varied(begun);
        }
        Ok(Batch { pixels, truths })
    }
}

/// Independent random numbers for a purpose and an index.
fn stream(seed: u64, purpose: u64, index: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ purpose.rotate_left(56));
    rng.set_stream(index);
    rng
}

/// Makes the batches of all steps from step `first` on, until the receiver
/// goes.
pub(crate) fn feed<'scope, 'env: 'scope>(
    scope: &'scope Scope<'scope, 'env>,
    feed: Feed,
    first: u32,
    source: &'env Source<'env>,
) -> std::io::Result<Receiver<Result<Batch, TrainError>>> {
    let (sender, receiver) = sync_channel(AHEAD);
    std::thread::Builder::new().name("fovea-feed".to_owned()).spawn_scoped(scope, move || {
        for step in first.. {
            let batch = feed.make(source, step);
            let failed = batch.is_err();
            if sender.send(batch).is_err() || failed {
                return;
            }
        }
    })?;
    Ok(receiver)
}
