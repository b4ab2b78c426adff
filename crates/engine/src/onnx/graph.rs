//! What an ONNX file says of itself, read before anything is loaded, and
//! whether it may be loaded at all.
//!
//! Fields are those of `onnx.proto` (ONNX IR 3 to 13). Weights are not copied.

mod order;
mod parts;
mod tensor_info;

pub(super) use parts::Node;
pub(super) use tensor_info::{ElementType, TensorInfo};

use super::wire::{Damaged, Fields, Value};
use domain::inference::ModelError;
use parts::Array;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use tensor_info::read_tensor_info;

/// Most bytes of a file: half of what the encoding allows.
pub const MOST_BYTES: usize = 1 << 30;
/// Most operators, with those of subgraphs.
const MOST_NODES: usize = 50_000;
/// Most weights' arrays.
const MOST_INITIALIZERS: usize = 50_000;
/// Most graphs within graphs.
const MOST_BODIES: usize = 512;
/// How deep graphs lie within each other.
const DEEPEST: usize = 4;
/// Most axes of a tensor.
const MOST_AXES: usize = 8;
/// Most inputs, outputs and attributes of an operator.
const MOST_PORTS: usize = 2048;
/// The same of all operators together.
const MOST_PORTS_IN_ALL: usize = 1 << 20;
/// Most entries of metadata, and most bytes of one.
const MOST_METADATA: usize = 256;
const LONGEST_METADATA: usize = 1 << 18;
/// Most bytes of a name.
const LONGEST_NAME: usize = 1024;
/// Most inputs, and most outputs, of a graph.
const MOST_TENSORS: usize = 64;

/// A file that may be loaded.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Graph {
    pub(super) producer: String,
    pub(super) opset: u64,
    /// What is asked for; weights that older files list here are left out.
    pub(super) inputs: Vec<TensorInfo>,
    pub(super) outputs: Vec<TensorInfo>,
    pub(super) metadata: BTreeMap<String, String>,
    /// `domain.operator`, without the domain where it is ONNX's own; with the
    /// mode where runtimes do not know all of them: `Resize (cubic)`.
    pub(super) operators: BTreeSet<String>,
    /// Numbers in all weights.
    pub(super) parameters: u64,
    nodes: usize,
    initializers: usize,
    bodies: usize,
    ports: usize,
}

fn refuse(reason: impl Into<String>) -> ModelError {
    ModelError::Weights(reason.into())
}

impl From<Damaged> for ModelError {
    fn from(damaged: Damaged) -> Self {
        refuse(damaged.to_string())
    }
}

/// Whether bytes begin as an ONNX file: with the version of its form, which
/// comes first by the order of the fields.
pub(super) fn looks_like_onnx(bytes: &[u8]) -> bool {
    let Some(Ok((number, value))) = Fields(bytes).next() else { return false };
    match (number, value) {
        (1, Value::Number(version)) => (1..100).contains(&version),
        // Producer, graph or imports, where the version comes later.
        (2 | 7 | 8, Value::Bytes(_)) => true,
        _ => false,
    }
}

