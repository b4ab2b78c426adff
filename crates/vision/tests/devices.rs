//! The detector on a GPU gives what it gives on the processors, and learns as
//! it does there. Where this build or this machine has no GPU, the tests say so
//! and try nothing.

#![allow(clippy::unwrap_used, reason = "a test that panics has done its work")]

mod squares;

use domain::{
    inference::{Detection, Inference, ModelFile, Pixels, PredictorLoader},
    training::{Control, TrainEvent, TrainRequest, Trainer},
};
use engine::{InferenceOptions, Loader};
use squares::{params, picture, request};
use std::{path::Path, sync::mpsc};
use vision::{DeviceChoice, VisionFormat, VisionTrainer};

const STEPS: u32 = 30;

/// Any GPU will do, software on the processors, too.
fn gpu() -> Option<DeviceChoice> {
    let found = vision::gpus().into_iter().find(|gpu| gpu.name.is_ok());
    match &found {
        Some(gpu) => eprintln!("tried on {}", gpu.name.as_deref().unwrap_or_default()),
        None if vision::GPUS_ARE_BUILT_IN => eprintln!("no GPU is seen here: nothing is tried"),
        None => eprintln!("this build knows no GPU (--features gpu): nothing is tried"),
    }
    found.map(|gpu| DeviceChoice::Gpu(gpu.number))
}

/// The loss of each step.
fn train(request: &TrainRequest, device: DeviceChoice) -> Vec<f64> {
    let mut losses = Vec::new();
    VisionTrainer::on(device)
        .train(request, &mut |event| {
            if let TrainEvent::Step { loss, .. } = event {
                losses.push(*loss);
            }
            Control::Continue
        })
        .unwrap();
    losses
}

fn predict(weights: &Path, device: DeviceChoice, pictures: &[Pixels]) -> Vec<Inference> {
    let bytes = std::fs::read(weights).unwrap();
    let loader = Loader::new(InferenceOptions::default()).unwrap().with(VisionFormat::on(device));
    let predictor = loader.load(ModelFile::fovea(&bytes)).unwrap();
    // All at once, so that they come as batches.
    let (sender, receiver) = mpsc::channel();
    for (index, picture) in pictures.iter().enumerate() {
        let sender = sender.clone();
        predictor
            .predict(picture.clone(), Box::new(move |result| sender.send((index, result.unwrap())).unwrap()));
    }
    let mut found: Vec<(usize, Inference)> = receiver.iter().take(pictures.len()).collect();
    found.sort_by_key(|(index, _)| *index);
    found.into_iter().map(|(_, inference)| inference).collect()
}

/// Whether each box is among the others, to a thousandth. What is hardly told
/// at all may be missing.
fn are_met(boxes: &[Detection], others: &[Detection]) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() < 1e-3 * a.abs().max(1.0);
    let same = |a: &Detection, b: &Detection| {
        let sides = [(a.rect.x(), b.rect.x()), (a.rect.y(), b.rect.y())];
        let lengths = [(a.rect.w(), b.rect.w()), (a.rect.h(), b.rect.h())];
        let scores = (a.score.get() - b.score.get()).abs() < 1e-3;
        a.class == b.class && scores && sides.into_iter().chain(lengths).all(|(a, b)| near(a, b))
    };
    let told = boxes.iter().filter(|found| found.score.get() > 0.012);
    told.into_iter().all(|found| others.iter().any(|other| same(found, other)))
}

#[test]
fn boxes_scores_and_embeddings_are_those_of_the_processors() {
    let Some(gpu) = gpu() else { return };
    let folder = tempfile::tempdir().unwrap();
    let request = request(folder.path(), 24, 4, params(100));
    train(&request, DeviceChoice::Cpu);
    let pictures: Vec<Pixels> = (100..106).map(|seed| picture(seed).0).collect();
    let here = predict(&request.output, DeviceChoice::Cpu, &pictures);
    let there = predict(&request.output, gpu, &pictures);
    let boxes: usize = here.iter().map(|inference| inference.detections.len()).sum();
    assert!(boxes > 0, "pictures without boxes show nothing");
    for (here, there) in here.iter().zip(&there) {
        assert!(are_met(&here.detections, &there.detections), "{here:?} {there:?}");
        assert!(are_met(&there.detections, &here.detections), "{here:?} {there:?}");
        let (Some(a), Some(b)) = (&here.embedding, &there.embedding) else { panic!("no embedding") };
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-3));
    }
}

#[test]
fn a_training_falls_as_it_does_on_the_processors() {
    let Some(gpu) = gpu() else { return };
    let folder = tempfile::tempdir().unwrap();
    let request = request(folder.path(), 16, 4, params(STEPS));
    let here = train(&request, DeviceChoice::Cpu);
    let there = train(&request, gpu);
    assert_eq!((here.len(), there.len()), (STEPS as usize, STEPS as usize));
    // The same weights, the same pictures: the first losses are the same, and
    // what sums in another order changes grows slowly.
    for (step, (a, b)) in here.iter().zip(&there).enumerate() {
        let tolerance = if step < 3 { 1e-3 } else { 0.1 };
        assert!((a - b).abs() < tolerance * a, "step {step}: {a} {b}");
    }
    let mean = |losses: &[f64]| losses.iter().sum::<f64>() / losses.len() as f64;
    assert!(mean(&there[25..]) < mean(&there[..5]), "{there:?}");
}
