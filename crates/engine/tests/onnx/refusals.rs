//! Files that are not loaded, and why.

use crate::{
    builder::{FLOAT, Message, Network, floats, node, resize, tensor_info},
    hints, inspect,
};
use domain::inference::{ImportHints, ModelError, Unrecognised};

fn usual() -> Network {
    Network::usual().answers("output0", &[1, 5, 84], &[0.0; 420])
}

#[track_caller]
fn refused(file: &[u8], words: &str) {
    match inspect(file, &hints(&["a"])) {
        Err(ModelError::Weights(reason)) => assert!(reason.contains(words), "{reason}"),
        other => panic!("{other:?} instead of {words:?}"),
    }
}

#[track_caller]
fn unrecognised(network: &Network, hints: &ImportHints, words: &str) -> Unrecognised {
    match inspect(&network.file(), hints) {
        Err(ModelError::Unrecognised(what)) => {
            assert!(what.reason.contains(words), "{}", what.reason);
            *what
        }
        other => panic!("{other:?} instead of {words:?}"),
    }
}

#[test]
fn damage_is_told_at_every_length() {
    let file = usual().file();
    assert!(inspect(&file, &hints(&["a"])).is_ok());
    for length in (0..file.len() - 1).step_by(7) {
        let result = inspect(&file[..length], &hints(&["a"]));
        assert!(matches!(result, Err(ModelError::Weights(_))), "{length}: {result:?}");
    }
}

#[test]
fn bytes_of_strangers_never_panic() {
    let file = usual().file();
    let mut state = 7u64;
    let mut next = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % most
    };
    for _ in 0..400 {
        let mut changed = file.clone();
        for _ in 0..1 + next(3) {
            let at = next(changed.len());
            changed[at] = next(256) as u8;
        }
        // Some changes change nothing that counts; none may end the process.
        let _ = inspect(&changed, &hints(&["a"]));
    }
}

#[test]
fn no_other_file_is_opened() {
    let entry = Message::default().text(1, "location").text(2, "/etc/passwd");
    let mut network = usual();
    let array = Message::default().number(1, 2).number(2, FLOAT).text(8, "far");
    network.arrays.push(array.message(13, &entry).number(14, 1));
    refused(&network.file(), "lie in another file");
}

#[test]
fn shapes_and_bytes_must_agree() {
    for axes in [&[421][..], &[419], &[u64::MAX, 2], &[1 << 40, 1 << 40]] {
        let mut network = usual();
        network.arrays.push(floats("wrong", axes, &[0.0; 420]));
        refused(&network.file(), "disagree");
    }
}

#[test]
fn circles_and_loops_are_refused() {
    let mut network = usual();
    network.nodes.push(node("Add", &["second", "nothing"], &["first"], &[]));
    network.nodes.push(node("Add", &["first", "nothing"], &["second"], &[]));
    refused(&network.file(), "in a circle");
    let mut network = usual();
    network.nodes.push(node("Add", &["nowhere", "nothing"], &["sum"], &[]));
    refused(&network.file(), "nothing makes \"nowhere\"");
    for operator in ["Loop", "Scan"] {
        let mut network = usual();
        network.nodes.push(node(operator, &["nothing"], &["again"], &[]));
        refused(&network.file(), operator);
    }
    let mut network = usual();
    network.nodes.push(node("Identity", &["nothing"], &["output0"], &[]));
    refused(&network.file(), "made twice");
}

#[test]
fn graphs_do_not_lie_deep_within_each_other() {
    let mut inner = Network::default();
    inner.nodes.push(node("Identity", &["nothing"], &["out"], &[]));
    inner.outputs.push(tensor_info("out", FLOAT, &[]));
    for _ in 0..2000 {
        let attribute = Message::default().text(1, "then_branch").message(6, &inner.graph()).number(20, 5);
        inner = Network::default();
        inner.nodes.push(node("If", &["nothing"], &["out"], &[]).message(5, &attribute));
        inner.outputs.push(tensor_info("out", FLOAT, &[]));
    }
    let mut network = usual();
    network.nodes.extend(inner.nodes);
    refused(&network.file(), "deep within each other");
}

#[test]
fn all_unknown_operators_are_named() {
    let mut network = usual();
    network.nodes.push(node("RoiAlign", &["nothing"], &["a"], &[]));
    network.nodes.push(node("Frobnicate", &["nothing"], &["b"], &[]));
    refused(&network.file(), "Frobnicate, RoiAlign");
}

/// rten would compute it as a linear one, and give other boxes.
#[test]
fn a_cubic_resize_is_refused_by_its_name() {
    let scaled = |mode: &str| {
        let mut network = usual();
        network.arrays.push(floats("scales", &[4], &[1.0, 1.0, 2.0, 2.0]));
        network.nodes.push(resize(mode, ["images", "scales"], "larger"));
        network.file()
    };
    refused(&scaled("cubic"), "does not know: Resize (cubic). ONNX Runtime may");
    assert!(inspect(&scaled("linear"), &hints(&["a"])).is_ok());
}

