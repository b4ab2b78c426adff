use super::{compare::compare, declare::DriftChange, reference::MOST_IMAGES, windows::Windowing, *};
use crate::{randomness::Dice, statistics::label_shares::LabelCounts};
use proptest::prelude::*;
use units::time::Timestamp;

/// Some properties of images.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Feature {
    Brightness,
    Sharpness,
    Ratio,
    Objects,
    Confidence,
    Labels,
}

impl features::Feature for Feature {
    const LABELS: Self = Self::Labels;

    fn numbers() -> impl Iterator<Item = Self> {
        [Self::Brightness, Self::Sharpness, Self::Ratio, Self::Objects, Self::Confidence].into_iter()
    }

    fn stream(self) -> u64 {
        self as u64
    }
}

type ImageFeatures = features::ImageFeatures<Feature>;
type DriftReference = reference::DriftReference<Feature>;
type DriftState = declare::DriftState<Feature>;
type FeatureDrift = compare::FeatureDrift<Feature>;

fn image(dice: &mut Dice, brighter: f64) -> ImageFeatures {
    let boxes = dice.below(5);
    ImageFeatures::new(LabelCounts::of((0..boxes).map(|_| dice.below(3))))
        .with(Feature::Brightness, 0.5 + 0.1 * dice.normal() + brighter)
        .with(Feature::Sharpness, 100.0 + 10.0 * dice.normal())
        .with(Feature::Confidence, (boxes > 0).then_some(0.8))
}

fn images(seed: u64, count: usize, brighter: f64) -> Vec<ImageFeatures> {
    let mut dice = Dice::new(seed);
    (0..count).map(|_| image(&mut dice, brighter)).collect()
}

fn differing(window: &[ImageFeatures]) -> Vec<Feature> {
    let reference = DriftReference::freeze(&images(1, 200, 0.0));
    let compared = compare(&reference, window, &DriftSettings::default(), 7);
    compared.iter().filter(|drift| drift.differs).map(|drift| drift.feature).collect()
}

#[test]
fn only_what_moved_differs() {
    assert_eq!(differing(&images(2, 100, 0.0)), []);
    assert_eq!(differing(&images(3, 100, 0.1)), [Feature::Brightness]);
}

#[test]
fn a_difference_that_is_sure_but_small_does_not_matter() {
    let reference = DriftReference::freeze(&images(1, 2_000, 0.0));
    let settings = DriftSettings { window: 1_000, ..DriftSettings::default() };
    let compared = compare(&reference, &images(3, 1_000, 0.03), &settings, 7);
    let brightness = compared.iter().find(|drift| drift.feature == Feature::Brightness).expect("compared");
    assert!(
        brightness.adjusted_p <= 0.05 && brightness.effect < 0.2 && !brightness.differs,
        "{brightness:?}"
    );
}

#[test]
fn a_long_scene_is_not_drift_but_the_same_scene_from_many_sources_is() {
    // Four scenes in turn, 25 images each, of one source or of a hundred.
    let mut dice = Dice::new(9);
    let scenes = [0.12, 0.1, -0.02, 0.08];
    let looks: Vec<f64> = scenes.iter().flat_map(|scene| [*scene; 25]).collect();
    let window = |source: &dyn Fn(usize) -> String, dice: &mut Dice| -> Vec<_> {
        let images = looks.iter().enumerate();
        let brightness = |look: f64, dice: &mut Dice| 0.5 + look + 0.01 * dice.normal();
        images
            .map(|(i, look)| {
                image(dice, 0.0).with(Feature::Brightness, brightness(*look, dice)).from_source(source(i))
            })
            .collect()
    };
    assert_eq!(differing(&window(&|_| "one".to_owned(), &mut dice)), []);
    assert_eq!(differing(&window(&|i| i.to_string(), &mut dice)), [Feature::Brightness]);
}

#[test]
fn independent_images_count_nearly_whole_and_images_of_a_scene_as_one() {
    let reference = DriftReference::freeze(&images(1, 200, 0.0));
    let counted = |window: &[ImageFeatures]| {
        let compared = compare(&reference, window, &DriftSettings::default(), 7);
        compared
            .iter()
            .find(|drift| drift.feature == Feature::Brightness)
            .expect("compared")
            .independent_images
    };
    let mean = (10..30).map(|seed| counted(&images(seed, 100, 0.0))).sum::<f64>() / 20.0;
    assert!((85.0..=100.0).contains(&mean), "{mean}");
    let mut dice = Dice::new(4);
    let mut scenes = Vec::new();
    for _ in 0..10 {
        let look = 0.1 * dice.normal();
        scenes.extend((0..10).map(|_| image(&mut dice, 0.0).with(Feature::Brightness, 0.5 + look)));
    }
    let counted = counted(&scenes);
    assert!((2.0..20.0).contains(&counted), "{counted}");
}

#[test]
fn what_few_images_have_is_not_compared() {
    let reference = DriftReference::freeze(&images(1, 200, 0.0));
    let rare = |place: usize| if place < 29 { Some(1.0) } else { None };
    let window: Vec<_> = images(2, 100, 0.0)
        .into_iter()
        .enumerate()
        .map(|(place, image)| image.with(Feature::Brightness, rare(place)).with(Feature::Ratio, f64::NAN))
        .collect();
    let compared: Vec<Feature> = compare(&reference, &window, &DriftSettings::default(), 7)
        .iter()
        .map(|drift| drift.feature)
        .collect();
    assert_eq!(compared, [Feature::Sharpness, Feature::Confidence, Feature::Labels]);
}

