//! Trainings on drawn squares: small, and real.

#![allow(clippy::unwrap_used, reason = "a test that panics has done its work")]

mod squares;

use domain::{
    dataset::Annotation,
    inference::{ModelError, ModelFile, Pixels, Predictor, PredictorLoader},
    name::Label,
    training::{Control, TrainError, TrainEvent, TrainOutcome, TrainParams, TrainRequest, Trainer},
};
use engine::InferenceOptions;
use measures::metrics::coco::{DetectedBox, ImageBoxes, Summary, TruthBox, evaluate};
use sha2::{Digest, Sha256};
use squares::{SIZE, labels, params, picture, request};
use std::{
    sync::{Arc, mpsc},
    time::Duration,
};
use vision::{DeviceChoice, VisionTrainer};

fn train(request: &TrainRequest) -> (TrainOutcome, Vec<TrainEvent>) {
    let mut events = Vec::new();
    let outcome = VisionTrainer::on(DeviceChoice::Cpu).train(request, &mut |event| {
        events.push(event.clone());
        Control::Continue
    });
    (outcome.unwrap(), events)
}

fn load(request: &TrainRequest) -> Arc<dyn Predictor> {
    let loader = vision::loader(InferenceOptions::default()).unwrap();
    loader.load(ModelFile::fovea(&std::fs::read(&request.output).unwrap())).unwrap()
}

fn ask(predictor: &dyn Predictor, image: Pixels) -> domain::inference::Inference {
    let (sender, receiver) = mpsc::channel();
    predictor.predict(image, Box::new(move |result| sender.send(result).unwrap()));
    receiver.recv().unwrap().unwrap()
}

fn measure(predictor: &dyn Predictor, pictures: impl Iterator<Item = (Pixels, Vec<Annotation>)>) -> Summary {
    let class = |label: &Label| predictor.labels().iter().position(|other| other == label).unwrap();
    let images: Vec<ImageBoxes> = pictures
        .map(|(pixels, annotations)| ImageBoxes {
            truths: annotations.iter().map(|a| TruthBox::new(class(&a.label), &a.rect, false)).collect(),
            detections: ask(predictor, pixels)
                .detections
                .iter()
                .map(|d| DetectedBox::new(d.class, &d.rect, d.score))
                .collect(),
        })
        .collect();
    evaluate(predictor.labels().len(), &images).summary
}

#[test]
fn a_short_training_finds_squares_it_has_never_seen() {
    let folder = tempfile::tempdir().unwrap();
    let request = request(folder.path(), 48, 8, params(150));
    let (outcome, events) = train(&request);

    assert_eq!((outcome.steps, outcome.stopped_early), (150, false));
    let losses: Vec<f64> = events
        .iter()
        .filter_map(|event| match event {
            TrainEvent::Step { loss, loss_class, loss_box, .. } => {
                assert!((loss - loss_class - loss_box).abs() < 1e-6);
                Some(*loss)
            }
            _ => None,
        })
        .collect();
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    assert_eq!(losses.len(), 150);
    assert!(mean(&losses[130..]) < mean(&losses[..20]) * 0.7, "{losses:?}");

    let best = events.iter().filter_map(|event| match event {
        TrainEvent::Validated { summary, .. } => Some(summary.AP),
        _ => None,
    });
    assert_eq!(outcome.validation.map(|s| s.AP), best.max_by(f64::total_cmp));

    let bytes = std::fs::read(&request.output).unwrap();
    let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(outcome.sha256, hash);

    let predictor = load(&request);
    let summary = measure(&*predictor, (1000..1016).map(picture));
    assert!(summary.AP50 > 0.7, "{summary:?}");
}

#[test]
fn the_same_seed_gives_the_same_weights_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = request(folder.path(), 12, 0, params(6));
    let first = train(&request).0.sha256;
    assert_eq!(train(&request).0.sha256, first);
    request.params.seed = 1;
    assert_ne!(train(&request).0.sha256, first);
}

#[test]
fn a_cancelled_training_leaves_a_usable_model() {
    let folder = tempfile::tempdir().unwrap();
    let request = request(folder.path(), 12, 4, params(1000));
    let outcome = VisionTrainer::on(DeviceChoice::Cpu)
        .train(&request, &mut |event| match event {
            TrainEvent::Step { step: 3, .. } => Control::Stop,
            _ => Control::Continue,
        })
        .unwrap();
    assert_eq!((outcome.steps, outcome.stopped_early), (3, true));
    let found = ask(&*load(&request), picture(1).0);
    assert!(found.detections.iter().all(|d| d.rect.is_inside(SIZE, 1e-6)));
}

#[test]
fn a_time_limit_ends_a_training_with_a_usable_model() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = request(folder.path(), 12, 4, params(1_000_000));
    request.params.time_limit_s = 1;
    let (outcome, events) = train(&request);
    assert!(outcome.stopped_early && outcome.steps > 0);
    // The schedule was cut to fit: the rate has come down.
    let rate = events.iter().rev().find_map(|event| match event {
        TrainEvent::Step { learning_rate, .. } => Some(*learning_rate),
        _ => None,
    });
    assert!(rate.unwrap() < request.params.learning_rate);
    assert_eq!(load(&request).labels(), labels());
}

