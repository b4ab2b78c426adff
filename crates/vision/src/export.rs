//! The folded network as named arrays and a list of what is done with them,
//! so that another runtime can be handed exactly the same arithmetic.
//!
//! Safetensors; under the metadata key `graph` a JSON object:
//! `{"input": {"height", "width"}, "nodes": […], "outputs": […], "labels": […]}`.
//! Nodes, in order, each writing the value named `output`:
//!
//! - `conv`: of `input` with `NAME.weight` `[k, k, in, out]` and `NAME.bias`,
//!   `NAME` being the node's `name`; `stride`, `padding`, `activation`
//!   (`silu` or `none`);
//! - `add`: of `inputs`;
//! - `double`: of `input`, every pixel four times;
//! - `mean`: of `input`, over height and width.
//!
//! The first `input` is named `x`, `[b, height, width, 3]` in −1…1. The arrays
//! `probe.x` and `probe.OUTPUT` are an input and what this crate makes of it.

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
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// One operation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
enum Node {
    Conv {
        name: String,
        input: String,
        output: String,
        stride: usize,
        padding: usize,
        activation: &'static str,
    },
    Add {
        inputs: [String; 2],
        output: String,
    },
    Double {
        input: String,
        output: String,
    },
    Mean {
        input: String,
        output: String,
    },
}

/// Writes the operations down in the order of the network's forward pass.
#[derive(Default)]
struct Graph {
    nodes: Vec<Node>,
}

impl Graph {
    fn conv(
        &mut self,
        name: &str,
        input: &str,
        [kernel, stride]: [usize; 2],
        activation: &'static str,
    ) -> String {
        let padding = if stride == 4 { 1 } else { (kernel - 1) / 2 };
        let output = format!("{name}.out");
        let (name, input) = (name.to_owned(), input.to_owned());
        self.nodes.push(Node::Conv { name, input, output: output.clone(), stride, padding, activation });
        output
    }

    fn add(&mut self, a: &str, b: &str) -> String {
        let output = format!("add{}", self.nodes.len());
        self.nodes.push(Node::Add { inputs: [a.to_owned(), b.to_owned()], output: output.clone() });
        output
    }

    fn double(&mut self, input: &str) -> String {
        let output = format!("double{}", self.nodes.len());
        self.nodes.push(Node::Double { input: input.to_owned(), output: output.clone() });
        output
    }

    fn mean(&mut self, input: &str) -> String {
        let output = format!("{input}.mean");
        self.nodes.push(Node::Mean { input: input.to_owned(), output: output.clone() });
        output
    }

    /// A stage of the backbone with as many blocks as the weights have.
    fn stage(&mut self, weights: &Weights, name: &str, input: &str, sizes: [usize; 2]) -> String {
        let mut x = self.conv(&format!("{name}.down"), input, sizes, "silu");
        for block in (0..).map(|i| format!("{name}.block{i}")) {
            if weights.get(&format!("{block}.narrow.weight")).is_none() {
                break;
            }
            let y = self.conv(&format!("{block}.narrow"), &x, [1, 1], "silu");
            let y = self.conv(&format!("{block}.around"), &y, [3, 1], "silu");
            x = self.add(&x, &y);
        }
        x
    }

    fn head(&mut self, name: &str, input: &str) -> [String; 2] {
        ["class", "box"].map(|branch| {
            let x = self.conv(&format!("{name}.{branch}0"), input, [3, 1], "silu");
            let x = self.conv(&format!("{name}.{branch}1"), &x, [3, 1], "silu");
            self.conv(&format!("{name}.{branch}"), &x, [1, 1], "none")
        })
    }
}

