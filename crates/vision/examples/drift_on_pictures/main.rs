//! How the drift test and the outlier score do on real pictures.
//!
//! `drift_on_pictures WEIGHTS IMAGES COCO.json OTHER_IMAGES OTHER_COCO.json [TRIALS]`
//!
//! WEIGHTS were trained on the `train` split of COCO.json. Its `val` and
//! `test` images, which the model never saw, are drawn anew in each trial into
//! a reference and windows that share no image. OTHER is another set of
//! pictures: what is unusual, and what is mixed in. Prints false alarms, the
//! power against corruptions, and how well outliers are told.

#![allow(clippy::print_stdout, reason = "it prints what it measures")]

mod corruptions;

use corruptions::CORRUPTIONS;
use domain::{
    dataset::Split,
    drift::{DriftReference, DriftState, Feature, ImageFeatures, image_features},
    geometry::Size,
    inference::{ModelFile, Pixels, Predictor, PredictorLoader},
    monitor::image_measures::Appearance,
};
use engine::InferenceOptions;
use measures::{
    drift::{DriftSettings, compare::compare_effects_first},
    outlier::{EmbeddingIndex, separation},
    randomness::Dice,
    statistics::Share,
};
use serde_json::Value;
use std::{error::Error, path::Path, str::FromStr, sync::mpsc};

type Failure = Box<dyn Error>;

/// Boxes at or above it are counted, as a deployment does by default.
const THRESHOLD: f64 = 0.25;
const WINDOWS: [u32; 3] = [30, 50, 80];
const WINDOWS_OF_A_DAY: usize = 24;
const CAMERAS: [&str; 4] = ["a", "b", "c", "d"];

/// What the model says of an image.
struct Seen {
    embedding: Vec<f32>,
    appearance: Appearance,
    size: Size,
    boxes: Vec<(u32, f64, f64)>,
}

fn look(predictor: &dyn Predictor, pixels: Pixels) -> Result<Seen, Failure> {
    let appearance = imaging::properties(&pixels).appearance;
    let size = pixels.size();
    let (sender, receiver) = mpsc::channel();
    predictor.predict(pixels, Box::new(move |result| drop(sender.send(result))));
    let inference = receiver.recv()??;
    let seen = inference.detections.iter().filter(|seen| seen.score.get() >= THRESHOLD);
    let boxes = seen.map(|seen| (seen.class as u32, seen.score.get(), seen.rect.area())).collect();
    Ok(Seen { embedding: inference.embedding.ok_or("the model gave no embedding")?, appearance, size, boxes })
}

/// Pictures of a COCO file with their splits.
fn pictures(folder: &str, file: &str) -> Result<Vec<(Split, Pixels)>, Failure> {
    let coco: Value = serde_json::from_slice(&std::fs::read(file)?)?;
    let images = coco["images"].as_array().ok_or("no images")?;
    let mut pictures = Vec::new();
    for image in images {
        let name = image["file_name"].as_str().ok_or("an image has no file_name")?;
        let split = Split::from_str(image["split"].as_str().unwrap_or("train"))?;
        let bytes = std::fs::read(Path::new(folder).join(name))?;
        pictures.push((split, imaging::decode(&bytes, &imaging::Limits::default())?));
    }
    Ok(pictures)
}

struct World {
    /// Unseen images as they are, and under each corruption, in one order.
    looks: Vec<Vec<ImageFeatures>>,
    others: Vec<ImageFeatures>,
    auroc: Option<f64>,
}

