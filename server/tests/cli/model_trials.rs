//! Files of other programs, tried by a process of their own: what takes too
//! much memory or time is refused, and this process does not notice.

#[path = "../../../crates/engine/tests/onnx/builder.rs"]
#[allow(dead_code, reason = "some of it is for the engine's own tests")]
mod builder;

use builder::{FLOAT, INT64, Message, Network, node, tensor_info};
use domain::{
    inference::{ImportHints, ModelError, PredictorLoader},
    name::Label,
};
use engine::{
    InferenceOptions, Loader,
    onnx::{OnnxFormat, Rten, TrialProgram},
};
use std::{
    path::Path,
    time::{Duration, Instant},
};

fn loader(program: &str) -> Loader {
    let onnx = OnnxFormat::new(Rten::new(1)).tried_by(TrialProgram::new(Path::new(program)));
    Loader::new(InferenceOptions { threads: 1, ..InferenceOptions::default() }).expect("threads").with(onnx)
}

fn hints() -> ImportHints {
    ImportHints { recipe: None, labels: vec![Label::new("a").expect("a label")] }
}

/// The reason why a file is refused, which must come soon.
fn refusal(network: &Network) -> String {
    let begun = Instant::now();
    let result = loader(env!("CARGO_BIN_EXE_fovea")).inspect(&network.file(), &hints());
    // The child has five seconds of the processor, and a minute by the clock.
    assert!(begun.elapsed() < Duration::from_secs(70), "{:?}", begun.elapsed());
    match result {
        Err(ModelError::Weights(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

/// As many noughts as a list of lengths says: a few bytes that become many.
fn huge(side: u64) -> Network {
    let mut network = Network::usual().answers("output0", &[1, 5, 84], &[0.0; 420]);
    let lengths: Vec<u8> = [side, side].iter().flat_map(|length| length.to_le_bytes()).collect();
    let array = Message::default().number(1, 2).number(2, INT64).text(8, "lengths").bytes(9, &lengths);
    network.arrays.push(array);
    network.nodes.push(node("ConstantOfShape", &["lengths"], &["noughts"], &[]));
    network.nodes.push(node("Add", &["noughts", "nothing"], &["square0"], &[]));
    network
}

#[test]
fn a_sound_file_passes_its_trial() {
    let file = Network::usual().answers("output0", &[1, 5, 84], &[0.0; 420]).file();
    let inspected = loader(env!("CARGO_BIN_EXE_fovea")).inspect(&file, &hints()).unwrap();
    assert_eq!(inspected.labels.len(), 1);
    assert!(inspected.recipe.is_some());
}

#[test]
fn a_network_that_takes_all_memory_is_refused() {
    let mut network = huge(40_000);
    network.outputs.push(tensor_info("square0", FLOAT, &[0, 0]));
    let reason = refusal(&network);
    assert!(reason.contains("memory"), "{reason}");
}

#[test]
fn a_network_that_never_ends_is_refused() {
    // Small enough to stay within the memory, and many.
    let mut network = huge(1000);
    for step in 0..1_000 {
        let (from, to) = (format!("square{step}"), format!("square{}", step + 1));
        network.nodes.push(node("MatMul", &[&from, "square0"], &[&to], &[]));
    }
    network.outputs.push(tensor_info("square1000", FLOAT, &[0, 0]));
    let reason = refusal(&network);
    assert!(reason.contains("more than 4 s"), "{reason}");
}

#[test]
fn a_program_that_is_not_there_is_no_fault_of_the_file() {
    let file = Network::usual().answers("output0", &[1, 5, 84], &[0.0; 420]).file();
    let result = loader("/nowhere/fovea").inspect(&file, &hints());
    assert!(matches!(result, Err(ModelError::Failed(_))), "{result:?}");
}
