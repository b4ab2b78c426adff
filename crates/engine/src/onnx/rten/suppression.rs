//! Suppression within a graph, computed here.
//!
//! rten takes the smallest box around two boxes for their union: fewer of them
//! cover each other than whoever exported the graph meant. So the operator is
//! taken out: what it is given becomes an output of the graph, what it gives an
//! input, and the graph runs in stages with the suppression between them.
//! torchvision puts it into a branch beside an empty one, for pictures without
//! any box; that branch is taken always, and gives nothing for nothing.

use crate::{
    Corners,
    boxes::iou,
    onnx::{
        graph::Node,
        wire::{Damaged, Fields, write_bytes, write_number},
    },
};
use domain::inference::ModelError;

/// Fields of `onnx.proto`: of a model, a graph, an attribute.
const MODEL_GRAPH: u64 = 7;
const NODE: u64 = 1;
const INITIALIZER: u64 = 5;
const INPUT: u64 = 11;
const OUTPUT: u64 = 12;
const ATTRIBUTE_GRAPH: u64 = 6;
const INT64: u64 = 7;
const OPERATOR: &str = "NonMaxSuppression";

/// A suppression that was taken out; names of the graph's values.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Suppression {
    /// Boxes `[images, n, 4]`.
    pub(super) boxes: String,
    /// Scores `[images, classes, n]`.
    pub(super) scores: String,
    /// Most boxes of a class, greatest overlap, least score: constants.
    pub(super) limits: [Option<String>; 3],
    /// What it gives: image, class and place of each box that stays, `[m, 3]`.
    pub(super) output: String,
    /// Whether boxes are a middle with width and height, and not two corners.
    is_centred: bool,
}

/// A file without its suppressions, and those.
pub(super) type WithoutSuppressions = (Vec<u8>, Vec<Suppression>);

/// Takes the suppressions out of a file; `None` for a file without any.
///
/// # Errors
/// [`ModelError::Weights`] where one lies so that it cannot be taken out.
pub(super) fn take_out(file: &[u8]) -> Result<Option<WithoutSuppressions>, ModelError> {
    let mut rest = Rest::default();
    let mut whole = Vec::new();
    for field in Fields(file) {
        match field? {
            (MODEL_GRAPH, value) => {
                rest.read_graph(value.bytes()?)?;
                if rest.suppressions.is_empty() {
                    return Ok(None);
                }
                write_bytes(&mut whole, MODEL_GRAPH, &rest.finish());
            }
            (number, value) => match value.number() {
                Ok(value) => write_number(&mut whole, number, value),
                Err(Damaged) => write_bytes(&mut whole, number, value.bytes()?),
            },
        }
    }
    Ok(Some((whole, rest.suppressions)))
}

/// A graph in the making.
#[derive(Default)]
struct Rest {
    graph: Vec<u8>,
    suppressions: Vec<Suppression>,
}

impl Rest {
    fn read_graph(&mut self, graph: &[u8]) -> Result<(), ModelError> {
        for field in Fields(graph) {
            match field? {
                (NODE, value) => self.read_node(value.bytes()?)?,
                (number, value) => write_bytes(&mut self.graph, number, value.bytes()?),
            }
        }
        Ok(())
    }

    fn read_node(&mut self, bytes: &[u8]) -> Result<(), ModelError> {
        let node = Node::read(bytes)?;
        if node.operator == OPERATOR {
            self.suppressions.push(suppression(&node)?);
            return Ok(());
        }
        let branches = bodies(&node)?;
        let mut inner = None;
        for branch in &branches {
            if suppresses(branch)? {
                inner = Some(*branch).filter(|_| inner.is_none());
                let others = branches.iter().filter(|other| *other != branch);
                let are_empty = others.map(|other| is_constant(other)).collect::<Result<Vec<_>, _>>()?;
                if node.operator != "If" || inner.is_none() || are_empty.contains(&false) {
                    return Err(ModelError::Weights(format!(
                        "the operator {OPERATOR} lies within another one ({}), which rten does not know. ONNX \
                         Runtime may know it: name its library with --onnxruntime FILE",
                        node.operator
                    )));
                }
            }
        }
        match inner {
            Some(branch) => self.take_branch(branch, &node.outputs),
            None => {
                write_bytes(&mut self.graph, NODE, bytes);
                Ok(())
            }
        }
    }