#[test]
fn a_time_limit_that_getting_ready_used_up_still_gives_a_step() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = request(folder.path(), 12, 4, params(1_000_000));
    request.params.time_limit_s = 1;
    let (_sender, nothing) = mpsc::channel::<()>();
    let mut steps = 0;
    let outcome = VisionTrainer::on(DeviceChoice::Cpu).train(&request, &mut |event| {
        match event {
            // All the time is gone before the first step.
            TrainEvent::Started { .. } => _ = nothing.recv_timeout(Duration::from_secs(1)),
            TrainEvent::Validated { .. } => assert!(steps > 0, "weights of no step are not measured"),
            TrainEvent::Step { .. } => steps += 1,
            _ => {}
        }
        Control::Continue
    });
    let outcome = outcome.unwrap();
    assert_eq!((outcome.steps, steps, outcome.stopped_early), (1, 1, true));
    assert_eq!(load(&request).labels(), labels());
}

#[test]
fn training_goes_on_from_an_earlier_version_with_a_new_label() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = request(folder.path(), 32, 8, params(120));
    let before = train(&request).0.validation.unwrap();
    request.base = Some(request.output.clone());
    request.output = folder.path().join("second");
    request.labels.insert(0, Label::new("nothing yet").unwrap());
    request.params = TrainParams { learning_rate: 1e-5, ..params(1) };
    let (outcome, events) = train(&request);
    assert!(events.iter().any(|event| matches!(event, TrainEvent::Log { .. })));
    // One tiny step from weights that know: as good as before, at once.
    let after = outcome.validation.unwrap();
    assert!(after.AP50 > before.AP50 * 0.8 && before.AP50 > 0.4, "{before:?} {after:?}");
    assert_eq!(load(&request).labels().len(), 3);
}

#[test]
fn requests_that_cannot_work_are_refused_and_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let good = request(folder.path(), 2, 0, params(1));
    let refused = |request: &TrainRequest| {
        let error =
            VisionTrainer::on(DeviceChoice::Cpu).train(request, &mut |_| Control::Continue).unwrap_err();
        assert!(!request.output.exists());
        error
    };
    let none = TrainRequest { images: Vec::new(), ..good.clone() };
    assert!(matches!(refused(&none), TrainError::Request(_)));
    let unlisted = TrainRequest { labels: labels()[..1].to_vec(), ..good.clone() };
    assert!(matches!(refused(&unlisted), TrainError::Request(_)));
    let mut broken = good;
    std::fs::write(&broken.images[0].path, b"not a picture").unwrap();
    assert!(matches!(refused(&broken), TrainError::Failed(message) if message.contains("0.jpg")));
    broken.base = Some(folder.path().join("absent"));
    assert!(matches!(refused(&broken), TrainError::Request(_)));
}

#[test]
fn bytes_that_are_no_weights_are_refused() {
    let loader = vision::loader(InferenceOptions::default()).unwrap();
    assert!(matches!(loader.load(ModelFile::fovea(b"nonsense")), Err(ModelError::Weights(_))));
}

/// With a rate that is nearly nothing a training from weights that know gets
/// no better, and is ended once it has waited.
#[test]
fn a_training_that_gets_no_better_ends_early_and_gives_its_latest_weights() {
    let folder = tempfile::tempdir().unwrap();
    let mut request = request(folder.path(), 24, 30, params(150));
    train(&request);
    request.base = Some(request.output.clone());
    request.output = folder.path().join("second");
    request.params = TrainParams { learning_rate: 1e-9, evaluations: 10, ..params(40) };
    let patient = TrainParams { patience: 0, ..request.params.clone() };
    let steps_of = |params: TrainParams| {
        let (outcome, events) = train(&TrainRequest { params, ..request.clone() });
        let ends = events.iter().filter_map(|event| match event {
            TrainEvent::StoppedEarly { step } => Some(*step),
            _ => None,
        });
        let told = events.iter().any(
            |event| matches!(event, TrainEvent::Log { message } if message.starts_with("ended early: 2 measurements")),
        );
        (outcome.steps, outcome.stopped_early, ends.collect::<Vec<_>>(), told)
    };
    // Measured after every fourth step. What layers normalise by still settles
    // at first, which may be a gain.
    let given = TrainParams { patience: 2, ..request.params.clone() };
    let (steps, early, ends, told) = steps_of(given);
    assert_eq!(((12..40).contains(&steps), early, ends, told), (true, true, vec![steps], true), "{steps}");
    assert_eq!(steps_of(patient), (40, false, vec![], false));
    let planned = TrainParams { patience: -1, ..request.params.clone() };
    let by_plan = steps_of(planned).0;
    assert!(
        ((steps + 24).min(40)..=40).contains(&by_plan),
        "{by_plan}: eight of ten measurements are waited"
    );
}

#[test]
fn a_training_says_its_plan_before_its_first_step() {
    let folder = tempfile::tempdir().unwrap();
    let (_, events) = train(&request(folder.path(), 12, 4, params(2)));
    let place = |wanted: fn(&TrainEvent) -> bool| events.iter().position(wanted).unwrap();
    assert!(
        place(|event| matches!(event, TrainEvent::Planned { plan }
            if (plan.input_width, plan.images, plan.held, plan.batch_size) == (96, 12, 4, 8)))
            < place(|event| matches!(event, TrainEvent::Step { .. }))
    );
}