fn world(arguments: &[String]) -> Result<World, Failure> {
    let [weights, images, coco, other_images, other_coco] = arguments else {
        return Err(
            "usage: drift_on_pictures WEIGHTS IMAGES COCO.json OTHER_IMAGES OTHER_COCO.json [TRIALS]".into(),
        );
    };
    let loader = vision::loader(InferenceOptions::default())?;
    let predictor = loader.load(ModelFile::fovea(&std::fs::read(weights)?))?;
    let all = pictures(images, coco)?;
    let of = |wanted: fn(Split) -> bool| {
        all.iter().filter(move |(split, _)| wanted(*split)).map(|(_, pixels)| pixels)
    };
    let mut embeddings = Vec::new();
    for pixels in of(|split| split == Split::Train) {
        embeddings.push(look(&*predictor, pixels.clone())?.embedding);
    }
    let index = EmbeddingIndex::new(embeddings.iter().map(Vec::as_slice))?;
    let features = |seen: &Seen| {
        let distance = index.distance(&seen.embedding);
        image_features(Some(seen.appearance), seen.size, &seen.boxes, distance)
    };
    let mut dice = Dice::new(1);
    let mut looks = Vec::new();
    for (name, corrupt) in CORRUPTIONS {
        let mut corrupted = Vec::new();
        for pixels in of(|split| split != Split::Train) {
            let changed = corrupt(pixels, &mut dice).ok_or("a picture has no size")?;
            corrupted.push(features(&look(&*predictor, changed)?));
        }
        eprintln!("looked at {} images: {name}", corrupted.len());
        looks.push(corrupted);
    }
    let mut others = Vec::new();
    for (_, pixels) in pictures(other_images, other_coco)? {
        others.push(features(&look(&*predictor, pixels)?));
    }
    let distances = |list: &[ImageFeatures]| -> Vec<f64> {
        list.iter().filter_map(|image| image.number(Feature::Embedding).map(f64::from)).collect()
    };
    let auroc = separation(&distances(&looks[0]), &distances(&others));
    Ok(World { looks, others, auroc })
}

/// Images in the order of arrival, from four cameras in turn.
fn from_cameras(images: impl IntoIterator<Item = ImageFeatures>) -> Vec<ImageFeatures> {
    let numbered = images.into_iter().enumerate();
    numbered.map(|(at, image)| image.from_source(CAMERAS[at % CAMERAS.len()])).collect()
}

/// A window: `count` of `pool`, each once.
fn independent(pool: &[ImageFeatures], count: usize, dice: &mut Dice) -> Vec<ImageFeatures> {
    let mut order: Vec<&ImageFeatures> = pool.iter().collect();
    dice.choose(&mut order, count);
    from_cameras(order.into_iter().take(count).cloned())
}

/// A window of scenes: an image stays before its camera for three images on
/// the average, and differs a little each time. A scene comes once in a window:
/// drawn again and again from few, scenes would differ from the reference more
/// than the world does.
fn bursty(pool: &[ImageFeatures], count: usize, dice: &mut Dice) -> Vec<ImageFeatures> {
    let mut order: Vec<usize> = (0..pool.len()).collect();
    dice.shuffle(&mut order);
    let mut next = order.into_iter().cycle();
    let mut scenes: Vec<usize> = next.by_ref().take(CAMERAS.len()).collect();
    let mut images = Vec::new();
    for at in 0..count {
        let camera = at % CAMERAS.len();
        if dice.happens(1.0 / 3.0) {
            scenes[camera] = next.next().unwrap_or_default();
        }
        let mut image = pool[scenes[camera]].clone();
        for feature in Feature::numbers() {
            let value = image.number(feature).map(|value| f64::from(value) * (1.0 + 0.01 * dice.normal()));
            let whole = matches!(feature, Feature::Size | Feature::Ratio | Feature::Objects);
            image = if whole { image } else { image.with(feature, value) };
        }
        images.push(image);
    }
    from_cameras(images)
}

/// Images of the reference: half of all, or what a window leaves.
fn of_reference(images: usize, window: u32) -> usize {
    (images / 2).min(images.saturating_sub(window as usize)).max(1)
}

/// A reference, and the places of what is left to draw windows from.
fn split(world: &World, window: u32, dice: &mut Dice) -> (DriftReference, Vec<usize>) {
    let mut places: Vec<usize> = (0..world.looks[0].len()).collect();
    dice.shuffle(&mut places);
    let rest = places.split_off(of_reference(places.len(), window));
    let reference: Vec<_> = places.iter().map(|place| world.looks[0][*place].clone()).collect();
    (DriftReference::freeze(&reference), rest)
}

/// The share of trials in which it happens, on as many threads as there are.
fn share(trials: u64, happens: impl Fn(u64) -> bool + Sync) -> Share {
    let threads = std::thread::available_parallelism().map_or(1, |number| number.get() as u64);
    std::thread::scope(|scope| {
        let happens = &happens;
        let part =
            |first: u64| move || (first..trials).step_by(threads as usize).map(happens).collect::<Vec<_>>();
        let running: Vec<_> = (0..threads).map(|first| scope.spawn(part(first))).collect();
        Share::of(running.into_iter().filter_map(|thread| thread.join().ok()).flatten())
    })
}

