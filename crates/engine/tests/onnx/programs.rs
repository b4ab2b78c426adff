//! Programs whose files only a trial tells apart, and names under other keys.

use crate::{
    builder::{FLOAT, Network},
    check,
    forms::{columns, rows},
    hints, inspect,
};
use domain::{
    inference::ImportHints,
    recipe::{Channels, Fit, OutputForm},
};

#[test]
fn yolov6_is_no_yolox_though_it_has_as_many_candidates() {
    let mut values = rows(8, 84, 0.0, &[(9, &[20.0, 28.0, 10.0, 20.0, 1.0, 0.9, 0.1, 0.1])]);
    values.chunks_exact_mut(8).for_each(|row| row[4] = 1.0);
    let file = Network::usual().answers("outputs", &[1, 84, 8], &values).file();
    let expected = [("a", 90, [15.0, 10.0, 25.0, 30.0])];
    let inspected = check(&file, &hints(&["a", "b", "c"]), &expected);
    let input = inspected.recipe.unwrap().input;
    assert_eq!((input.channels, input.divisor, input.fit), (Channels::Rgb, 255.0, Fit::Letterbox));
    assert!(inspected.notes[0].contains("YOLO family"), "{:?}", inspected.notes);
}

#[test]
fn what_yolov6_is_told_by_is_seen_in_long_rows_too() {
    let mut values = rows(25, 84, 0.0, &[(9, &[20.0, 28.0, 10.0, 20.0, 1.0, 0.9])]);
    values.chunks_exact_mut(25).for_each(|row| row[4] = 1.0);
    let names: Vec<String> = (0..20).map(|number| format!("thing {number}")).collect();
    let file = Network::usual()
        .metadata("class_names", &names.join(","))
        .answers("outputs", &[1, 84, 25], &values)
        .file();
    check(&file, &ImportHints::default(), &[("thing 0", 90, [15.0, 10.0, 25.0, 30.0])]);
}

#[test]
fn yolo_nas_tells_corners_beside_its_scores() {
    let mut boxes = rows(4, 84, 0.0, &[]);
    for (at, corners) in boxes.chunks_exact_mut(4).enumerate() {
        // Below each other, so that nothing covers anything.
        corners.copy_from_slice(&[15.0, at as f32, 25.0, at as f32 + 0.5]);
    }
    boxes[8..12].copy_from_slice(&[15.0, 18.0, 25.0, 38.0]);
    // Overlaps the one before by 10/11.
    boxes[12..16].copy_from_slice(&[15.0, 18.0, 25.0, 40.0]);
    let scores = rows(3, 84, 0.0, &[(2, &[0.9, 0.3, 0.0]), (3, &[0.8, 0.0, 0.0])]);
    let place = [15.0, 10.0, 25.0, 30.0];
    for (first, second) in [("904", "913"), ("913", "904")] {
        let mut network = Network::usual();
        network = if first == "904" {
            network.answers(first, &[1, 84, 4], &boxes).answers(second, &[1, 84, 3], &scores)
        } else {
            network.answers(first, &[1, 84, 3], &scores).answers(second, &[1, 84, 4], &boxes)
        };
        let expected = [("a", 90, place), ("b", 30, place)];
        let inspected = check(&network.file(), &hints(&["a", "b", "c"]), &expected);
        let input = inspected.recipe.unwrap().input;
        assert_eq!((input.mean, input.divisor, input.fit), ([0.0; 3], 255.0, Fit::Letterbox));
    }
}

#[test]
fn mmdetection_tells_scores_as_a_fifth_number_of_its_boxes() {
    let dets = rows(5, 100, 0.0, &[(0, &[15.0, 18.0, 25.0, 38.0, 0.9]), (1, &[1.0, 2.0, 9.0, 8.0, 0.02])]);
    let labels = rows(1, 100, 0.0, &[(0, &[2.0])]);
    let file = Network::new(FLOAT, &[0, 3, 64, 64])
        .answers("dets", &[1, 100, 5], &dets)
        .answers_whole("labels", &[1, 100], &labels)
        .metadata("CLASSES", "('cat', 'dog', 'hen')")
        .file();
    let expected = [("hen", 90, [15.0, 18.0, 25.0, 38.0]), ("cat", 2, [1.0, 2.0, 9.0, 8.0])];
    let inspected = check(&file, &ImportHints::default(), &expected);
    assert!(inspected.notes[0].contains("MMDetection"), "{:?}", inspected.notes);
    let recipe = inspected.recipe.unwrap();
    assert_eq!((recipe.input.fit, recipe.input.channels), (Fit::LetterboxTopLeft, Channels::Rgb));
    assert_eq!((recipe.output.form, recipe.output.names.scores), (OutputForm::BoxesScoresClasses, None));
}

