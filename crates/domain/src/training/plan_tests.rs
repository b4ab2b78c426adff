use super::{input::MOST_PIXELS, *};
use crate::{
    dataset::Annotation,
    geometry::{Rect, Size},
};

fn label(number: usize) -> Label {
    Label::new(format!("label {number}")).unwrap()
}

/// `count` pictures of a size, each with the boxes: label and sides.
fn pictures(count: usize, size: (u32, u32), boxes: &[(usize, f64)]) -> Vec<TrainImage> {
    let image = TrainImage {
        path: "picture".into(),
        size: Size::new(size.0, size.1).unwrap(),
        split: Split::Train,
        annotations: boxes
            .iter()
            .map(|(number, side)| Annotation {
                label: label(*number),
                rect: Rect::new(1.0, 1.0, *side, *side).unwrap(),
                ignore: false,
            })
            .collect(),
    };
    vec![image; count]
}

fn labels(count: usize) -> Vec<Label> {
    (0..count).map(label).collect()
}

fn limited(minutes: u64) -> TrainParams {
    TrainParams { time_limit_s: minutes * 60, ..TrainParams::default() }
}

fn plan(params: &TrainParams, images: &[TrainImage]) -> TrainPlan {
    TrainPlan::new(params, &labels(1), images).unwrap()
}

fn input(params: &TrainParams, images: &[TrainImage]) -> (u32, u32) {
    let plan = plan(params, images);
    plan.params.validate().unwrap();
    (plan.params.input_width, plan.params.input_height)
}

/// 205 microscope pictures: what was chosen by hand for them stays.
#[test]
fn blood_smears_get_what_was_tuned_for_them() {
    let images = pictures(205, (640, 480), &[(0, 96.0), (0, 90.0), (0, 67.0), (0, 39.0)]);
    let plan = plan(&limited(15), &images);
    let TrainParams { input_width, input_height, batch_size, epochs, mosaic, zoom, .. } = plan.params;
    assert_eq!((input_width, input_height, batch_size, epochs), (416, 320, 8, 60));
    assert_eq!((mosaic, zoom, plan.shown.len()), (0.0, 0.4, 205));
}

#[test]
fn the_input_has_the_shape_of_the_pictures() {
    let by_hand = TrainParams::default();
    assert_eq!(input(&by_hand, &pictures(50, (1024, 768), &[(0, 100.0)])), (416, 320));
    assert_eq!(input(&by_hand, &pictures(50, (768, 1024), &[(0, 100.0)])), (320, 416));
    assert_eq!(input(&by_hand, &pictures(50, (500, 500), &[(0, 100.0)])), (352, 352));
    let (width, height) = input(&by_hand, &pictures(50, (1920, 360), &[(0, 100.0)]));
    assert!(width > 4 * height, "{width}×{height}");
}

#[test]
fn pictures_both_upright_and_lying_lose_little_either_way() {
    let mut images = pictures(50, (1024, 768), &[(0, 200.0)]);
    images.extend(pictures(50, (768, 1024), &[(0, 200.0)]));
    let input = input(&TrainParams::default(), &images);
    for size in [(1024, 768), (768, 1024)] {
        assert!(scale(input, size) > 0.3, "{input:?}");
    }
}

#[test]
fn tiny_pictures_are_not_blown_up_and_huge_ones_fit_in() {
    let tiny = input(&TrainParams::default(), &pictures(50, (128, 128), &[(0, 60.0)]));
    assert_eq!(tiny, (128, 128));
    let specks = input(&TrainParams::default(), &pictures(50, (128, 128), &[(0, 10.0)]));
    assert_eq!(specks, (256, 256));
    let huge = pictures(50, (4000, 3000), &[(0, 900.0)]);
    assert_eq!(input(&TrainParams::default(), &huge), (416, 320));
}

#[test]
fn small_boxes_get_a_larger_input_as_far_as_the_time_allows() {
    let images = pictures(400, (1024, 768), &[(0, 14.0), (0, 80.0)]);
    let (width, height) = input(&TrainParams::default(), &images);
    assert!(14.0 * scale((width, height), (1024, 768)) >= LEAST_BOX_PX, "{width}×{height}");
    let (short, _) = input(&limited(2), &images);
    assert!(short < width && short >= 224, "{short}");
    // Nothing makes specks of 40-megapixel pictures visible.
    let (width, height) = input(&TrainParams::default(), &pictures(50, (8000, 5000), &[(0, 9.0)]));
    assert!(f64::from(width) * f64::from(height) <= MOST_PIXELS);
}

#[test]
fn what_is_given_by_hand_wins() {
    let given = TrainParams {
        input_width: 640,
        batch_size: 3,
        epochs: 7,
        mosaic: 0.0,
        zoom: 0.9,
        balance: 0.0,
        ..TrainParams::default()
    };
    let images = pictures(2, (100, 100), &[(0, 20.0)]);
    let plan = plan(&given, &images);
    let TrainParams { input_width, batch_size, epochs, mosaic, zoom, balance, .. } = plan.params;
    assert_eq!((input_width, batch_size, epochs), (640, 3, 7));
    assert_eq!((mosaic, zoom, balance), (0.0, 0.9, 0.0));
    let whole = TrainPlan::new(&plan.params, &labels(1), &images).unwrap();
    assert_eq!(whole.params, plan.params, "a whole plan is its own plan");
}

