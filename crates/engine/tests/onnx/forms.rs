//! Each form of outputs, with boxes computed by hand. The picture of 64×48 lies
//! 8 pixels down in an input of 64×64, unless it is stretched.

use crate::{
    builder::{FLOAT, FLOAT16, INT64, Network, tensor_info},
    check, hints, inspect,
};
use domain::{
    inference::ImportHints,
    recipe::{Activation, BoxForm, BoxUnit, Channels, Fit, InputSize, OutputForm, Recipe, Scaling},
};

const NAMES: &str = "{0: 'cat', 1: 'dog', 2: 'hen'}";

/// `width × count`, with a few rows that are not nought, by column.
pub(crate) fn columns(width: usize, count: usize, rows: &[(usize, &[f32])]) -> Vec<f32> {
    let mut values = vec![0.0; width * count];
    for (at, row) in rows {
        for (index, value) in row.iter().enumerate() {
            values[index * count + at] = *value;
        }
    }
    values
}

/// The same by row, the others being `rest`.
pub(crate) fn rows(width: usize, count: usize, rest: f32, rows: &[(usize, &[f32])]) -> Vec<f32> {
    let mut values = vec![rest; width * count];
    for (at, row) in rows {
        values[at * width..][..row.len()].copy_from_slice(row);
    }
    values
}

fn recipe(file: &[u8], hints: &ImportHints) -> Recipe {
    inspect(file, hints).unwrap().recipe.unwrap()
}

#[test]
fn yolov8_has_a_candidate_in_each_column() {
    let values = columns(
        7,
        84,
        &[
            (3, &[20.0, 28.0, 10.0, 20.0, 0.9, 0.3, 0.0]),
            // Overlaps the first by 9/11: one object.
            (4, &[21.0, 28.0, 10.0, 20.0, 0.8, 0.0, 0.0]),
            // In the same place, but another label.
            (5, &[20.0, 28.0, 10.0, 20.0, 0.1, 0.2, 0.5]),
            // Ends outside of the picture.
            (83, &[60.0, 56.0, 20.0, 20.0, 0.0, 0.02, 0.0]),
            (70, &[30.0, 30.0, 5.0, 5.0, 0.009, 0.0, 0.0]),
        ],
    );
    let file = Network::usual().ultralytics(NAMES).answers("output0", &[1, 7, 84], &values).file();
    let expected = [
        ("cat", 90, [15.0, 10.0, 25.0, 30.0]),
        ("hen", 50, [15.0, 10.0, 25.0, 30.0]),
        ("dog", 2, [50.0, 38.0, 64.0, 48.0]),
    ];
    let inspected = check(&file, &ImportHints::default(), &expected);
    assert!(!inspected.trainable);
    assert!(inspected.notes.iter().any(|note| note.contains("Ultralytics")), "{:?}", inspected.notes);
    let recipe = inspected.recipe.unwrap();
    assert_eq!(recipe.output.names.boxes.as_deref(), Some("output0"));
    assert_eq!(Recipe::from_json(&recipe.to_json()).unwrap(), recipe);
}

#[test]
fn operators_may_come_in_any_order() {
    let values = columns(5, 84, &[(3, &[20.0, 28.0, 10.0, 20.0, 0.9])]);
    let mut network = Network::usual().answers("out", &[1, 5, 84], &values);
    network.nodes.reverse();
    check(&network.file(), &hints(&["hat"]), &[("hat", 90, [15.0, 10.0, 25.0, 30.0])]);
}

#[test]
fn a_file_without_names_takes_given_labels_and_half_floats() {
    let values = columns(5, 84, &[(3, &[20.0, 28.0, 10.0, 20.0, 0.9])]);
    let network = Network::new(FLOAT16, &[1, 3, 64, 64]).answers("out", &[1, 5, 84], &values);
    check(&network.file(), &hints(&["hat"]), &[("hat", 90, [15.0, 10.0, 25.0, 30.0])]);
}

#[test]
fn open_sizes_are_filled_up_to_the_stride() {
    let values = columns(5, 84, &[(3, &[20.0, 28.0, 10.0, 20.0, 0.9])]);
    let file =
        Network::new(FLOAT, &[0, 3, 0, 0]).ultralytics("['hat']").answers("out", &[1, 5, 84], &values).file();
    // 64×48 is filled up to 64×64.
    let inspected = check(&file, &ImportHints::default(), &[("hat", 90, [15.0, 10.0, 25.0, 30.0])]);
    let size = inspected.recipe.unwrap().input.size;
    assert_eq!(size, InputSize::Scaled { longest: 64, stride: 32 });
}

