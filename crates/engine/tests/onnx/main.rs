//! ONNX files that the tests write themselves: what is recognised, which boxes
//! come out, and what is refused.

#![allow(clippy::unwrap_used, reason = "a test may fail loudly")]

mod builder;
mod forms;
mod onnxruntime;
mod programs;
mod refusals;
mod suppression;

use domain::{
    geometry::Size,
    inference::{ImportHints, Inference, Inspected, ModelError, ModelFile, Pixels, PredictorLoader},
    name::Label,
};
use engine::{
    InferenceOptions, Loader,
    onnx::{AnswerLimits, OnnxFormat, Rten},
};
use std::sync::mpsc;

fn loader() -> Loader {
    let limits = AnswerLimits { least_score: 0.01, ..AnswerLimits::default() };
    let onnx = OnnxFormat::new(Rten::new(1)).with_limits(limits);
    Loader::new(InferenceOptions { threads: 1, ..InferenceOptions::default() }).unwrap().with(onnx)
}

fn labels(names: &[&str]) -> Vec<Label> {
    names.iter().map(|name| Label::new(*name).unwrap()).collect()
}

fn hints(names: &[&str]) -> ImportHints {
    ImportHints { recipe: None, labels: labels(names) }
}

fn inspect(file: &[u8], hints: &ImportHints) -> Result<Inspected, ModelError> {
    loader().inspect(file, hints)
}

/// What is seen in a picture of 64×48.
fn predict(file: &[u8], inspected: &Inspected) -> Inference {
    let file = ModelFile {
        format: inspected.format,
        bytes: file,
        recipe: inspected.recipe.as_ref(),
        labels: &inspected.labels,
    };
    let predictor = loader().load(file).unwrap();
    let pixels = Pixels::new(Size { width: 64, height: 48 }, vec![100; 64 * 48 * 3]).unwrap();
    let (sender, receiver) = mpsc::channel();
    predictor.predict(pixels, Box::new(move |answer| sender.send(answer).unwrap()));
    receiver.recv().unwrap().unwrap()
}

/// Label, score in hundredths, and left, top, right, bottom.
type Expected = (&'static str, u32, [f64; 4]);

#[track_caller]
fn check(file: &[u8], hints: &ImportHints, expected: &[Expected]) -> Inspected {
    let inspected = inspect(file, hints).unwrap();
    let found = predict(file, &inspected);
    let boxes: Vec<(String, u32, [f64; 4])> = found
        .detections
        .iter()
        .map(|detection| {
            let rect = &detection.rect;
            let edges =
                [rect.x(), rect.y(), rect.right(), rect.bottom()].map(|edge| (edge * 1e3).round() / 1e3);
            let label = inspected.labels[detection.class].to_string();
            (label, (detection.score.get() * 100.0).round() as u32, edges)
        })
        .collect();
    let expected: Vec<_> =
        expected.iter().map(|(label, score, edges)| ((*label).to_owned(), *score, *edges)).collect();
    assert_eq!(boxes, expected, "{}", inspected.recipe.as_ref().unwrap());
    assert_eq!(found.embedding, None);
    inspected
}
