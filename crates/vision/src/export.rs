//! The folded network as named arrays and a list of what is done with them,
//! so that another runtime can be handed exactly the same arithmetic.
//!
//! Safetensors; under the metadata key `graph` a JSON object:
//! `{"input": {"height", "width"}, "nodes": […], "outputs": […], "labels": […]}`.
//! Nodes, in order, each writing the value named `output`:
//!
//! - `conv`: of `input` with `NAME.weight` `[k, k, in, out]` and `NAME.bias`,
//!   `NAME` being the node's `name`; in as many `groups`, each of which sees its
//!   own channels (of a depthwise one `in` is 1); `stride`, `padding` (zeros
//!   before; after are k − `stride` − `padding`), `activation` (`silu`, `relu6`
//!   or `none`);
//! - `add`: of `inputs`;
//! - `double`: of `input`, every pixel four times;
//! - `mean`: of `input`, over height and width.
//!
//! The first `input` is named `x`, `[b, height, width, 3]` in −1…1. The arrays
//! `probe.x` and `probe.OUTPUT` are an input and what this crate makes of it.

mod graph;

use crate::{
    file::{Card, Model, to_safetensors},
    fold::fold,
    infer::values,
    net::{BackboneKind, Build, Detector, Pass, Purpose, initialise, lite::Lite},
    pretrained,
    weights::{Array, Weights},
};
use burn::tensor::{Device, Tensor, TensorData};
use domain::{geometry::Size, inference::ModelError, name::Label, training::TrainParams};
use graph::graph;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// The folded network alone, for measuring its arithmetic.
struct Bare {
    detector: Detector,
    card: Card,
    folded: Weights,
}

impl Bare {
    fn new(weights: &[u8]) -> Result<Self, ModelError> {
        let Model { card, weights } = Model::from_bytes(weights)?;
        let refuse = |error: crate::weights::Unfit| ModelError::Weights(error.to_string());
        let folded = fold(&weights).map_err(refuse)?;
        let detector = Detector::new(&card.plan(), &mut Build::new(&folded, Purpose::Infer, &Device::flex()))
            .map_err(refuse)?;
        Ok(Self { detector, card, folded })
    }

    fn shape(&self) -> [usize; 4] {
        [1, self.card.input.height as usize, self.card.input.width as usize, 3]
    }

    fn probe(&self) -> Array {
        let shape = self.shape();
        let values = (0..shape.iter().product()).map(|i: usize| (i * 37 % 255) as f32 / 127.5 - 1.0);
        Array { shape: shape.to_vec(), values: values.collect() }
    }

    fn run(&self, x: &Array) -> Result<Vec<Array>, ModelError> {
        let x = TensorData::new(x.values.clone(), self.shape());
        let output = self.detector.forward(Tensor::from_data(x, &Device::flex()), &mut Pass::default());
        let maps = output.maps.into_iter().flat_map(|map| [map.classes, map.boxes]);
        maps.chain(output.features)
            .map(|tensor| Ok(Array { shape: tensor.dims().to_vec(), values: values(tensor)? }))
            .collect()
    }
}

/// The network of a weights file, for another runtime; see the module.
///
/// # Errors
/// [`ModelError::Weights`] when the bytes are no weights file.
pub fn export(weights: &[u8]) -> Result<Vec<u8>, ModelError> {
    let bare = Bare::new(weights)?;
    let (nodes, outputs) = graph(&bare.folded, bare.card.backbone());
    let mut arrays = bare.folded.clone();
    let probe = bare.probe();
    for (name, array) in outputs.iter().zip(bare.run(&probe)?) {
        arrays.insert(format!("probe.{name}"), array);
    }
    arrays.insert("probe.x", probe);
    let description = serde_json::json!({
        "input": bare.card.input,
        "labels": bare.card.labels,
        "nodes": nodes,
        "outputs": outputs,
    });
    to_safetensors(&arrays, HashMap::from([("graph".to_owned(), description.to_string())]))
}

/// What a backbone that others trained makes of `pixels`, `[height, width, 3]`
/// in −1…1: its maps at strides 8, 16 and 32, each `[height, width, channels]`
/// row by row. For comparing it with other implementations.
///
/// # Errors
/// [`ModelError::Weights`] when the file is no backbone, or the sides are no
/// multiples of 32.
pub fn backbone_maps(file: &[u8], size: Size, pixels: Vec<f32>) -> Result<[Vec<f32>; 3], ModelError> {
    let refuse = |reason: String| ModelError::Weights(reason);
    let (height, width) = (size.height as usize, size.width as usize);
    if pixels.len() != height * width * 3 || !height.is_multiple_of(32) || !width.is_multiple_of(32) {
        return Err(refuse(format!("{} numbers are no picture of {width}×{height}", pixels.len())));
    }
    let weights = pretrained::read(file)?;
    let mut build = Build::new(&weights, Purpose::Infer, &Device::flex());
    let backbone = Lite::new(&mut build).map_err(|error| refuse(error.to_string()))?;
    let x = Tensor::from_data(TensorData::new(pixels, [1, height, width, 3]), &Device::flex());
    let [fine, middle, coarse] = backbone.forward(x);
    Ok([values(fine)?, values(middle)?, values(coarse)?])
}