#[test]
fn a_graph_that_suppresses_boxes_may_tell_any_number_of_them() {
    let names = "{0: 'cat', 1: 'dog'}";
    let values = rows(6, 3000, 0.0, &[(0, &[15.0, 18.0, 25.0, 38.0, 0.9, 1.0])]);
    let network = Network::usual().ultralytics(names).answers("output0", &[1, 3000, 6], &values);
    let refusal = inspect(&network.file(), &hints(&["a", "b", "c"])).unwrap_err().to_string();
    assert!(refusal.contains("does not go with 3 classes"), "{refusal}");
    let file = network.metadata("args", "{'batch': 1, 'nms': True}").file();
    check(&file, &ImportHints::default(), &[("dog", 90, [15.0, 10.0, 25.0, 30.0])]);
}

#[test]
fn yolov7_with_its_suppression_numbers_the_image_of_each_row() {
    let values = [0.0, 15.0, 18.0, 25.0, 38.0, 1.0, 0.9, 0.0, 1.0, 20.0, 9.0, 24.0, 0.0, 0.4];
    let network = || Network::usual().metadata("names", "['cat', 'dog']");
    let file = network().answers("output", &[2, 7], &values).file();
    let expected = [("dog", 90, [15.0, 10.0, 25.0, 30.0]), ("cat", 40, [1.0, 12.0, 9.0, 16.0])];
    let recipe = check(&file, &ImportHints::default(), &expected).recipe.unwrap();
    assert_eq!((recipe.output.form, recipe.output.suppression), (OutputForm::NumberedDetections, None));
    // Of YOLO-NAS, which has the score before the class.
    let flat = network().answers("flat_predictions", &[2, 7], &values).file();
    let refusal = inspect(&flat, &ImportHints::default()).unwrap_err().to_string();
    assert!(refusal.contains("output_predictions_format"), "{refusal}");
}

#[test]
fn rows_with_the_score_before_the_class_are_refused_whatever_they_are_called() {
    let swapped = [0.0, 15.0, 18.0, 25.0, 38.0, 0.9, 1.0, 0.0, 1.0, 20.0, 9.0, 24.0, 0.4, 0.0];
    let many = [0.0, 15.0, 18.0, 25.0, 38.0, 1.0, 3.0];
    for (rows, values) in [(2, &swapped[..]), (1, &many[..])] {
        let file = Network::usual().answers("output", &[rows, 7], values).file();
        let refusal = inspect(&file, &hints(&["a", "b", "c", "d"])).unwrap_err().to_string();
        assert!(refusal.contains("output_predictions_format"), "{refusal}");
    }
}

#[test]
fn names_that_count_from_one_are_of_those_numbers() {
    let values = rows(6, 300, 0.0, &[(0, &[15.0, 18.0, 25.0, 38.0, 0.9, 1.0])]);
    let network = || Network::usual().answers("output0", &[1, 300, 6], &values);
    for (names, label) in [("{0: 'cat', 1: 'dog'}", "dog"), ("{1: 'cat', 2: 'dog'}", "cat")] {
        let file = network().ultralytics(names).file();
        check(&file, &ImportHints::default(), &[(label, 90, [15.0, 10.0, 25.0, 30.0])]);
    }
}

#[test]
fn words_about_a_model_do_not_name_its_classes() {
    let values = columns(84, 100, &[(3, &[20.0, 28.0, 10.0, 20.0, 0.9])]);
    let usual = || Network::usual().metadata("task", "detect");
    for (key, words) in [("categories", "object-detection, vision"), ("classes", "people, and 79 others")] {
        let file = usual().metadata(key, words).answers("out", &[1, 84, 100], &values).file();
        check(&file, &ImportHints::default(), &[("person", 90, [15.0, 10.0, 25.0, 30.0])]);
    }
}

#[test]
fn names_in_the_wrong_order_are_told_by_what_is_whole() {
    let file = Network::new(FLOAT, &[3, 0, 0])
        .answers("boxes", &[2, 4], &[1.0, 2.0, 30.0, 40.0, 3.0, 4.0, 80.0, 40.0])
        .answers_whole("scores", &[2], &[2.0, 1.0])
        .answers("labels", &[2], &[0.9, 0.5])
        .file();
    let expected = [("b", 90, [1.0, 2.0, 30.0, 40.0]), ("a", 50, [3.0, 4.0, 64.0, 40.0])];
    check(&file, &hints(&["a", "b"]), &expected);
}

#[test]
fn how_many_boxes_there_are_may_be_an_output_of_its_own() {
    let boxes = rows(4, 20, -1.0, &[(0, &[15.0, 18.0, 25.0, 38.0])]);
    let scores = rows(1, 20, -1.0, &[(0, &[0.9])]);
    let classes = rows(1, 20, -1.0, &[(0, &[1.0])]);
    let file = Network::usual()
        .answers_whole("num_predictions", &[1, 1], &[1.0])
        .answers("pred_boxes", &[1, 20, 4], &boxes)
        .answers("pred_scores", &[1, 20], &scores)
        .answers_whole("pred_classes", &[1, 20], &classes)
        .file();
    check(&file, &hints(&["a", "b"]), &[("b", 90, [15.0, 10.0, 25.0, 30.0])]);
}
