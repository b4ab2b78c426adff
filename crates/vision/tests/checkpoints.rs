//! Trainings that are interrupted and go on: small, and real.

#![allow(clippy::unwrap_used, reason = "a test that panics has done its work")]

mod squares;

use domain::training::{
    Checkpoints, Control, TrainError, TrainEvent, TrainOutcome, TrainParams, TrainRequest, Trainer,
};
use std::path::{Path, PathBuf};
use vision::{DeviceChoice, VisionTrainer};

const STEPS: u32 = 12;

fn request(folder: &Path) -> TrainRequest {
    squares::request(folder, 12, 4, TrainParams { evaluations: 3, ..squares::params(STEPS) })
}

/// With checkpoints beside the data.
fn keeping(request: &TrainRequest, every_s: u64, resume: Option<PathBuf>) -> TrainRequest {
    let folder = request.output.with_file_name("checkpoints");
    TrainRequest { checkpoints: Some(Checkpoints { folder, every_s, resume }), ..request.clone() }
}

/// Trains until it is told to suspend after this step.
fn train(
    request: &TrainRequest,
    suspend_after: Option<u32>,
) -> (Result<TrainOutcome, TrainError>, Vec<TrainEvent>) {
    let mut events = Vec::new();
    let outcome = VisionTrainer::on(DeviceChoice::Cpu).train(request, &mut |event| {
        events.push(event.clone());
        match event {
            TrainEvent::Step { step, .. } if Some(*step) == suspend_after => Control::Suspend,
            _ => Control::Continue,
        }
    });
    (outcome, events)
}

/// Steps with their losses, and measurements with their AP.
fn curve(events: &[TrainEvent]) -> Vec<(u32, &'static str, f64)> {
    let point = |event: &TrainEvent| match event {
        TrainEvent::Step { step, loss, .. } => Some((*step, "loss", *loss)),
        TrainEvent::Validated { step, summary } => Some((*step, "ap", summary.AP)),
        _ => None,
    };
    events.iter().filter_map(point).collect()
}

fn checkpoints(events: &[TrainEvent]) -> Vec<(u32, PathBuf)> {
    let checkpoint = |event: &TrainEvent| match event {
        TrainEvent::Checkpoint { step, path } => Some((*step, path.clone())),
        _ => None,
    };
    events.iter().filter_map(checkpoint).collect()
}

#[test]
fn an_interrupted_training_comes_to_the_same_weights_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let plain = request(folder.path());
    let (whole, all) = train(&plain, None);
    let whole = whole.unwrap();
    assert_eq!(whole.steps, STEPS);
    // Steps 4 and 8 are those after which a measurement is due.
    for steps in [vec![1], vec![4], vec![3, 4, 11], vec![5, 8]] {
        let (mut resume, mut told) = (None, Vec::new());
        for step in &steps {
            let (suspended, events) = train(&keeping(&plain, 3600, resume.take()), Some(*step));
            assert_eq!(suspended, Err(TrainError::Suspended));
            assert_eq!(checkpoints(&events).iter().map(|(step, _)| *step).collect::<Vec<_>>(), [*step]);
            resume = checkpoints(&events).pop().map(|(_, path)| path);
            told.extend(events);
        }
        let (outcome, events) = train(&keeping(&plain, 3600, resume), None);
        let outcome = outcome.unwrap();
        assert_eq!(events[0], TrainEvent::Started { step: *steps.last().unwrap() });
        told.extend(events);
        assert_eq!((&outcome.sha256, outcome.steps), (&whole.sha256, STEPS), "interrupted after {steps:?}");
        assert_eq!(outcome.validation, whole.validation);
        assert_eq!(curve(&told), curve(&all), "no step is missing or told twice");
    }
}

#[test]
fn a_training_that_is_killed_goes_on_from_its_latest_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let plain = request(folder.path());
    let (whole, all) = train(&keeping(&plain, 0, None), None);
    let whole = whole.unwrap();
    let written = checkpoints(&all);
    assert_eq!(written.iter().map(|(step, _)| *step).collect::<Vec<_>>(), (1..STEPS).collect::<Vec<_>>());
    // As if it had been killed somewhere after this one was written.
    for (step, path) in written.into_iter().step_by(3) {
        let (outcome, events) = train(&keeping(&plain, 3600, Some(path)), None);
        assert_eq!(outcome.unwrap().sha256, whole.sha256, "killed after {step}");
        let first = curve(&events).first().map(|(step, ..)| *step);
        assert!(first == Some(step) || first == Some(step + 1), "it goes on after {step}: {first:?}");
    }
}

