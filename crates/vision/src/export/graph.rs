//! The folded network as a list of operations, for another runtime.

use crate::{
    net::{
        BackboneKind,
        lite::{self, BlockSizes, PREFIX},
    },
    ops::Window,
    weights::Weights,
};
use serde::Serialize;

/// One operation.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub(super) enum Node {
    Conv {
        name: String,
        input: String,
        output: String,
        stride: usize,
        padding: usize,
        groups: usize,
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
        self.layer(name, input, Window { kernel, stride, padding }, 1, activation)
    }

    fn layer(
        &mut self,
        name: &str,
        input: &str,
        Window { stride, padding, .. }: Window,
        groups: usize,
        activation: &'static str,
    ) -> String {
        let output = format!("{name}.out");
        let (name, input) = (name.to_owned(), input.to_owned());
        let to = output.clone();
        self.nodes.push(Node::Conv { name, input, output: to, stride, padding, groups, activation });
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

    /// The maps of the backbone that begins with a patch stem.
    fn residuals(&mut self, weights: &Weights) -> [String; 3] {
        let x = self.stage(weights, "stage4", "x", [6, 4]);
        let fine = self.stage(weights, "stage8", &x, [3, 2]);
        let middle = self.stage(weights, "stage16", &fine, [3, 2]);
        let coarse = self.stage(weights, "stage32", &middle, [3, 2]);
        [fine, middle, coarse]
    }

    /// The maps of EfficientNet-Lite0.
    fn lite(&mut self) -> [String; 3] {
        let mut x = self.layer(&format!("{PREFIX}stem"), "x", lite::window(3, 2), 1, "relu6");
        let mut maps: [String; 3] = std::array::from_fn(|_| x.clone());
        for (index, sizes) in lite::blocks().into_iter().enumerate() {
            let BlockSizes { kernel, stride, inputs, hidden, outputs, .. } = sizes;
            let (name, point) = (format!("{PREFIX}block{index}"), lite::window(1, 1));
            let mut y = x.clone();
            if hidden != inputs {
                y = self.layer(&format!("{name}.expand"), &y, point, 1, "relu6");
            }
            y = self.layer(&format!("{name}.depth"), &y, lite::window(kernel, stride), hidden, "relu6");
            y = self.layer(&format!("{name}.project"), &y, point, 1, "none");
            x = if stride == 1 && inputs == outputs { self.add(&x, &y) } else { y };
            for (map, last) in maps.iter_mut().zip(lite::MAPS) {
                if last == index {
                    map.clone_from(&x);
                }
            }
        }
        maps
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
pub(super) fn graph(weights: &Weights, backbone: BackboneKind) -> (Vec<Node>, Vec<String>) {
    let mut g = Graph::default();
    let [fine, middle, coarse] = match backbone {
        BackboneKind::Residual => g.residuals(weights),
        BackboneKind::Lite0 => g.lite(),
    };
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
