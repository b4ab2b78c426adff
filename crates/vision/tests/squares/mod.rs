//! Pictures of bright and dark squares on a grey ground, drawn from a seed.

use domain::{
    dataset::{Annotation, Split},
    geometry::{Rect, Size},
    inference::Pixels,
    name::Label,
    training::{TrainImage, TrainParams, TrainRequest},
};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::path::Path;

pub(crate) const SIZE: Size = Size { width: 96, height: 72 };

pub(crate) fn labels() -> Vec<Label> {
    ["bright", "dark"].map(|name| Label::new(name).unwrap()).to_vec()
}

/// A picture and its true boxes.
pub(crate) fn picture(seed: u64) -> (Pixels, Vec<Annotation>) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (width, height) = (SIZE.width as usize, SIZE.height as usize);
    let mut rgb: Vec<u8> = (0..width * height * 3).map(|_| rng.random_range(118..138)).collect();
    // One square in the left half, one in the right: they never overlap.
    let annotations = [4.0, 52.0].map(|left: f64| {
        let class = rng.random_range(0..2usize);
        let side = rng.random_range(16..32u32);
        let x = left as usize + rng.random_range(0..8);
        let y = rng.random_range(2..36);
        let value = if class == 0 { 240 } else { 15 };
        for row in y..y + side as usize {
            rgb[(row * width + x) * 3..][..side as usize * 3].fill(value);
        }
        let rect = Rect::new(x as f64, y as f64, f64::from(side), f64::from(side)).unwrap();
        Annotation { label: labels()[class].clone(), rect, ignore: false }
    });
    (Pixels::new(SIZE, rgb).unwrap(), annotations.to_vec())
}

/// Images in `folder`: `train` to train on, then `val` to validate on.
pub(crate) fn request(folder: &Path, train: u64, val: u64, params: TrainParams) -> TrainRequest {
    let images = (0..train + val).map(|seed| {
        let (pixels, annotations) = picture(seed);
        let path = folder.join(format!("{seed}.jpg"));
        std::fs::write(&path, imaging::encode_jpeg(&pixels, 95).unwrap()).unwrap();
        let split = if seed < train { Split::Train } else { Split::Val };
        TrainImage { path, size: SIZE, split, annotations }
    });
    TrainRequest {
        labels: labels(),
        images: images.collect(),
        params,
        base: None,
        backbone: None,
        output: folder.join("weights.safetensors"),
        checkpoints: None,
    }
}

pub(crate) fn params(steps: u32) -> TrainParams {
    TrainParams {
        input_width: 96,
        input_height: 96,
        width: 0.25,
        max_steps: steps,
        batch_size: 8,
        learning_rate: 4e-3,
        evaluations: 2,
        ema_decay: 0.95,
        ..TrainParams::default()
    }
}