#[test]
fn few_images_are_shown_often_and_many_seldom() {
    let of = |count| plan(&TrainParams::default(), &pictures(count, (320, 320), &[(0, 50.0)])).params;
    assert_eq!(of(1).epochs, 600);
    assert_eq!(of(50).epochs, 120);
    assert_eq!(of(300).epochs, 60);
    assert_eq!(of(4000).epochs, 30);
    assert!(of(1).mosaic > 0.0 && of(300).mosaic == 0.0);
    let short = TrainParams { max_steps: 100, epochs: 10_000, ..TrainParams::default() };
    assert_eq!(plan(&short, &pictures(140, (320, 320), &[(0, 50.0)])).params.mosaic, 0.0, "six passes");
}

#[test]
fn images_with_a_rare_label_come_more_often_and_its_score_begins_lower() {
    let mut images = pictures(198, (640, 480), &[(0, 50.0), (0, 50.0)]);
    images.extend(pictures(2, (640, 480), &[(0, 50.0), (1, 50.0)]));
    let plan = TrainPlan::new(&TrainParams::default(), &labels(2), &images).unwrap();
    assert_eq!(plan.shown.len(), 198 + 2 * 3);
    assert_eq!(plan.shown.iter().filter(|place| **place == 199).count(), 3);
    assert!(plan.priors[0] > 2.0 * plan.priors[1], "{:?}", plan.priors);
}

#[test]
fn a_label_without_a_box_among_eighty_is_named_and_spoils_nothing() {
    let boxes: Vec<(usize, f64)> = (0..79).map(|number| (number, 40.0)).collect();
    let images = pictures(30, (640, 640), &boxes);
    let plan = TrainPlan::new(&TrainParams::default(), &labels(80), &images).unwrap();
    assert!(plan.notes.iter().any(|note| note.contains("label 79:")), "{:?}", plan.notes);
    assert_eq!(plan.priors.len(), 80);
    assert!(plan.priors.iter().all(|prior| (1e-3..=0.05).contains(prior)));
}

#[test]
fn one_image_is_a_plan_with_a_word_and_none_is_refused() {
    let one = plan(&limited(1), &pictures(1, (640, 480), &[(0, 100.0)]));
    assert!(one.notes[0].starts_with("1 image to train on"));
    let refused = |images: &[TrainImage]| TrainPlan::new(&TrainParams::default(), &labels(1), images);
    assert!(refused(&[]).unwrap_err().contains("no image to train on"));
    assert!(refused(&pictures(3, (640, 480), &[])).unwrap_err().contains("has a box"));
    let mut held = pictures(3, (640, 480), &[(0, 20.0)]);
    held.iter_mut().for_each(|image| image.split = Split::Val);
    assert!(refused(&held).is_err());
}

#[test]
fn the_sentence_says_what_will_be_done() {
    let minutes = plan(&limited(15), &pictures(205, (640, 480), &[(0, 90.0)]));
    assert_eq!(
        minutes.sentence(),
        "416×320 for pictures of 640×480 px, where nine of ten boxes keep a side of 58 px or more; 205 images, \
         8 a step, zoomed by up to 1.4, for 900 s"
    );
    let few = TrainParams { max_steps: 20, ..TrainParams::default() };
    let sentence = |params: &TrainParams| plan(params, &pictures(205, (640, 480), &[(0, 90.0)])).sentence();
    assert!(sentence(&few).ends_with("for 20 steps"), "fewer than passes would take");
    assert!(sentence(&TrainParams { max_steps: 1_000_000, ..few }).ends_with("for 60 passes"));
}

#[test]
fn a_training_is_ended_early_only_where_the_held_images_can_tell() {
    let training = pictures(100, (640, 480), &[(0, 90.0)]);
    let held = |count| {
        let images = pictures(count, (640, 480), &[(0, 90.0)]);
        images.into_iter().map(|image| TrainImage { split: Split::Val, ..image })
    };
    let patience = |params: &TrainParams, count| {
        let images: Vec<TrainImage> = training.iter().cloned().chain(held(count)).collect();
        let plan = plan(params, &images);
        (plan.record().held, plan.record().patience)
    };
    let usual = TrainParams::default();
    assert_eq!(patience(&usual, 29), (29, 0), "too few to tell");
    assert_eq!(patience(&usual, 30), (30, 6), "of eight");
    assert_eq!(patience(&TrainParams { evaluations: 40, ..usual.clone() }, 30).1, 38);
    assert_eq!(patience(&TrainParams { evaluations: 6, ..usual.clone() }, 30).1, 4);
    assert_eq!(patience(&TrainParams { evaluations: 5, ..usual.clone() }, 30).1, 0, "the rate is high yet");
    assert_eq!(patience(&TrainParams { patience: 0, ..usual.clone() }, 300).1, 0, "given by hand");
    assert_eq!(patience(&TrainParams { patience: 2, ..usual.clone() }, 3).1, 2, "given by hand");
    assert_eq!(patience(&TrainParams { train_on_val: true, ..usual }, 300), (0, 0), "nothing is held");
}