/// What was waited for goes on, too, and so does an end that was near.
#[test]
fn an_interrupted_training_ends_early_where_it_would_have() {
    let folder = tempfile::tempdir().unwrap();
    let params = TrainParams { evaluations: 6, patience: 2, learning_rate: 1e-9, ..squares::params(STEPS) };
    let first = squares::request(folder.path(), 12, 4, squares::params(150));
    train(&first, None).0.unwrap();
    let plain = TrainRequest {
        params,
        base: Some(first.output.clone()),
        output: folder.path().join("second"),
        ..first
    };
    let (whole, _) = train(&plain, None);
    let whole = whole.unwrap();
    assert_eq!((whole.steps, whole.stopped_early), (6, true), "measured after 2, 4 and 6");
    for step in [3, 5, 6] {
        let (suspended, events) = train(&keeping(&plain, 3600, None), Some(step));
        assert_eq!(suspended, Err(TrainError::Suspended));
        let resume = checkpoints(&events).pop().map(|(_, path)| path);
        let (outcome, _) = train(&keeping(&plain, 3600, resume), None);
        let outcome = outcome.unwrap();
        assert_eq!((outcome.steps, outcome.stopped_early, outcome.sha256), (6, true, whole.sha256.clone()));
    }
}

#[test]
fn a_damaged_or_foreign_checkpoint_is_told_and_left_aside() {
    let folder = tempfile::tempdir().unwrap();
    let plain = request(folder.path());
    let whole = train(&plain, None).0.unwrap();
    let (_, events) = train(&keeping(&plain, 3600, None), Some(5));
    let (_, path) = checkpoints(&events).remove(0);
    let bytes = std::fs::read(&path).unwrap();
    let begins_anew = |request: &TrainRequest| {
        let (outcome, events) = train(request, None);
        assert_eq!(events[0], TrainEvent::Started { step: 0 });
        assert!(
            matches!(&events[1], TrainEvent::Log { message } if message.contains("cannot be used")),
            "{:?}",
            events[1]
        );
        outcome.unwrap()
    };
    let broken = folder.path().join("broken");
    for at in [0, 40, bytes.len() / 2, bytes.len() - 1] {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        std::fs::write(&broken, altered).unwrap();
        assert_eq!(begins_anew(&keeping(&plain, 3600, Some(broken.clone()))).sha256, whole.sha256);
    }
    for length in [0, 20, bytes.len() / 2] {
        std::fs::write(&broken, &bytes[..length]).unwrap();
        assert_eq!(begins_anew(&keeping(&plain, 3600, Some(broken.clone()))).sha256, whole.sha256);
    }
    let mut other = keeping(&plain, 3600, Some(path.clone()));
    other.params.seed = 1;
    assert_ne!(begins_anew(&other).sha256, whole.sha256);
    let mut other = keeping(&plain, 3600, Some(path));
    other.images[0].annotations.pop();
    assert_ne!(begins_anew(&other).sha256, whole.sha256);
    let absent = keeping(&plain, 3600, Some(folder.path().join("absent")));
    assert_eq!(train(&absent, None).0.unwrap().sha256, whole.sha256);
}

#[test]
fn a_checkpoint_that_cannot_be_written_ends_no_training() {
    let folder = tempfile::tempdir().unwrap();
    let plain = request(folder.path());
    std::fs::write(folder.path().join("checkpoints"), "a file where a folder should be").unwrap();
    let (outcome, events) = train(&keeping(&plain, 0, None), None);
    assert_eq!(outcome.unwrap().sha256, train(&plain, None).0.unwrap().sha256);
    let is_told = |event: &&TrainEvent| matches!(event, TrainEvent::Log { message } if message.contains("no checkpoint"));
    assert_eq!(events.iter().filter(is_told).count(), 1, "it is told once");
}
