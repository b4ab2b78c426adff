use super::*;
use crate::{
    net::{BackboneKind, Build, Detector, Pass, Plan, Purpose, initialise},
    pretrained,
    weights::Weights,
};
use burn::tensor::{Device, TensorData};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

const PLAN: Plan = Plan { width: 0.25, classes: 2, backbone: BackboneKind::Lite0 };

fn weights() -> Weights {
    let mut weights = initialise(&PLAN, &mut ChaCha8Rng::seed_from_u64(1)).unwrap();
    for (name, array) in pretrained::read(&pretrained::tests::drawn("")).unwrap().iter() {
        weights.insert(name, array.clone());
    }
    weights
}

fn picture(device: &Device) -> Tensor<4> {
    let pixels: Vec<f32> = (0..64 * 96 * 3).map(|i| ((i * 37 % 255) as f32) / 127.5 - 1.0).collect();
    Tensor::from_data(TensorData::new(pixels, [1, 64, 96, 3]), device)
}

#[test]
fn its_maps_have_the_shapes_they_promise() {
    let weights = weights();
    let lite = Lite::new(&mut Build::new(&weights, Purpose::Infer, &Device::flex())).unwrap();
    let shapes = lite.forward(picture(&Device::flex())).map(|map| map.dims());
    assert_eq!(shapes, [[1, 8, 12, 40], [1, 4, 6, 112], [1, 2, 3, 320]]);
    assert_eq!(blocks().len(), MAPS[2] + 1);
}

/// The loss that the gradients are of: a sum over the maps with fixed factors.
fn loss(maps: [Tensor<4>; 3], device: &Device) -> Tensor<1> {
    let part = |map: Tensor<4>| {
        let shape = map.dims();
        let count: usize = shape.iter().product();
        let factors: Vec<f32> = (0..count).map(|i| ((i * 53 % 89) as f32 / 44.0 - 1.0) * 0.05).collect();
        (map * Tensor::from_data(TensorData::new(factors, shape), device)).sum()
    };
    let [a, b, c] = maps.map(part);
    a + b + c
}

#[test]
fn what_learns_has_the_gradient_that_differences_give_and_the_rest_has_none() {
    let weights = weights();
    let device = Device::flex().autodiff();
    let mut build = Build::new(&weights, Purpose::Train, &Device::flex());
    let lite = Lite::new(&mut build).unwrap();
    let gradients = loss(lite.forward(picture(&device)), &device).backward();
    let names: Vec<&str> = build.leaves.iter().map(|(name, _)| name.as_str()).collect();
    assert!(!names.iter().any(|name| name.starts_with("lite.stem") || name.starts_with("lite.block2.")));
    assert_eq!(names.len(), 2 * 3 * (blocks().len() - FROZEN));
    let value = |weights: &Weights| -> f32 {
        let lite = Lite::new(&mut Build::new(weights, Purpose::Infer, &Device::flex())).unwrap();
        loss(lite.forward(picture(&Device::flex())), &Device::flex()).into_scalar::<f32>()
    };
    let mut checked = 0;
    for (name, leaf) in &build.leaves {
        let gradient: Vec<f32> = match leaf {
            crate::net::Leaf::Kernel(tensor) => {
                tensor.grad(&gradients).unwrap().into_data().try_to_vec::<f32>().unwrap()
            }
            crate::net::Leaf::Channel(tensor) => {
                tensor.grad(&gradients).unwrap().into_data().try_to_vec::<f32>().unwrap()
            }
        };
        // The steepest number of each layer: others drown in rounding.
        let (at, slope) = gradient.iter().enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs())).unwrap();
        let step = 2e-3;
        let moved = |by: f32| {
            let mut weights = weights.clone();
            weights.get_mut(name).unwrap().values[at] += by;
            value(&weights)
        };
        let numeric = (moved(step) - moved(-step)) / (2.0 * step);
        // A unit that crosses 0 or 6 within the step bends the line.
        checked += usize::from((numeric - slope).abs() <= 0.05 * slope.abs() + 1e-3);
    }
    assert!(checked * 10 >= names.len() * 9, "{checked} of {} layers agree", names.len());
}

#[test]
fn the_whole_network_runs_on_it() {
    let weights = weights();
    let detector =
        Detector::new(&PLAN, &mut Build::new(&weights, Purpose::Measure, &Device::flex())).unwrap();
    let output = detector.forward(picture(&Device::flex()), &mut Pass::default());
    assert_eq!(output.maps[0].classes.dims(), [1, 8, 12, 2]);
    assert_eq!(output.features[1].dims(), [1, 1, 1, 320]);
}