type Draw = fn(&[ImageFeatures], usize, &mut Dice) -> Vec<ImageFeatures>;

/// How often one window differs, and drift is declared in a day, when nothing
/// has changed. The windows of a day are drawn from the same images.
fn false_alarms(world: &World, window: u32, draw: Draw, trials: u64) -> [Share; 2] {
    let settings = DriftSettings { window, ..DriftSettings::default() };
    let of = |count: usize, trials: u64| {
        share(trials, |trial| {
            let mut dice = Dice::stream(u64::from(window), trial);
            let (reference, rest) = split(world, window, &mut dice);
            let pool: Vec<_> = rest.iter().map(|place| world.looks[0][*place].clone()).collect();
            let (mut state, mut happened) = (DriftState::default(), false);
            for _ in 0..count {
                let images = draw(&pool, window as usize, &mut dice);
                let compared = compare_effects_first(&reference, &images, &settings, dice.seed());
                happened |= match count {
                    1 => compared.iter().any(|feature| feature.differs),
                    _ => !state.observe(&compared, &settings).declared.is_empty(),
                };
            }
            happened
        })
    };
    [of(1, trials), of(WINDOWS_OF_A_DAY, trials / 10)]
}

/// How often a window of changed images differs.
fn power(
    world: &World,
    window: u32,
    trials: u64,
    changed: impl Fn(&World, &[usize], &mut Dice) -> Vec<ImageFeatures> + Sync,
) -> Share {
    let settings = DriftSettings { window, ..DriftSettings::default() };
    share(trials, |trial| {
        let mut dice = Dice::stream(7 + u64::from(window), trial);
        let (reference, rest) = split(world, window, &mut dice);
        let images = from_cameras(changed(world, &rest, &mut dice));
        compare_effects_first(&reference, &images, &settings, dice.seed())
            .iter()
            .any(|feature| feature.differs)
    })
}

fn shown(share: Share) -> String {
    let (low, high) = share.interval(0.95);
    format!("{:.1} % ({:.1}–{:.1})", share.value().unwrap_or(0.0) * 100.0, low * 100.0, high * 100.0)
}

fn main() -> Result<(), Failure> {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    let trials: u64 = if arguments.len() > 5 { arguments.remove(5).parse()? } else { 1_000 };
    let world = world(&arguments)?;
    let images = world.looks[0].len();
    println!("{images} unseen images, {} others, {trials} trials", world.others.len());
    println!("outliers: AUROC {:.4}", world.auroc.unwrap_or(f64::NAN));
    println!("| traffic | window | reference | a window differs | a day declared |\n|---|---|---|---|---|");
    let traffic: [(&str, Draw); 2] = [("independent", independent), ("scenes of three images", bursty)];
    for (name, draw) in traffic {
        for window in WINDOWS {
            let [one, day] = false_alarms(&world, window, draw, trials).map(shown);
            println!("| {name} | {window} | {} | {one} | {day} |", of_reference(images, window));
        }
    }
    println!("| change | {} |\n|---|---|---|---|", WINDOWS.map(|window| window.to_string()).join(" | "));
    let power_trials = (trials / 5).max(20);
    for (number, (name, _)) in CORRUPTIONS.iter().enumerate() {
        let rates = WINDOWS.map(|window| {
            let changed = |world: &World, places: &[usize], _: &mut Dice| {
                places.iter().take(window as usize).map(|place| world.looks[number][*place].clone()).collect()
            };
            shown(power(&world, window, power_trials, changed))
        });
        println!("| {name} | {} |", rates.join(" | "));
    }
    for percent in [5, 20, 50] {
        let rates = WINDOWS.map(|window| {
            let changed = |world: &World, places: &[usize], dice: &mut Dice| {
                let mixed = |place: &usize| match dice.happens(f64::from(percent) / 100.0) {
                    true => world.others[dice.place(world.others.len())].clone(),
                    false => world.looks[0][*place].clone(),
                };
                places.iter().take(window as usize).map(mixed).collect()
            };
            shown(power(&world, window, power_trials, changed))
        });
        println!("| {percent} % of the other set | {} |", rates.join(" | "));
    }
    Ok(())
}