impl Graph {
    /// Reads and checks a whole file.
    ///
    /// # Errors
    /// [`ModelError::Weights`] with what is wrong, or what is not done here.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        if bytes.len() > MOST_BYTES {
            return Err(refuse(format!("the file has {} bytes; at most {MOST_BYTES} are read", bytes.len())));
        }
        let mut graph = Self::default();
        let mut body = None;
        for field in Fields(bytes) {
            match field? {
                (2, value) => graph.producer = short(value.text()?)?,
                (7, value) if body.is_none() => body = Some(value.bytes()?),
                (7, _) => return Err(refuse("the file holds more than one graph")),
                (8, value) => graph.read_import(value.bytes()?)?,
                (14, value) => graph.read_metadata(value.bytes()?)?,
                (20, _) => return Err(refuse("the file holds a training: export the model for inference")),
                (25, _) => {
                    return Err(refuse("the file has functions of its own: inline them when exporting"));
                }
                _ => {}
            }
        }
        let body = body.ok_or_else(|| refuse("the file holds no graph"))?;
        graph.read_body(body, 0, &HashSet::new())?;
        Ok(graph)
    }

    fn read_import(&mut self, bytes: &[u8]) -> Result<(), ModelError> {
        let (mut domain, mut version) = ("", 0);
        for field in Fields(bytes) {
            match field? {
                (1, value) => domain = value.text()?,
                (2, value) => version = value.number()?,
                _ => {}
            }
        }
        if matches!(domain, "" | "ai.onnx") {
            self.opset = version;
        }
        Ok(())
    }

    fn read_metadata(&mut self, bytes: &[u8]) -> Result<(), ModelError> {
        let (mut key, mut value) = ("", "");
        for field in Fields(bytes) {
            match field? {
                (1, text) => key = text.text()?,
                (2, text) => value = text.text()?,
                _ => {}
            }
        }
        let is_short = key.len() <= LONGEST_NAME && value.len() <= LONGEST_METADATA;
        if self.metadata.len() < MOST_METADATA && is_short {
            self.metadata.insert(key.to_owned(), value.to_owned());
        }
        Ok(())
    }

    /// One graph: `outer` are the names that it may use besides its own. Gives
    /// those of them that it uses.
    fn read_body<'a>(
        &mut self,
        bytes: &'a [u8],
        depth: usize,
        outer: &HashSet<&'a str>,
    ) -> Result<Vec<&'a str>, ModelError> {
        if depth > DEEPEST {
            return Err(refuse(format!("graphs lie more than {DEEPEST} deep within each other")));
        }
        self.bodies += 1;
        if self.bodies > MOST_BODIES {
            return Err(refuse(format!("the file holds more than {MOST_BODIES} graphs within graphs")));
        }
        let (mut inputs, mut outputs, mut nodes) = (Vec::new(), Vec::new(), Vec::new());
        let mut given: HashSet<&'a str> = HashSet::new();
        let mut weights = HashSet::new();
        for field in Fields(bytes) {
            match field? {
                // Older files list their weights among the inputs.
                _ if inputs.len() > MOST_INITIALIZERS || outputs.len() > MOST_TENSORS => {
                    return Err(refuse("the file has too many inputs or outputs"));
                }
                (1, value) => nodes.push(self.read_node(value.bytes()?)?),
                (5, value) => {
                    weights.insert(self.read_initializer(value.bytes()?)?);
                }
                (11, value) => {
                    let (name, info) = read_tensor_info(value.bytes()?)?;
                    given.insert(name);
                    inputs.push(info);
                }
                (12, value) => outputs.push(read_tensor_info(value.bytes()?)?.1),
                (15, _) => return Err(refuse("the file has sparse weights, which are not read")),
                _ => {}
            }
        }
        given.extend(&weights);
        let (known, captured) = self.order(&nodes, depth, &given, outer)?;
        if let Some(output) = outputs.iter().find(|output| !known.contains(output.name.as_str())) {
            return Err(refuse(format!("nothing makes the output {:?}", output.name)));
        }
        if depth == 0 {
            inputs.retain(|input| !weights.contains(input.name.as_str()));
            if inputs.len() > MOST_TENSORS || outputs.len() > MOST_TENSORS {
                return Err(refuse(format!("the file has more than {MOST_TENSORS} inputs or outputs")));
            }
            (self.inputs, self.outputs) = (inputs, outputs);
        }
        Ok(captured)
    }

    fn read_node<'a>(&mut self, bytes: &'a [u8]) -> Result<Node<'a>, ModelError> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            return Err(refuse(format!("the file has more than {MOST_NODES} operators")));
        }
        let node = Node::read(bytes)?;
        self.ports += node.inputs.len() + node.outputs.len() + node.attributes.len();
        if self.ports > MOST_PORTS_IN_ALL {
            return Err(refuse(format!(
                "the operators have more than {MOST_PORTS_IN_ALL} inputs, outputs and attributes"
            )));
        }
        self.check_operator(&node)?;
        Ok(node)
    }

    fn check_operator(&mut self, node: &Node<'_>) -> Result<(), ModelError> {
        if matches!(node.operator, "Loop" | "Scan") {
            return Err(refuse(format!(
                "the operator {} repeats itself without a known end: export the model without it",
                node.operator
            )));
        }
        if node.operator.is_empty() {
            return Err(refuse("an operator has no name"));
        }
        let name = match node.domain {
            // Computed as if it were linear where nobody asks, and so wrong.
            "" | "ai.onnx" if node.operator == "Resize" && node.text("mode")? == Some("cubic") => {
                "Resize (cubic)".to_owned()
            }
            "" | "ai.onnx" => short(node.operator)?,
            domain => format!("{}.{}", short(domain)?, short(node.operator)?),
        };
        self.operators.insert(name);
        Ok(())
    }

    /// Gives the names of outside that graphs in it use.
    fn read_attribute<'a>(
        &mut self,
        bytes: &'a [u8],
        depth: usize,
        known: &HashSet<&'a str>,
    ) -> Result<Vec<&'a str>, ModelError> {
        let mut captured = Vec::new();
        for field in Fields(bytes) {
            match field? {
                (5 | 10, value) => {
                    self.read_initializer(value.bytes()?)?;
                }
                (6 | 11, value) => captured.extend(self.read_body(value.bytes()?, depth + 1, known)?),
                (22 | 23, _) => return Err(refuse("the file has sparse weights, which are not read")),
                _ => {}
            }
        }
        Ok(captured)
    }

    /// The name of an array, whose shape and bytes must agree.
    fn read_initializer<'a>(&mut self, bytes: &'a [u8]) -> Result<&'a str, ModelError> {
        self.initializers += 1;
        if self.initializers > MOST_INITIALIZERS {
            return Err(refuse(format!("the file has more than {MOST_INITIALIZERS} arrays")));
        }
        let array = Array::read(bytes)?;
        let elements = array.check()?;
        self.parameters = self.parameters.saturating_add(elements);
        Ok(array.name)
    }

    /// Inputs, outputs and metadata, each in a line.
    pub(super) fn describe(&self) -> Vec<String> {
        let mut lines: Vec<String> =
            self.inputs.iter().map(|input| format!("input {}", input.describe())).collect();
        lines.extend(self.outputs.iter().map(|output| format!("output {}", output.describe())));
        let made = if self.producer.is_empty() { "unknown" } else { &self.producer };
        lines.push(format!("made by {made}, opset {}, {} numbers", self.opset, self.parameters));
        for (key, value) in &self.metadata {
            let start: String = value.chars().take(120).collect();
            let rest = if start.len() < value.len() { "…" } else { "" };
            lines.push(format!("metadata {key} = {start}{rest}"));
        }
        lines
    }
}

fn short(text: &str) -> Result<String, ModelError> {
    if text.len() > LONGEST_NAME {
        return Err(refuse(format!("a name has more than {LONGEST_NAME} bytes")));
    }
    Ok(text.to_owned())
}
