//! One thread that turns waiting requests into batches.
//!
//! The network runs where it likes; this thread only waits. A batch is
//! whatever waits when the network is free, and what is known to be on its way
//! and arrives in a moment: clients that were answered together then ask
//! together, and a lone one never waits for company.

use crate::{
    InferenceOptions, Network,
    time_budget::{GLANCE, TimeBudget},
};
use domain::inference::{Expected, Inference, InferenceCounters, ModelError, Pixels, Reply};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
        mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel},
    },
    time::{Duration, Instant},
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
pub(crate) struct Batcher {
    sender: Sender<Request>,
    counters: Arc<Counters>,
    expected: Arc<AtomicU64>,
    queue: u64,
}

impl Batcher {
    pub(crate) fn start(network: Arc<dyn Network>, options: InferenceOptions) -> Result<Self, ModelError> {
        let (sender, receiver) = channel();
        let counters = Arc::new(Counters::default());
        let expected = Arc::default();
        let runner = match network.time_limit() {
            None => Runner::Here(network),
            Some(limit) => Runner::Apart(Apart::start(network, limit)?),
        };
        let worker = Worker { options, counters: Arc::clone(&counters), expected: Arc::clone(&expected) };
        thread("fovea-batch", move || worker.run(&receiver, runner))?;
        Ok(Self { sender, counters, expected, queue: options.queue as u64 })
    }

    pub(crate) fn expect(&self) -> Expected {
        Expected::among(&self.expected)
    }

    pub(crate) fn submit(&self, image: Pixels, reply: Reply) {
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

    pub(crate) fn counters(&self) -> InferenceCounters {
        let Counters { requests, inferences, executions, queued } = &*self.counters;
        InferenceCounters {
            requests: requests.load(Relaxed),
            inferences: inferences.load(Relaxed),
            executions: executions.load(Relaxed),
            queued: queued.load(Relaxed),
        }
    }
}

fn thread(name: &str, work: impl FnOnce() + Send + 'static) -> Result<(), ModelError> {
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    thread.map(drop).map_err(|error| ModelError::Failed(error.to_string()))
}

type Answers = Result<Vec<Inference>, ModelError>;

/// A panic in the arithmetic must not leave anybody waiting.
fn run_caught(network: &dyn Network, images: &[Pixels]) -> Answers {
    catch_unwind(AssertUnwindSafe(|| network.run(images)))
        .unwrap_or_else(|_| Err(ModelError::Failed("the network gave up".to_owned())))
}

/// Where a network runs.
enum Runner {
    /// On the batching thread, which hands the work to the network's pool.
    Here(Arc<dyn Network>),
    /// On a thread of its own, so that somebody is there when the time is over.
    Apart(Apart),
}

impl Runner {
    fn run(&mut self, images: Vec<Pixels>) -> Answers {
        match self {
            Self::Here(network) => run_caught(&**network, &images),
            Self::Apart(apart) => apart.run(images),
        }
    }
}

struct Apart {
    batches: Sender<Vec<Pixels>>,
    answers: Receiver<Answers>,
    limit: Duration,
    /// Whether an answer is still owed for a batch that was given up.
    is_late: bool,
}

impl Apart {
    fn start(network: Arc<dyn Network>, limit: Duration) -> Result<Self, ModelError> {
        let (batches, taken) = channel::<Vec<Pixels>>();
        let (answered, answers) = channel();
        thread("fovea-network", move || {
            while let Ok(images) = taken.recv() {
                if answered.send(run_caught(&*network, &images)).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self { batches, answers, limit, is_late: false })
    }

    /// The arithmetic cannot be interrupted. While it goes on after its time,
    /// nothing else is given to it: callers are refused at once.
    fn run(&mut self, images: Vec<Pixels>) -> Answers {
        if self.is_late {
            match self.answers.try_recv() {
                Err(TryRecvError::Empty) => return Err(self.too_slow()),
                Err(TryRecvError::Disconnected) => return Err(ended()),
                Ok(_) => self.is_late = false,
            }
        }
        let limit = self.limit.saturating_mul(images.len().max(1) as u32);
        let budget = TimeBudget::begin(std::process::id(), limit);
        self.batches.send(images).map_err(|_| ended())?;
        loop {
            match self.answers.recv_timeout(GLANCE) {
                Ok(answers) => return answers,
                Err(RecvTimeoutError::Disconnected) => return Err(ended()),
                Err(RecvTimeoutError::Timeout) if budget.is_over() => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
        self.is_late = true;
        Err(self.too_slow())
    }

    fn too_slow(&self) -> ModelError {
        ModelError::Failed(format!("the model took longer than {} s for an image", self.limit.as_secs_f64()))
    }
}

fn ended() -> ModelError {
    ModelError::Failed("the network's thread has ended".to_owned())
}

struct Worker {
    options: InferenceOptions,
    counters: Arc<Counters>,
    expected: Arc<AtomicU64>,
}

impl Worker {
    /// Until the last sender is gone and everything waiting is answered.
    fn run(&self, receiver: &Receiver<Request>, mut runner: Runner) {
        while let Some(batch) = self.collect(receiver) {
            self.counters.queued.fetch_sub(batch.len() as u64, Relaxed);
            self.answer(batch, &mut runner);
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

    fn answer(&self, batch: Vec<Request>, runner: &mut Runner) {
        let (images, replies): (Vec<Pixels>, Vec<Reply>) =
            batch.into_iter().map(|request| (request.image, request.reply)).unzip();
        let results = runner.run(images);
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{geometry::Size, name::Label};
    use std::sync::atomic::AtomicBool;

    /// Counts to no end until it is released.
    struct Endless {
        is_released: Arc<AtomicBool>,
    }

    impl Network for Endless {
        fn labels(&self) -> &[Label] {
            &[]
        }

        fn run(&self, images: &[Pixels]) -> Answers {
            while !self.is_released.load(Relaxed) {
                std::hint::spin_loop();
            }
            let nothing = Inference { detections: Vec::new(), embedding: None };
            Ok(vec![nothing; images.len()])
        }

        fn time_limit(&self) -> Option<Duration> {
            Some(Duration::from_millis(20))
        }
    }

    #[test]
    fn arithmetic_without_end_is_given_up_and_what_comes_meanwhile_is_refused() {
        let is_released = Arc::new(AtomicBool::new(false));
        let network = Arc::new(Endless { is_released: Arc::clone(&is_released) });
        let batcher = Batcher::start(network, InferenceOptions::default()).unwrap();
        let ask = || {
            let (sender, receiver) = channel();
            let image = Pixels::new(Size { width: 1, height: 1 }, vec![0; 3]).unwrap();
            batcher.submit(image, Box::new(move |answer| drop(sender.send(answer))));
            receiver.recv().unwrap()
        };
        for _ in 0..2 {
            let refusal = ask().unwrap_err().to_string();
            assert!(refusal.contains("took longer than 0.02 s"), "{refusal}");
        }
        is_released.store(true, Relaxed);
        // Once the answer that nobody waits for is there, others are taken.
        let begun = Instant::now();
        while let Err(refusal) = ask() {
            assert!(begun.elapsed() < Duration::from_secs(60), "{refusal}");
        }
    }
}