/// A weights file that has learnt nothing, of the shape `params` describe; with
/// the backbone EfficientNet-Lite0 where they name one: for measuring arithmetic, which is the same whatever the numbers are.
///
/// # Errors
/// [`ModelError::Weights`] when the parameters describe no network.
pub fn untrained(labels: &[Label], params: &TrainParams) -> Result<Vec<u8>, ModelError> {
    let refuse = |reason: String| ModelError::Weights(reason);
    params.validate().map_err(|error| refuse(error.to_string()))?;
    let or = |given: u32, usual: u32| if given > 0 { given } else { usual };
    let input = Size::new(or(params.input_width, 416), or(params.input_height, 320));
    let kind = if params.backbone.is_empty() { BackboneKind::Residual } else { BackboneKind::Lite0 };
    let card = Card::new(labels, params.width, input.ok_or_else(|| refuse("no input".to_owned()))?);
    let card = card.with_backbone(kind);
    let mut rng = ChaCha8Rng::seed_from_u64(params.seed);
    let weights = initialise(&card.plan(), &mut rng).map_err(|error| refuse(error.to_string()))?;
    Model { card, weights }.to_bytes()
}

/// How long the network alone takes for one image, `runs` times, in rising
/// order; the first few runs are not counted.
///
/// # Errors
/// [`ModelError::Weights`] when the bytes are no weights file.
pub fn forward_times(weights: &[u8], runs: usize) -> Result<Vec<Duration>, ModelError> {
    let bare = Bare::new(weights)?;
    let probe = bare.probe();
    let time = || {
        let begun = Instant::now();
        bare.run(&probe).map(|_| begun.elapsed())
    };
    // On a thread of the pool, as where it serves: from another one, each
    // layer would be handed over and waited for.
    let mut times = rayon::scope(|_| {
        (0..5).try_for_each(|_| time().map(drop))?;
        (0..runs).map(|_| time()).collect::<Result<Vec<_>, _>>()
    })?;
    times.sort();
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::{graph::Node, *};
    use crate::{
        file::tests::small_model,
        kernels::{
            conv::{Activation, Finish, Kernel, Window, forward},
            depthwise,
            resample::double,
        },
    };

    type Values = HashMap<String, (Vec<f32>, [usize; 4])>;

    fn interpret(node: &Node, weights: &Weights, values: &Values) -> (String, (Vec<f32>, [usize; 4])) {
        match node {
            Node::Conv { name, input, output, stride, padding, groups, activation } => {
                let kernel = weights.get(&format!("{name}.weight")).unwrap();
                let bias = &weights.get(&format!("{name}.bias")).unwrap().values;
                let (x, shape) = &values[input];
                let window = Window { kernel: kernel.shape[0], stride: *stride, padding: *padding };
                let activation = match *activation {
                    "silu" => Activation::Silu,
                    "relu6" => Activation::Relu6,
                    _ => Activation::None,
                };
                let value = if *groups > 1 {
                    assert_eq!((*groups, kernel.shape[2]), (shape[3], 1), "a channel by itself");
                    depthwise::forward(x, *shape, &kernel.values, Some(bias), window, activation)
                } else {
                    let finish = Finish { bias: Some(bias), activation, added: None };
                    forward(x, *shape, Kernel::Plain(&kernel.values), window, finish)
                };
                (output.clone(), value)
            }
            Node::Add { inputs: [a, b], output } => {
                let ((a, shape), (b, other)) = (&values[a], &values[b]);
                assert_eq!(shape, other);
                (output.clone(), (a.iter().zip(b).map(|(a, b)| a + b).collect(), *shape))
            }
            Node::Double { input, output } => {
                let (x, [b, h, w, c]) = &values[input];
                (output.clone(), (double(x, [*b, *h, *w, *c]), [*b, h * 2, w * 2, *c]))
            }
            Node::Mean { input, output } => {
                let (x, [b, h, w, c]) = &values[input];
                let mean = (0..*c).map(|i| x.chunks(*c).map(|row| row[i]).sum::<f32>() / (h * w) as f32);
                (output.clone(), (mean.collect(), [*b, 1, 1, *c]))
            }
        }
    }

    #[test]
    fn the_written_operations_make_what_the_network_makes() {
        check(&small_model(&["a", "b"]).to_bytes().unwrap());
    }

    #[test]
    fn a_network_with_a_backbone_that_others_trained_is_written_too() {
        let labels = ["a", "b"].map(|label| Label::new(label).unwrap());
        let params = TrainParams {
            backbone: "lite0".to_owned(),
            width: 0.125,
            input_width: 96,
            input_height: 64,
            ..TrainParams::default()
        };
        check(&untrained(&labels, &params).unwrap());
    }

    fn check(bytes: &[u8]) {
        let bare = Bare::new(bytes).unwrap();
        let probe = bare.probe();
        let mut values: Values = HashMap::from([("x".to_owned(), (probe.values.clone(), bare.shape()))]);
        let (nodes, outputs) = graph(&bare.folded, bare.card.backbone());
        for node in &nodes {
            let (name, value) = interpret(node, &bare.folded, &values);
            values.insert(name, value);
        }
        for (name, expected) in outputs.iter().zip(bare.run(&probe).unwrap()) {
            let (found, shape) = &values[name];
            assert_eq!(shape.to_vec(), expected.shape, "{name}");
            assert!(found.iter().zip(&expected.values).all(|(a, b)| (a - b).abs() < 1e-4), "{name}");
        }
        let exported = export(bytes).unwrap();
        let file = safetensors::SafeTensors::deserialize(&exported).unwrap();
        assert!(outputs.iter().all(|name| file.tensor(&format!("probe.{name}")).is_ok()));
    }
}