#[test]
fn comparing_a_window_again_gives_the_same_and_a_reference_survives_storing() {
    let reference = DriftReference::freeze(&images(1, 200, 0.0));
    let text = serde_json::to_string(&reference).expect("JSON");
    let stored: DriftReference = serde_json::from_str(&text).expect("a reference");
    assert_eq!(stored, reference);
    let again = |reference| compare(reference, &images(5, 100, 0.05), &DriftSettings::default(), 7);
    assert_eq!(again(&reference), again(&stored));
}

#[test]
fn a_large_reference_is_thinned_evenly() {
    let numbered = |number: u32| ImageFeatures::default().with(Feature::Objects, f64::from(number));
    let reference = DriftReference::freeze(&(0..5_000).map(numbered).collect::<Vec<_>>());
    assert!(reference.images() as usize <= MOST_IMAGES && reference.images() > 1_500);
    assert_eq!(reference.numbers(Feature::Objects).last(), Some(&4_998.0));
}

fn says(differs: bool) -> Vec<FeatureDrift> {
    vec![FeatureDrift {
        feature: Feature::Brightness,
        effect: 0.3,
        matters_from: 0.2,
        p: 0.01,
        adjusted_p: 0.01,
        reference_images: 200,
        window_images: 100,
        independent_images: 100.0,
        differs,
    }]
}

#[test]
fn drift_is_declared_after_two_windows_running_and_cleared_after_two() {
    let (mut state, settings) = (DriftState::default(), DriftSettings::default());
    let mut declared = Vec::new();
    for differs in [true, false, true, true, true, false, true, false, false, false] {
        state.observe(&says(differs), &settings);
        declared.push(state.drifts());
    }
    assert_eq!(declared, [false, false, false, true, true, true, true, true, false, false]);
    assert_eq!(state.observe(&[], &settings), DriftChange::default());
}

#[test]
fn the_change_names_the_feature_once() {
    let (mut state, settings) = (DriftState::default(), DriftSettings::default());
    assert_eq!(state.observe(&says(true), &settings), DriftChange::default());
    let change = state.observe(&says(true), &settings);
    assert_eq!(change, DriftChange { declared: vec![Feature::Brightness], cleared: vec![] });
    assert_eq!(state.observe(&says(true), &settings), DriftChange::default());
}

#[test]
fn one_image_of_a_source_counts_in_ten_seconds() {
    let settings = DriftSettings { window: 30, ..DriftSettings::default() };
    let mut windowing = Windowing::default();
    let mut windows = Vec::new();
    for second in 0..400i64 {
        for source in ["left", "right"] {
            windows.extend(windowing.push((second, source), source, Timestamp(second * 1_000), &settings));
        }
    }
    assert_eq!(windows.len(), 2);
    assert_eq!(windows[0].images.len(), 30);
    assert_eq!((windows[0].from, windows[0].to), (Timestamp(0), Timestamp(140_000)));
    assert!(windows[0].images.iter().all(|(second, _)| second % 10 == 0));
    assert_eq!(windows[1].from, Timestamp(150_000));
    assert_eq!(windows[0].thinned, 280 - 28);
}

#[test]
fn a_window_that_waits_too_long_closes_with_thirty_images_and_not_with_fewer() {
    let settings = DriftSettings { longest_ms: 3_600_000, ..DriftSettings::default() };
    let after = |count: i64| {
        let mut windowing = Windowing::default();
        for image in 0..count {
            assert_eq!(windowing.push(image, "", Timestamp(image * 60_000), &settings), None);
        }
        windowing.close_if_overdue(Timestamp(3_600_000), &settings).map(|window| window.images.len())
    };
    assert_eq!((after(29), after(30)), (None, Some(30)));
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let fine = DriftSettings::default();
    assert_eq!(fine.check(), Ok(()));
    assert_eq!(DriftSettings { window: 29, ..fine }.check(), Err(InvalidDriftSettings::Window));
    assert_eq!(DriftSettings { least: 101, ..fine }.check(), Err(InvalidDriftSettings::Least));
    assert_eq!(DriftSettings { spacing_ms: -1, ..fine }.check(), Err(InvalidDriftSettings::Time));
    assert_eq!(DriftSettings { ks_effect: f64::NAN, ..fine }.check(), Err(InvalidDriftSettings::Share));
    assert_eq!(DriftSettings { permutations: 9, ..fine }.check(), Err(InvalidDriftSettings::Count));
}

proptest! {
    #[test]
    fn every_image_is_in_one_window_or_left_out(
        arrivals in prop::collection::vec((0..3usize, 0i64..30_000), 0..400), spacing in 0i64..20_000
    ) {
        let settings = DriftSettings { window: 30, spacing_ms: spacing, longest_ms: 1_000_000, ..DriftSettings::default() };
        let (mut windowing, mut windows, mut now) = (Windowing::default(), Vec::new(), 0);
        for (number, (source, pause)) in arrivals.iter().enumerate() {
            now += pause;
            windows.extend(windowing.push(number, ["a", "b", "c"][*source], Timestamp(now), &settings));
        }
        let mut seen: Vec<usize> = windows.iter().flat_map(|window| window.images.clone()).collect();
        prop_assert!(seen.is_sorted());
        seen.dedup();
        let thinned: u32 = windows.iter().map(|window| window.thinned).sum();
        prop_assert!(seen.len() + windowing.len() + thinned as usize <= arrivals.len());
        prop_assert!(windows.iter().all(|window| (30..=30).contains(&window.images.len())));
        prop_assert!(windows.windows(2).all(|pair| pair[0].to <= pair[1].from));
    }
}