#[test]
fn yolov5_multiplies_with_objectness() {
    let values = rows(
        8,
        252,
        0.0,
        &[
            (0, &[20.0, 28.0, 10.0, 20.0, 0.5, 0.9, 0.1, 0.1]),
            (251, &[40.0, 28.0, 10.0, 20.0, 0.01, 0.9, 0.0, 0.0]),
        ],
    );
    let file = Network::usual().answers("output", &[1, 252, 8], &values).file();
    let expected = [("a", 45, [15.0, 10.0, 25.0, 30.0])];
    let recipe = check(&file, &hints(&["a", "b", "c"]), &expected).recipe.unwrap();
    assert!(recipe.output.objectness);
    assert_eq!((recipe.output.form, recipe.input.divisor), (OutputForm::Rows, 255.0));
}

#[test]
fn end_to_end_models_tell_corners_score_and_class() {
    let values = rows(
        6,
        300,
        0.0,
        &[
            (0, &[15.0, 18.0, 25.0, 38.0, 0.9, 2.0]),
            // They have been suppressed already: what is there stays.
            (1, &[15.0, 18.0, 25.0, 38.0, 0.8, 2.0]),
            (2, &[15.0, 18.0, 25.0, 38.0, 0.7, 7.0]),
        ],
    );
    let file = Network::usual().ultralytics(NAMES).answers("output0", &[1, 300, 6], &values).file();
    let place = [15.0, 10.0, 25.0, 30.0];
    check(&file, &ImportHints::default(), &[("hen", 90, place), ("hen", 80, place)]);
}

#[test]
fn yolox_is_bgr_in_the_upper_left_corner_decoded_or_not() {
    let decoded = rows(8, 84, 0.0, &[(9, &[20.0, 18.0, 10.0, 20.0, 0.5, 0.9, 0.1, 0.1])]);
    let mut network = Network::usual().answers("output", &[1, 84, 8], &decoded);
    // What decodes takes exponents somewhere.
    network.nodes.push(crate::builder::node("Exp", &["nothing"], &["one"], &[]));
    let expected = [("a", 45, [15.0, 8.0, 25.0, 28.0])];
    let input = check(&network.file(), &hints(&["a", "b", "c"]), &expected).recipe.unwrap().input;
    assert_eq!((input.channels, input.divisor, input.fit), (Channels::Bgr, 1.0, Fit::LetterboxTopLeft));

    // The tenth cell of stride 8 is the second of the second row: its corner is
    // (8, 8), and (1.5 · 8, 1.25 · 8) more is (20, 18).
    let sides = [(10.0f32 / 8.0).ln(), (20.0f32 / 8.0).ln()];
    let undecoded = rows(8, 84, 0.0, &[(9, &[1.5, 1.25, sides[0], sides[1], 0.5, 0.9, 0.1, 0.1])]);
    let file = Network::usual().answers("output", &[1, 84, 8], &undecoded).file();
    let recipe = check(&file, &hints(&["a", "b", "c"]), &expected).recipe.unwrap();
    assert_eq!((recipe.output.form, &recipe.output.strides[..]), (OutputForm::Grid, &[8, 16, 32][..]));
}

#[test]
fn rtdetr_of_ultralytics_is_stretched_and_in_parts() {
    let network =
        || Network::usual().ultralytics(NAMES).metadata("description", "Ultralytics rtdetr-l model");
    // (0.25 ± 0.125) · 64 pixels across, (0.5 ± 0.25) · 48 down.
    let place = [8.0, 12.0, 24.0, 36.0];
    let old = rows(7, 300, 0.0, &[(5, &[0.25, 0.5, 0.25, 0.5, 0.1, 0.6, 0.2])]);
    let file = network().answers("output0", &[1, 300, 7], &old).file();
    check(&file, &ImportHints::default(), &[("dog", 60, place)]);
    let new = rows(6, 300, 0.0, &[(0, &[0.25, 0.5, 0.25, 0.5, 0.6, 1.0])]);
    let file = network().answers("output0", &[1, 300, 6], &new).file();
    let recipe = check(&file, &ImportHints::default(), &[("dog", 60, place)]).recipe.unwrap();
    assert_eq!((recipe.input.fit, recipe.output.unit), (Fit::Stretch, BoxUnit::Normalised));
}

