//! One thread that turns waiting requests into batches.
//!
//! The network runs in the shared pool; this thread only waits. A batch is
//! whatever waits when the network is free, and what is known to be on its way
//! and arrives in a moment: clients that were answered together then ask
//! together, and a lone one never waits for company.

use super::{
    engine::{Engine, Prepared},
    loader::InferenceOptions,
};
use domain::inference::{Expected, InferenceCounters, ModelError, Pixels, Reply};
use rayon::{ThreadPool, prelude::*};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, Sender, channel},
    },
    time::Instant,
};

struct Request {
    image: Pixels,
    reply: Reply,
}

#[derive(Default)]
struct Counters {
    requests: AtomicU64,
    inferences: AtomicU64,
    executions: AtomicU64,
    queued: AtomicU64,
}

/// Takes requests for one network.
pub(super) struct Batcher {
    sender: Sender<Request>,
    counters: Arc<Counters>,
    expected: Arc<AtomicU64>,
    queue: u64,
}

impl Batcher {
    pub(super) fn start(
        engine: Engine,
        pool: Arc<ThreadPool>,
        options: InferenceOptions,
    ) -> Result<Self, ModelError> {
        let (sender, receiver) = channel();
        let counters = Arc::new(Counters::default());
        let expected = Arc::default();
        let worker = Worker {
            engine,
            pool,
            options,
            counters: Arc::clone(&counters),
            expected: Arc::clone(&expected),
        };
        std::thread::Builder::new()
            .name("fovea-batch".to_owned())
            .spawn(move || worker.run(&receiver))
            .map_err(|error| ModelError::Failed(error.to_string()))?;
        Ok(Self { sender, counters, expected, queue: options.queue as u64 })
    }

    pub(super) fn expect(&self) -> Expected {
        Expected::among(&self.expected)
    }

    pub(super) fn submit(&self, image: Pixels, reply: Reply) {
        self.counters.requests.fetch_add(1, Relaxed);
        if self.counters.queued.fetch_add(1, Relaxed) >= self.queue {
            self.counters.queued.fetch_sub(1, Relaxed);
            return reply(Err(ModelError::Busy));
        }
        if let Err(unsent) = self.sender.send(Request { image, reply }) {
            self.counters.queued.fetch_sub(1, Relaxed);
            (unsent.0.reply)(Err(ModelError::Failed("the batching thread has ended".to_owned())));
        }
    }

    pub(super) fn counters(&self) -> InferenceCounters {
        let Counters { requests, inferences, executions, queued } = &*self.counters;
        InferenceCounters {
            requests: requests.load(Relaxed),
            inferences: inferences.load(Relaxed),
            executions: executions.load(Relaxed),
            queued: queued.load(Relaxed),
        }
    }
}

struct Worker {
    engine: Engine,
    pool: Arc<ThreadPool>,
    options: InferenceOptions,
    counters: Arc<Counters>,
    expected: Arc<AtomicU64>,
}

impl Worker {
    /// Until the last sender is gone and everything waiting is answered.
    fn run(&self, receiver: &Receiver<Request>) {
        while let Some(batch) = self.collect(receiver) {
            self.counters.queued.fetch_sub(batch.len() as u64, Relaxed);
            self.pool.install(|| self.answer(batch));
        }
    }

    fn collect(&self, receiver: &Receiver<Request>) -> Option<Vec<Request>> {
        let mut batch = vec![receiver.recv().ok()?];
        let deadline = Instant::now() + self.options.max_wait;
        while batch.len() < self.options.max_batch.max(1) {
            let next = if self.more_come(batch.len()) {
                let left = deadline.saturating_duration_since(Instant::now());
                receiver.recv_timeout(left).ok()
            } else {
                receiver.try_recv().ok()
            };
            match next {
                Some(request) => batch.push(request),
                None => break,
            }
        }
        Some(batch)
    }

    /// Whether images are on their way, or counted and not yet received.
    fn more_come(&self, received: usize) -> bool {
        self.expected.load(Relaxed) > 0 || self.counters.queued.load(Relaxed) > received as u64
    }

    fn answer(&self, batch: Vec<Request>) {
        let (images, replies): (Vec<Pixels>, Vec<Reply>) =
            batch.into_iter().map(|request| (request.image, request.reply)).unzip();
        // A panic in the arithmetic must not leave anybody waiting.
        let results = catch_unwind(AssertUnwindSafe(|| {
            let prepared: Vec<Prepared> = images.par_iter().map(|image| self.engine.prepare(image)).collect();
            self.engine.run(&prepared)
        }))
        .unwrap_or_else(|_| Err(ModelError::Failed("the network gave up".to_owned())));
        self.counters.executions.fetch_add(1, Relaxed);
        match results {
            Ok(results) => {
                self.counters.inferences.fetch_add(results.len() as u64, Relaxed);
                replies.into_iter().zip(results).for_each(|(reply, result)| reply(Ok(result)));
            }
            Err(error) => replies.into_iter().for_each(|reply| reply(Err(error.clone()))),
        }
    }
}