    /// The operators of a branch as if they lay outside of it.
    fn take_branch(&mut self, branch: &[u8], outputs: &[&str]) -> Result<(), ModelError> {
        let mut outputs = outputs.iter();
        for field in Fields(branch) {
            match field? {
                (NODE, value) => self.read_node(value.bytes()?)?,
                (INITIALIZER, value) => write_bytes(&mut self.graph, INITIALIZER, value.bytes()?),
                (OUTPUT, value) => {
                    let inner = name_of(value.bytes()?)?;
                    if let Some(outer) = outputs.next() {
                        let mut identity = Vec::new();
                        write_bytes(&mut identity, 1, inner.as_bytes());
                        write_bytes(&mut identity, 2, outer.as_bytes());
                        write_bytes(&mut identity, 4, b"Identity");
                        write_bytes(&mut self.graph, NODE, &identity);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// With inputs and outputs for what was taken out.
    fn finish(&mut self) -> Vec<u8> {
        let mut graph = std::mem::take(&mut self.graph);
        for suppression in &self.suppressions {
            let mut tensor = Vec::new();
            write_number(&mut tensor, 1, INT64);
            let mut kind = Vec::new();
            write_bytes(&mut kind, 1, &tensor);
            let mut input = Vec::new();
            write_bytes(&mut input, 1, suppression.output.as_bytes());
            write_bytes(&mut input, 2, &kind);
            write_bytes(&mut graph, INPUT, &input);
            let limits = suppression.limits.iter().flatten();
            for name in [&suppression.boxes, &suppression.scores].into_iter().chain(limits) {
                let mut output = Vec::new();
                write_bytes(&mut output, 1, name.as_bytes());
                write_bytes(&mut graph, OUTPUT, &output);
            }
        }
        graph
    }
}

fn suppression(node: &Node<'_>) -> Result<Suppression, ModelError> {
    let name = |place: usize| node.inputs.get(place).filter(|name| !name.is_empty());
    let owned = |place: usize| name(place).map(|name| (*name).to_owned());
    let (Some(boxes), Some(scores), Some(output)) = (owned(0), owned(1), node.outputs.first()) else {
        return Err(ModelError::Weights(format!("an operator {OPERATOR} has no boxes or no scores")));
    };
    let mut is_centred = false;
    for attribute in &node.attributes {
        for field in Fields(attribute) {
            if let (3, value) = field? {
                is_centred = value.number()? == 1;
            }
        }
    }
    let limits = [owned(2), owned(3), owned(4)];
    Ok(Suppression { boxes, scores, limits, output: (*output).to_owned(), is_centred })
}

/// The graphs within an operator.
fn bodies<'a>(node: &Node<'a>) -> Result<Vec<&'a [u8]>, Damaged> {
    let mut bodies = Vec::new();
    for attribute in &node.attributes {
        for field in Fields(attribute) {
            if let (ATTRIBUTE_GRAPH, value) = field? {
                bodies.push(value.bytes()?);
            }
        }
    }
    Ok(bodies)
}

fn nodes(graph: &[u8]) -> Result<Vec<Node<'_>>, ModelError> {
    let mut nodes = Vec::new();
    for field in Fields(graph) {
        if let (NODE, value) = field? {
            nodes.push(Node::read(value.bytes()?)?);
        }
    }
    Ok(nodes)
}

/// Whether a suppression is in it, however deep.
fn suppresses(graph: &[u8]) -> Result<bool, ModelError> {
    for node in nodes(graph)? {
        if node.operator == OPERATOR {
            return Ok(true);
        }
        for body in bodies(&node)? {
            if suppresses(body)? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

fn is_constant(graph: &[u8]) -> Result<bool, ModelError> {
    Ok(nodes(graph)?.iter().all(|node| matches!(node.operator, "Constant" | "Identity")))
}

fn name_of(value: &[u8]) -> Result<&str, Damaged> {
    for field in Fields(value) {
        if let (1, name) = field? {
            return name.text();
        }
    }
    Err(Damaged)
}

/// The limits of a suppression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limits {
    /// Most boxes of a class.
    pub(super) most: usize,
    /// Greatest overlap.
    pub(super) iou: f32,
    /// A score must be above it.
    pub(super) score: f32,
}

impl Suppression {
    /// Image, class and place of each box that stays: by image, by class, best
    /// first; of equal scores the first.
    pub(super) fn run(
        &self,
        boxes: &[f32],
        scores: &[f32],
        [images, classes, count]: [usize; 3],
        limits: Limits,
    ) -> Vec<i32> {
        let mut rows = Vec::new();
        for image in 0..images {
            let place = |at: usize| boxes.get((image * count + at) * 4..).and_then(|rest| rest.first_chunk());
            let corners: Vec<Corners> =
                (0..count).filter_map(place).map(|four| self.corners(*four)).collect();
            for class in 0..classes {
                let from = (image * classes + class) * count;
                let scores = scores.get(from..from + count).unwrap_or_default();
                for at in survivors(&corners, scores, limits) {
                    rows.extend([image, class, at].map(|number| number as i32));
                }
            }
        }
        rows
    }

    fn corners(&self, [a, b, c, d]: [f32; 4]) -> Corners {
        if self.is_centred {
            [a - c / 2.0, b - d / 2.0, a + c / 2.0, b + d / 2.0]
        } else {
            [a.min(c), b.min(d), a.max(c), b.max(d)]
        }
    }
}

fn survivors(corners: &[Corners], scores: &[f32], limits: Limits) -> Vec<usize> {
    let mut order: Vec<(usize, f32)> =
        scores.iter().copied().enumerate().filter(|(_, score)| *score > limits.score).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut survivors: Vec<(usize, Corners)> = Vec::new();
    for (at, _) in order {
        if survivors.len() >= limits.most {
            break;
        }
        let Some(place) = corners.get(at) else { continue };
        if survivors.iter().all(|(_, better)| iou(better, place) <= limits.iou) {
            survivors.push((at, *place));
        }
    }
    survivors.into_iter().map(|(at, _)| at).collect()
}
