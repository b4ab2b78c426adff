//! Requests that come together run together.

#![allow(clippy::unwrap_used, reason = "a test that panics has done its work")]

mod squares;

use domain::{
    inference::{ModelError, ModelFile, Predictor, PredictorLoader},
    training::{Control, Trainer},
};
use engine::InferenceOptions;
use std::{
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};
use vision::{DeviceChoice, VisionTrainer};

fn predictor(options: InferenceOptions) -> Arc<dyn Predictor> {
    let folder = tempfile::tempdir().unwrap();
    let request = squares::request(folder.path(), 2, 0, squares::params(1));
    VisionTrainer::on(DeviceChoice::Cpu).train(&request, &mut |_| Control::Continue).unwrap();
    let loader = vision::loader(options).unwrap();
    loader.load(ModelFile::fovea(&std::fs::read(&request.output).unwrap())).unwrap()
}

/// Keeps the pool busy, from the time this returns until the sender is gone.
fn hold(predictor: &dyn Predictor) -> mpsc::Sender<()> {
    let (entered, enter) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    let reply = move |_| {
        entered.send(()).unwrap();
        let _ = released.recv();
    };
    predictor.predict(squares::picture(0).0, Box::new(reply));
    enter.recv().unwrap();
    release
}

#[test]
fn concurrent_requests_share_runs_of_the_network_and_keep_their_order() {
    let options = InferenceOptions { max_batch: 4, threads: 1, ..InferenceOptions::default() };
    let predictor = predictor(options);
    let alone: Vec<_> = (1..9)
        .map(|seed| {
            let (sender, receiver) = mpsc::channel();
            let reply = move |result| sender.send(result).unwrap();
            predictor.predict(squares::picture(seed).0, Box::new(reply));
            receiver.recv().unwrap().unwrap()
        })
        .collect();
    let before = predictor.counters();
    assert_eq!((before.requests, before.inferences, before.executions), (8, 8, 8));

    let release = hold(&*predictor);
    let (sender, receiver) = mpsc::channel();
    for seed in 1..9 {
        let sender = sender.clone();
        let reply = move |result| sender.send((seed, result)).unwrap();
        predictor.predict(squares::picture(seed).0, Box::new(reply));
    }
    assert_eq!(predictor.counters().queued, 8);
    drop(release);
    let mut answers: Vec<_> = (1..9).map(|_| receiver.recv().unwrap()).collect();
    answers.sort_by_key(|(seed, _)| *seed);
    for ((_, together), alone) in answers.into_iter().zip(alone) {
        let together = together.unwrap();
        assert_eq!(together.detections.len(), alone.detections.len());
        for (a, b) in together.embedding.unwrap().iter().zip(alone.embedding.as_ref().unwrap()) {
            assert!((a - b).abs() < 1e-5);
        }
    }
    let after = predictor.counters();
    assert_eq!((after.requests, after.inferences, after.queued), (17, 17, 0));
    assert_eq!(after.executions, before.executions + 1 + 2);
}

#[test]
fn a_batch_waits_for_what_is_on_its_way_and_no_longer() {
    let wait = Duration::from_secs(20);
    let options = InferenceOptions { max_wait: wait, threads: 1, ..InferenceOptions::default() };
    let predictor = predictor(options);
    let begun = Instant::now();
    let (sender, receiver) = mpsc::channel();
    let ask = |seed| {
        let sender = sender.clone();
        predictor.predict(squares::picture(seed).0, Box::new(move |r| sender.send(r.map(drop)).unwrap()));
    };
    let second = predictor.expect();
    ask(1);
    assert!(receiver.recv_timeout(Duration::from_millis(300)).is_err(), "the second one is on its way");
    drop(second);
    ask(2);
    assert_eq!([receiver.recv().unwrap(), receiver.recv().unwrap()], [Ok(()), Ok(())]);
    assert_eq!(predictor.counters().executions, 1);
    ask(3);
    assert_eq!(receiver.recv().unwrap(), Ok(()));
    assert!(begun.elapsed() < wait, "nobody waits for company that is not expected");
}

#[test]
fn a_full_queue_refuses_at_once() {
    let options = InferenceOptions { queue: 2, threads: 1, ..InferenceOptions::default() };
    let predictor = predictor(options);
    let release = hold(&*predictor);
    let (sender, receiver) = mpsc::channel();
    for _ in 0..3 {
        let sender = sender.clone();
        predictor.predict(squares::picture(1).0, Box::new(move |r| sender.send(r.map(drop)).unwrap()));
    }
    assert_eq!(receiver.recv().unwrap(), Err(ModelError::Busy));
    drop(release);
    assert_eq!([receiver.recv().unwrap(), receiver.recv().unwrap()], [Ok(()), Ok(())]);
}

#[test]
fn answers_still_come_after_the_predictor_is_gone() {
    let predictor = predictor(InferenceOptions { threads: 1, ..InferenceOptions::default() });
    let release = hold(&*predictor);
    let (sender, receiver) = mpsc::channel();
    predictor.predict(squares::picture(1).0, Box::new(move |result| sender.send(result).unwrap()));
    drop(predictor);
    drop(release);
    let found = receiver.recv().unwrap().unwrap();
    let norm: f32 = found.embedding.unwrap().iter().map(|v| v * v).sum();
    assert!((norm - 1.0).abs() < 1e-4);
}