/// The operations for these weights, and the names of the outputs in the
/// order of the network's: classes and boxes of each map, then the features.
fn graph(weights: &Weights) -> (Vec<Node>, Vec<String>) {
    let mut g = Graph::default();
    let x = g.stage(weights, "stage4", "x", [6, 4]);
    let fine = g.stage(weights, "stage8", &x, [3, 2]);
    let middle = g.stage(weights, "stage16", &fine, [3, 2]);
    let coarse = g.stage(weights, "stage32", &middle, [3, 2]);
    let features = [g.mean(&middle), g.mean(&coarse)];
    let coarse = g.conv("neck.lateral32", &coarse, [1, 1], "silu");
    let (lateral, doubled) = (g.conv("neck.lateral16", &middle, [1, 1], "silu"), g.double(&coarse));
    let sum = g.add(&lateral, &doubled);
    let middle = g.conv("neck.down16", &sum, [3, 1], "silu");
    let (lateral, doubled) = (g.conv("neck.lateral8", &fine, [1, 1], "silu"), g.double(&middle));
    let sum = g.add(&lateral, &doubled);
    let fine = g.conv("neck.down8", &sum, [3, 1], "silu");
    let carried = g.conv("neck.carry16", &fine, [3, 2], "silu");
    let sum = g.add(&middle, &carried);
    let middle = g.conv("neck.up16", &sum, [3, 1], "silu");
    let carried = g.conv("neck.carry32", &middle, [3, 2], "silu");
    let sum = g.add(&coarse, &carried);
    let coarse = g.conv("neck.up32", &sum, [3, 1], "silu");
    let heads = [g.head("head8", &fine), g.head("head16", &middle), g.head("head32", &coarse)];
    let outputs = heads.into_iter().flatten().chain(features).collect();
    (g.nodes, outputs)
}

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
    if bare.card.backbone() != BackboneKind::Residual {
        let reason = "only networks with the backbone of this program are written";
        return Err(ModelError::Weights(reason.to_owned()));
    }
    let (nodes, outputs) = graph(&bare.folded);
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

/// A weights file that has learnt nothing, of the shape `params` describe:
/// for measuring arithmetic, which is the same whatever the numbers are.
///
/// # Errors
/// [`ModelError::Weights`] when the parameters describe no network.
pub fn untrained(labels: &[Label], params: &TrainParams) -> Result<Vec<u8>, ModelError> {
    let refuse = |reason: String| ModelError::Weights(reason);
    params.validate().map_err(|error| refuse(error.to_string()))?;
    let or = |given: u32, usual: u32| if given > 0 { given } else { usual };
    let input = Size::new(or(params.input_width, 416), or(params.input_height, 320));
    let card = Card::new(labels, params.width, input.ok_or_else(|| refuse("no input".to_owned()))?);
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
    for _ in 0..5 {
        bare.run(&probe)?;
    }
    let mut times = Vec::with_capacity(runs);
    for _ in 0..runs {
        let begun = Instant::now();
        bare.run(&probe)?;
        times.push(begun.elapsed());
    }
    times.sort();
    Ok(times)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        file::tests::small_model,
        kernels::{
            conv::{Activation, Finish, Kernel, Window, forward},
            resample::double,
        },
    };

    type Values = HashMap<String, (Vec<f32>, [usize; 4])>;

    fn interpret(node: &Node, weights: &Weights, values: &Values) -> (String, (Vec<f32>, [usize; 4])) {
        match node {
            Node::Conv { name, input, output, stride, padding, activation } => {
                let kernel = weights.get(&format!("{name}.weight")).unwrap();
                let bias = &weights.get(&format!("{name}.bias")).unwrap().values;
                let (x, shape) = &values[input];
                let window = Window { kernel: kernel.shape[0], stride: *stride, padding: *padding };
                let silu = *activation == "silu";
                let activation = if silu { Activation::Silu } else { Activation::None };
                let finish = Finish { bias: Some(bias), activation, added: None };
                (output.clone(), forward(x, *shape, Kernel::Plain(&kernel.values), window, finish))
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
        let bytes = small_model(&["a", "b"]).to_bytes().unwrap();
        let bare = Bare::new(&bytes).unwrap();
        let probe = bare.probe();
        let mut values: Values = HashMap::from([("x".to_owned(), (probe.values.clone(), bare.shape()))]);
        let (nodes, outputs) = graph(&bare.folded);
        for node in &nodes {
            let (name, value) = interpret(node, &bare.folded, &values);
            values.insert(name, value);
        }
        for (name, expected) in outputs.iter().zip(bare.run(&probe).unwrap()) {
            let (found, shape) = &values[name];
            assert_eq!(shape.to_vec(), expected.shape, "{name}");
            assert!(found.iter().zip(&expected.values).all(|(a, b)| (a - b).abs() < 1e-4), "{name}");
        }
        let exported = export(&bytes).unwrap();
        let file = safetensors::SafeTensors::deserialize(&exported).unwrap();
        assert!(outputs.iter().all(|name| file.tensor(&format!("probe.{name}")).is_ok()));
    }
}
