//! How often drift is seen where there is none, on made-up traffic.
//!
//! `cargo run --release -p domain --example drift_rates [TRIALS]`
//!
//! Every trial draws a new reference of independent images, and windows from
//! the same world. Independent traffic: each image is a scene of its own.
//! Bursty traffic: four cameras, one image a second each; a scene lasts for a
//! while, and images of one scene are nearly alike. A window is a false alarm
//! when any feature differs in it; a day has 24 windows, and is a false alarm
//! when drift is declared in it (a tenth as many trials).

#![allow(clippy::print_stdout, reason = "it prints what it measures")]

use domain::{
    drift::{DriftReference, DriftState, Feature, ImageFeatures},
    time::Timestamp,
};
use measures::{
    drift::{DriftSettings, compare::compare_effects_first, windows::Windowing},
    randomness::Dice,
    statistics::{Share, label_shares::LabelCounts, two_samples::kolmogorov_smirnov},
};

const WINDOWS_OF_A_DAY: usize = 24;
const CAMERAS: [&str; 4] = ["a", "b", "c", "d"];

/// What a scene looks like; images of it differ a little.
#[derive(Clone, Copy)]
struct Scene {
    looks: [f64; 9],
}

impl Scene {
    /// Light, distance and crowding move several features together.
    fn new(dice: &mut Dice) -> Self {
        let (light, distance, crowding) = (dice.normal(), dice.normal(), dice.normal());
        let mut own = |shared: f64| shared + 0.6 * dice.normal();
        let looks = [
            own(light),
            own(light),
            own(distance),
            1.0,
            1.0,
            own(crowding),
            own(-distance),
            own(distance),
            own(light + crowding),
        ];
        Self { looks }
    }

    fn image(&self, dice: &mut Dice) -> ImageFeatures {
        let boxes = (6.0 + 3.0 * self.looks[5] + dice.normal()).max(0.0) as u32;
        let rare = (0.1 + 0.05 * self.looks[5]).clamp(0.02, 0.5);
        let labels = LabelCounts::of(
            (0..boxes).map(|_| u32::from(dice.happens(rare)) + u32::from(dice.happens(rare))),
        );
        let mut image = ImageFeatures::new(labels);
        for (feature, look) in Feature::numbers().zip(self.looks) {
            let value = match feature {
                Feature::Size => 307_200.0,
                Feature::Ratio => 4.0 / 3.0,
                Feature::Objects => f64::from(boxes),
                Feature::Confidence | Feature::BoxArea if boxes == 0 => f64::NAN,
                _ => look + 0.1 * dice.normal(),
            };
            image = image.with(feature, value);
        }
        image
    }
}

/// How images come.
#[derive(Clone, Copy)]
struct Traffic {
    name: &'static str,
    /// Seconds that a scene lasts on the average; `None` for one image.
    scene_s: Option<f64>,
    spacing_ms: i64,
}

fn windows(
    traffic: Traffic,
    count: usize,
    settings: &DriftSettings,
    dice: &mut Dice,
) -> Vec<Vec<ImageFeatures>> {
    let mut windowing = Windowing::default();
    let mut windows = Vec::new();
    let mut scenes = CAMERAS.map(|_| Scene::new(dice));
    for second in 0.. {
        for (camera, scene) in CAMERAS.into_iter().zip(&mut scenes) {
            let (ends, step_ms) = match traffic.scene_s {
                Some(length) => (dice.happens(1.0 / length), 1_000),
                None => (true, settings.spacing_ms),
            };
            if ends {
                *scene = Scene::new(dice);
            }
            let taken = Timestamp(second * step_ms);
            // What would be thinned out need not be drawn.
            if traffic.scene_s.is_some() && second * step_ms % settings.spacing_ms.max(1_000) != 0 {
                continue;
            }
            let full = windowing.push(scene.image(dice).from_source(camera), camera, taken, settings);
            windows.extend(full.map(|window| window.images));
            if windows.len() == count {
                return windows;
            }
        }
    }
    windows
}

/// Of one trial of `count` windows: whether the last one differs, and whether
/// drift is declared in any.
fn trial(
    traffic: Traffic,
    images: usize,
    count: usize,
    settings: &DriftSettings,
    dice: &mut Dice,
) -> (bool, bool) {
    let reference: Vec<_> = (0..images).map(|_| Scene::new(dice).image(dice)).collect();
    let reference = DriftReference::freeze(&reference);
    let (mut state, mut differs, mut declared) = (DriftState::default(), false, false);
    for window in windows(traffic, count, settings, dice) {
        let compared = compare_effects_first(&reference, &window, settings, dice.seed());
        differs = compared.iter().any(|drift| drift.differs);
        declared |= !state.observe(&compared, settings).declared.is_empty();
    }
    (differs, declared)
}

/// How often one window differs, and how often drift is declared in a day.
fn rates(traffic: Traffic, images: usize, settings: &DriftSettings, trials: u32) -> [Share; 2] {
    let run = |count: usize, seed: u64| {
        trial(traffic, images, count, settings, &mut Dice::stream(count as u64, seed))
    };
    let (trials, days) = (u64::from(trials), u64::from(trials / 10));
    std::thread::scope(|scope| {
        let days = scope.spawn(move || Share::of((0..days).map(|seed| run(WINDOWS_OF_A_DAY, seed).1)));
        let windows = Share::of((0..trials).map(|seed| run(1, seed).0));
        [windows, days.join().unwrap_or_default()]
    })
}

fn shown(share: Share) -> String {
    let (low, high) = share.interval(0.95);
    let value = share.value().unwrap_or(0.0);
    format!("{:5.1} % ({:.1}–{:.1})", value * 100.0, low * 100.0, high * 100.0)
}

fn main() {
    let trials = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000);
    let scene = |name, scene_s| Traffic { name, scene_s: Some(scene_s), spacing_ms: 10_000 };
    let all = [
        Traffic { name: "independent", scene_s: None, spacing_ms: 10_000 },
        scene("scenes of 5 s", 5.0),
        scene("scenes of 10 s", 10.0),
        scene("scenes of 30 s", 30.0),
        scene("scenes of 2 min", 120.0),
        Traffic { name: "scenes of 30 s, not thinned", scene_s: Some(30.0), spacing_ms: 0 },
    ];
    println!("{trials} trials; false alarms (95 % interval) with a reference of so many images:");
    println!(
        "{:<28} {:>6} {:>9}   {:<22} a day declared",
        "traffic", "window", "reference", "a window differs"
    );
    for (window, images) in [(100, 100), (100, 300), (30, 150)] {
        for traffic in all {
            let settings =
                DriftSettings { window, spacing_ms: traffic.spacing_ms, ..DriftSettings::default() };
            let [differs, declared] = rates(traffic, images, &settings, trials).map(shown);
            println!("{:<28} {window:>6} {images:>9}   {differs:<22} {declared}", traffic.name);
        }
    }
    // What the statistic alone would say of two samples of one world.
    let mut dice = Dice::new(3);
    let mut sample = |count: u32| (0..count).map(|_| dice.normal()).collect::<Vec<_>>();
    let above = Share::of((0..trials).map(|_| kolmogorov_smirnov(&sample(100), &sample(100)) >= Some(0.2)));
    println!("one feature, 100 against 100: KS ≥ 0.2 by chance in {}", shown(above));
}