#[test]
fn logits_and_boxes_of_their_own_are_a_detr() {
    let boxes = rows(4, 20, 0.5, &[(5, &[0.25, 0.5, 0.25, 0.5])]);
    // The logit 0 is the score 0.5; ln 3 is 0.75.
    let logits = rows(3, 20, -9.0, &[(5, &[0.0, 3f32.ln()])]);
    let file =
        Network::usual().answers("dets", &[1, 20, 4], &boxes).answers("labels", &[1, 20, 3], &logits).file();
    let place = [8.0, 12.0, 24.0, 36.0];
    let expected = [("b", 75, place), ("a", 50, place)];
    let inspected = check(&file, &hints(&["a", "b"]), &expected);
    assert!(
        inspected.notes.iter().any(|note| note.contains("last 1 have no label")),
        "{:?}",
        inspected.notes
    );
    let recipe = inspected.recipe.unwrap();
    assert_eq!(recipe.output.activation, Activation::Sigmoid);
    assert_eq!(recipe.input.mean, [0.485, 0.456, 0.406]);
}

#[test]
fn rtdetr_of_its_own_program_is_told_the_size() {
    let boxes = rows(4, 300, 0.0, &[(0, &[16.0, 16.0, 32.0, 48.0])]);
    let scores = rows(1, 300, 0.0, &[(0, &[0.7])]);
    let classes = rows(1, 300, 0.0, &[(0, &[1.0])]);
    let mut network = Network::usual()
        .answers_whole("labels", &[1, 300], &classes)
        .answers("boxes", &[1, 300, 4], &boxes)
        .answers("scores", &[1, 300], &scores);
    network.inputs.push(tensor_info("orig_target_sizes", INT64, &[1, 2]));
    let expected = [("b", 70, [16.0, 12.0, 32.0, 36.0])];
    let recipe = check(&network.file(), &hints(&["a", "b"]), &expected).recipe.unwrap();
    assert_eq!(recipe.input.size_tensor.as_deref(), Some("orig_target_sizes"));
    assert_eq!((recipe.input.fit, recipe.input.scaling), (Fit::Stretch, Scaling::Antialiased));
}

#[test]
fn torchvision_takes_the_picture_as_it_is_and_counts_from_one() {
    let boxes = rows(4, 3, 0.0, &[(0, &[1.0, 2.0, 30.0, 40.0]), (1, &[3.0, 4.0, 80.0, 40.0])]);
    let file = Network::new(FLOAT, &[3, 0, 0])
        .answers("boxes", &[3, 4], &boxes)
        .answers("scores", &[3], &[0.9, 0.5, 0.0])
        .answers_whole("labels", &[3], &[2.0, 1.0, 0.0])
        .file();
    let expected = [("b", 90, [1.0, 2.0, 30.0, 40.0]), ("a", 50, [3.0, 4.0, 64.0, 40.0])];
    let recipe = check(&file, &hints(&["a", "b"]), &expected).recipe.unwrap();
    assert_eq!(recipe.output.first_class, 1);
    assert!(matches!(recipe.input.size, InputSize::Original { .. }));
}

#[test]
fn a_given_recipe_goes_before_what_is_recognised() {
    let values = columns(5, 84, &[(3, &[0.25, 0.5, 0.25, 0.5, 0.9])]);
    let file = Network::usual().answers("out", &[1, 5, 84], &values).file();
    let mut given = recipe(&file, &hints(&["hat"]));
    (given.output.unit, given.output.boxes) = (BoxUnit::Normalised, BoxForm::Corners);
    given.input.fit = Fit::Stretch;
    // Corners that are the wrong way round are no box.
    let wanted = ImportHints { recipe: Some(given.clone()), ..hints(&["hat"]) };
    check(&file, &wanted, &[]);
    given.output.boxes = BoxForm::Centre;
    let wanted = ImportHints { recipe: Some(given), ..hints(&["hat"]) };
    check(&file, &wanted, &[("hat", 90, [8.0, 12.0, 24.0, 36.0])]);
}
