use super::*;
use crate::{fold::fold, infer::values, weights::Weights};
use burn::tensor::{Device, TensorData};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

const PLAN: Plan = Plan { width: 0.25, classes: 3, backbone: BackboneKind::Residual };

/// Drawn weights with running moments and channel factors as after training.
fn weights() -> Weights {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut weights = initialise(&PLAN, &mut rng).unwrap();
    for (name, array) in weights.iter_mut() {
        let range = match name.rsplit('.').next() {
            Some("moments") => 0.5..1.5,
            Some("gamma") => 0.5..1.2,
            Some("beta") => -0.3..0.3,
            _ => continue,
        };
        array.values.iter_mut().for_each(|v| *v = rng.random_range(range.clone()));
    }
    weights
}

fn run(weights: &Weights, purpose: Purpose) -> Vec<Vec<f32>> {
    let device = Device::flex();
    let detector = Detector::new(&PLAN, &mut Build::new(weights, purpose, &device)).unwrap();
    let pixels: Vec<f32> = (0..2 * 64 * 96 * 3).map(|i| ((i * 37 % 255) as f32) / 127.5 - 1.0).collect();
    let x = Tensor::from_data(TensorData::new(pixels, [2, 64, 96, 3]), &device);
    let output = detector.forward(x, &mut Pass::default());
    let maps = output.maps.into_iter().flat_map(|map| [map.classes, map.boxes]);
    maps.chain(output.features).map(|tensor| values(tensor).unwrap()).collect()
}

#[test]
fn folding_changes_no_output_by_more_than_a_ten_thousandth() {
    let weights = weights();
    let (measured, folded) = (run(&weights, Purpose::Measure), run(&fold(&weights).unwrap(), Purpose::Infer));
    let mut largest = 0.0f32;
    for (a, b) in measured.iter().flatten().zip(folded.iter().flatten()) {
        largest = largest.max(a.abs());
        assert!((a - b).abs() <= 1e-4 * a.abs().max(1.0), "{a} {b}");
    }
    assert!(largest > 0.1, "an output of zeros shows nothing");
}

#[test]
fn maps_and_features_have_the_shapes_they_promise() {
    let sizes: Vec<usize> = run(&weights(), Purpose::Measure).iter().map(Vec::len).collect();
    let map = |h: usize, w: usize| [2 * h * w * 3, 2 * h * w * 4 * BINS];
    let [a, b, c] = [map(8, 12), map(4, 6), map(2, 3)];
    assert_eq!(sizes[..6], [a[0], a[1], b[0], b[1], c[0], c[1]]);
    assert_eq!(sizes[6..], backbone::channels(&PLAN)[1..].iter().map(|c| 2 * c).collect::<Vec<_>>());
}

#[test]
fn a_layer_without_its_weights_is_named() {
    let mut without = Weights::default();
    for (name, array) in weights().iter().filter(|(name, _)| *name != "neck.down8.gamma") {
        without.insert(name, array.clone());
    }
    let error = Detector::new(&PLAN, &mut Build::new(&without, Purpose::Measure, &Device::flex())).err();
    assert_eq!(error, Some(Unfit::Missing("neck.down8.gamma".to_owned())));
}
