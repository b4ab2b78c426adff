//! Boxes of a model in pictures, for comparing with its own package:
//!
//! `cargo run --release -p engine --example detect MODEL [--labels a,b] [--recipe FILE] [--times] PICTURE…`
//!
//! One JSON object: for each picture's name without its ending, boxes as
//! `{"xyxy", "score", "class"}` with the network's own number of the class,
//! from a score of 0.001 on. What was recognised goes to standard error. With
//! `--times` the milliseconds of each picture as one JSON array instead, decoded
//! before and with boxes from 0.01 on, as they are served. Where
//! `FOVEA_ONNXRUNTIME` names its library, ONNX Runtime runs the graph.

#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use domain::{
    inference::{ImportHints, ModelError, ModelFile, Pixels, Predictor, PredictorLoader},
    name::Label,
    recipe::Recipe,
};
use engine::{
    InferenceOptions, Loader,
    onnx::{
        Accelerators, AnswerLimits, OnnxFormat, OnnxRuntime, Rten, TRIAL_COMMAND, TrialProgram,
        run_trial_child,
    },
};
use serde_json::{Map, Value, json};
use std::{
    error::Error,
    path::{Path, PathBuf},
    sync::mpsc,
    time::Instant,
};

type Failure = Box<dyn Error>;

fn hints(arguments: &mut Vec<String>) -> Result<ImportHints, Failure> {
    let mut option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.remove(at);
        (at < arguments.len()).then(|| arguments.remove(at))
    };
    let labels = option("--labels").unwrap_or_default();
    let labels =
        labels.split(',').filter(|label| !label.is_empty()).map(Label::new).collect::<Result<_, _>>()?;
    let recipe = option("--recipe").map(std::fs::read_to_string).transpose()?;
    let recipe = recipe.map(|text| Recipe::from_json(&text)).transpose()?;
    Ok(ImportHints { recipe, labels })
}

fn ask(predictor: &dyn Predictor, pixels: Pixels) -> Result<domain::inference::Inference, Failure> {
    let (sender, receiver) = mpsc::channel();
    predictor.predict(pixels, Box::new(move |result| drop(sender.send(result))));
    Ok(receiver.recv()??)
}

fn format(limits: AnswerLimits) -> Result<OnnxFormat, Failure> {
    let library = std::env::var_os("FOVEA_ONNXRUNTIME").filter(|path| !path.is_empty()).map(PathBuf::from);
    let onnx = match library {
        Some(path) => OnnxFormat::new(OnnxRuntime::open(&path, 0, Accelerators::IfThere)?),
        None => {
            let program = TrialProgram::new(&std::env::current_exe()?);
            OnnxFormat::new(Rten::new(0)).tried_by(program)
        }
    };
    Ok(onnx.with_limits(limits))
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|argument| argument == TRIAL_COMMAND) {
        return Ok(run_trial_child(&Rten::new(0))?);
    }
    detect(arguments)
}

fn detect(mut arguments: Vec<String>) -> Result<(), Failure> {
    let hints = hints(&mut arguments)?;
    let given = arguments.len();
    arguments.retain(|argument| argument != "--times");
    let only_times = arguments.len() < given;
    let Some((model, pictures)) = arguments.split_first() else {
        eprintln!("usage: detect MODEL [--labels a,b] [--recipe FILE] [--times] PICTURE…");
        return Ok(());
    };
    let least_score = if only_times { AnswerLimits::default().least_score } else { 0.001 };
    let onnx = format(AnswerLimits { least_score, most_boxes: 300 })?;
    let loader = Loader::new(InferenceOptions::default())?.with(onnx);
    let bytes = std::fs::read(model)?;
    let inspected = loader.inspect(&bytes, &hints).inspect_err(|error| {
        if let ModelError::Unrecognised(what) = error {
            eprintln!("{}\n{}", what.seen.join("\n"), what.recipe.to_json());
        }
    })?;
    let recipe = inspected.recipe.as_ref().ok_or("there is no recipe")?;
    eprintln!("{}\n{recipe}\n{}", inspected.notes.join("\n"), recipe.to_json());
    let file = ModelFile {
        format: inspected.format,
        bytes: &bytes,
        recipe: Some(recipe),
        labels: &inspected.labels,
    };
    let predictor = loader.load(file)?;
    let number = |label: usize| match recipe.output.classes.get(label) {
        Some(number) => *number as usize,
        None => label + recipe.output.first_class as usize,
    };
    let mut answer = Map::new();
    let mut times = Vec::new();
    for path in pictures {
        let pixels = imaging::decode(&std::fs::read(path)?, &imaging::Limits::default())?;
        let begun = Instant::now();
        let inference = ask(&*predictor, pixels)?;
        times.push(begun.elapsed().as_secs_f64() * 1e3);
        let boxes = inference.detections.iter().map(|detection| {
            let rect = &detection.rect;
            let xyxy = [rect.x(), rect.y(), rect.right(), rect.bottom()];
            json!({ "xyxy": xyxy, "score": detection.score.get(), "class": number(detection.class) })
        });
        let stem = Path::new(path).file_stem().unwrap_or_default().to_string_lossy();
        answer.insert(stem.into_owned(), boxes.collect());
    }
    eprintln!("milliseconds a picture: {times:.0?}");
    println!("{}", if only_times { json!(times) } else { Value::Object(answer) });
    Ok(())
}