#[test]
fn too_much_of_anything_is_refused() {
    let mut network = usual();
    network.nodes = vec![node("Identity", &["images"], &["x"], &[]); 50_001];
    refused(&network.file(), "operators");
    let mut network = usual();
    network.nodes.push(node("Sum", &["nothing"; 3000], &["sum"], &[]));
    refused(&network.file(), "more than 2048 inputs");
    let mut network = usual();
    network.inputs.push(tensor_info("wide", FLOAT, &[1; 100]));
    refused(&network.file(), "axes");
    let mut network = usual();
    network.arrays.push(floats("deep", &[1; 100], &[0.0]));
    refused(&network.file(), "axes");
    let mut network = usual();
    network.outputs = vec![tensor_info("output0", FLOAT, &[1]); 100];
    refused(&network.file(), "inputs or outputs");
    let mut network = usual();
    network.inputs.push(tensor_info(&"x".repeat(2000), FLOAT, &[1]));
    refused(&network.file(), "a name has more than");
}

#[test]
fn a_network_that_does_not_run_says_so() {
    let mut network = usual();
    // Lengths that do not go together.
    network.arrays.push(floats("three", &[3], &[0.0; 3]));
    network.arrays.push(floats("four", &[4], &[0.0; 4]));
    network.nodes.push(node("Mul", &["mean", "three"], &["a"], &[]));
    network.nodes.push(node("Add", &["a", "four"], &["b"], &[]));
    network.outputs.push(tensor_info("b", FLOAT, &[4]));
    refused(&network.file(), "");
}

#[test]
fn what_is_no_model_is_called_by_its_name() {
    refused(b"\x89PNG\r\n\x1a\n", "none of the formats known here (ONNX); it looks like a PNG picture");
    refused(b"PK\x03\x04\x14\0\0\0best/data.pkl", "export the model as ONNX");
    refused(b"", "the file is empty");
    refused(&[0, 1, 2, 3], "none of the formats known here (ONNX)");
}

#[test]
fn other_tasks_are_refused_by_their_names() {
    for task in ["segment", "classify", "pose", "obb"] {
        let network = usual().metadata("task", task).metadata("names", "{0: 'a'}");
        unrecognised(&network, &ImportHints::default(), task);
    }
}

#[test]
fn what_is_not_recognised_is_told_with_what_was_seen() {
    let network = Network::usual().metadata("author", "nobody").answers("logits", &[1, 1000], &[0.0; 1000]);
    let seen = unrecognised(&network, &hints(&["a"]), "scores 1000 classes and has no boxes").seen.join("\n");
    for words in ["images float32 [1, 3, 64, 64]", "logits float32 [1, 1000]", "author = nobody"] {
        assert!(seen.contains(words), "{seen}");
    }
    let mut network = usual();
    network.inputs.push(tensor_info("im_shape", FLOAT, &[1, 2]));
    let what = unrecognised(&network, &hints(&["a"]), "im_shape");
    assert!(what.recipe.check().is_ok());
    let recipe = unrecognised(&usual(), &ImportHints::default(), "its 1 classes").recipe;
    assert_eq!(
        recipe.input.size,
        domain::recipe::InputSize::Fixed(domain::geometry::Size { width: 64, height: 64 })
    );
}

#[test]
fn a_few_numbers_are_classes_only_where_the_names_are_as_many() {
    let classified = Network::usual().answers("logits", &[1, 3], &[0.0; 3]);
    unrecognised(&classified, &hints(&["a", "b", "c"]), "scores 3 classes and has no boxes");
    let detection = Network::usual().answers("detection", &[1, 6], &[0.0; 6]);
    unrecognised(&detection, &hints(&["a"]), "the output detection [1, 6] has no candidates");
}

#[test]
fn labels_and_recipes_must_fit_the_network() {
    match inspect(&usual().file(), &hints(&["a", "b"])) {
        Err(ModelError::Unrecognised(what)) => assert!(what.reason.contains("2 classes"), "{}", what.reason),
        other => panic!("{other:?}"),
    }
    let mut recipe = inspect(&usual().file(), &hints(&["a"])).unwrap().recipe.unwrap();
    recipe.output.names.boxes = Some("elsewhere".to_owned());
    let given = ImportHints { recipe: Some(recipe.clone()), ..hints(&["a"]) };
    unrecognised(&usual(), &given, "elsewhere");
    recipe.input.layout = domain::recipe::Layout::Nhwc;
    let given = ImportHints { recipe: Some(recipe), ..hints(&["a"]) };
    unrecognised(&usual(), &given, "does not take");
}
