//! Graphs run by ONNX Runtime. What needs its library runs where
//! `FOVEA_ONNXRUNTIME` names one, and says so where none is named; what must be
//! refused is refused everywhere.

use crate::{
    builder::{FLOAT, FLOAT16, Network, node},
    hints,
};
use domain::{
    geometry::Size,
    inference::{ImportHints, Inference, ModelError, ModelFile, Pixels, PredictorLoader},
};
use engine::{
    InferenceOptions, Loader,
    onnx::{Accelerators, OnnxFormat, OnnxRuntime, Rten},
};
use std::{
    path::{Path, PathBuf},
    sync::mpsc,
};

fn open(path: &Path) -> Result<OnnxRuntime, String> {
    OnnxRuntime::open(path, 1, Accelerators::None).map_err(|error| error.to_string())
}

/// The library, or `None` with a word about what is not tried.
fn library() -> Option<PathBuf> {
    let named = std::env::var_os("FOVEA_ONNXRUNTIME").filter(|named| !named.is_empty());
    if named.is_none() {
        eprintln!("SKIPPED: set FOVEA_ONNXRUNTIME to a library of ONNX Runtime to try it");
    }
    named.map(PathBuf::from)
}

fn loader(onnx: OnnxFormat) -> Loader {
    Loader::new(InferenceOptions { threads: 1, ..InferenceOptions::default() }).unwrap().with(onnx)
}

fn answer(loader: &Loader, file: &[u8], hints: &ImportHints) -> Result<Inference, ModelError> {
    let inspected = loader.inspect(file, hints)?;
    let predictor = loader.load(ModelFile {
        format: inspected.format,
        bytes: file,
        recipe: inspected.recipe.as_ref(),
        labels: &inspected.labels,
    })?;
    let pixels = Pixels::new(Size { width: 64, height: 48 }, vec![100; 64 * 48 * 3]).unwrap();
    let (sender, receiver) = mpsc::channel();
    predictor.predict(pixels, Box::new(move |answer| sender.send(answer).unwrap()));
    receiver.recv().unwrap()
}

/// `width × 84` with one box of a high score for the first label.
fn one_box(width: usize) -> Vec<f32> {
    let mut values = vec![0.0; width * 84];
    for (index, value) in [20.0, 28.0, 10.0, 20.0, 0.9].into_iter().enumerate() {
        values[index * 84 + 3] = value;
    }
    values
}

#[test]
fn what_is_not_the_library_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = folder.join("libonnxruntime.so");
    std::fs::write(&text, "no library").unwrap();
    let missing = folder.join("missing.so");
    for (path, reason) in [
        (&missing, "No such file"),
        (&folder.to_owned(), "it is no file"),
        (&text, "cannot be loaded as a shared library"),
    ] {
        let error = open(path).unwrap_err();
        assert!(error.contains(reason) && error.contains(&path.display().to_string()), "{error}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn another_shared_library_is_refused() {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let other = maps.lines().find_map(|line| {
        let path = line.split_whitespace().nth(5)?;
        path.contains("/libc.so").then_some(path)
    });
    let error = open(Path::new(other.expect("the C library is in every process"))).unwrap_err();
    assert!(error.contains("not ONNX Runtime's"), "{error}");
}

#[test]
fn the_library_answers_as_rten_does() {
    let Some(path) = library() else { return };
    let runtime = OnnxRuntime::open(&path, 1, Accelerators::None).unwrap();
    assert!(runtime.version().starts_with("1."), "{}", runtime.version());
    assert_eq!(runtime.providers(), ["CPU"]);
    let (theirs, ours) = (loader(OnnxFormat::new(runtime)), loader(OnnxFormat::new(Rten::new(1))));
    let rows: Vec<f32> = [[8.0, 10.0, 18.0, 30.0, 0.7, 1.0], [0.0; 6]].concat();
    let files = [
        Network::usual().ultralytics("['hat']").answers("output0", &[1, 5, 84], &one_box(5)).file(),
        Network::new(FLOAT16, &[1, 3, 64, 64]).answers("out", &[1, 5, 84], &one_box(5)).file(),
        Network::new(FLOAT, &[0, 3, 0, 0])
            .ultralytics("['hat']")
            .answers("out", &[1, 5, 84], &one_box(5))
            .file(),
        Network::usual()
            .answers("boxes", &[2, 4], &[8.0, 10.0, 18.0, 30.0, 1.0, 2.0, 3.0, 4.0])
            .answers("scores", &[2], &[0.7, 0.2])
            .answers_whole("labels", &[2], &[1.0, 1.0])
            .file(),
        Network::usual().ultralytics("['hat', 'cat']").answers("output0", &[1, 2, 6], &rows).file(),
    ];
    for (number, file) in files.iter().enumerate() {
        let given = hints(&["hat"]);
        let given = if number == 4 { ImportHints::default() } else { given };
        let expected = answer(&ours, file, &given).unwrap();
        assert!(!expected.detections.is_empty(), "file {number}");
        assert_eq!(answer(&theirs, file, &given).unwrap(), expected, "file {number}");
    }
}

#[test]
fn an_operator_that_only_the_library_knows() {
    let mut network = Network::usual().ultralytics("['hat']").answers("output0", &[1, 5, 84], &one_box(5));
    network.nodes.push(node("Celu", &["mean"], &["unused"], &[]));
    let file = network.file();
    let ours = loader(OnnxFormat::new(Rten::new(1)));
    let refusal = answer(&ours, &file, &ImportHints::default()).unwrap_err().to_string();
    assert!(refusal.contains("Celu") && refusal.contains("--onnxruntime FILE"), "{refusal}");
    let Some(path) = library() else { return };
    let theirs = loader(OnnxFormat::new(open(&path).unwrap()));
    assert_eq!(answer(&theirs, &file, &ImportHints::default()).unwrap().detections.len(), 1);
    let mut nonsense = network;
    nonsense.nodes.push(node("Frobnicate", &["mean"], &["more"], &[]));
    let refusal = answer(&theirs, &nonsense.file(), &ImportHints::default()).unwrap_err().to_string();
    assert!(refusal.contains("Frobnicate"), "{refusal}");
}
