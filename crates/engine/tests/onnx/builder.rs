//! ONNX files, byte by byte: networks that answer the same for every picture.

/// Element types of `onnx.proto`.
pub(crate) const FLOAT: u64 = 1;
pub(crate) const INT64: u64 = 7;
pub(crate) const BOOL: u64 = 9;
pub(crate) const FLOAT16: u64 = 10;

/// A message of protocol buffers.
#[derive(Clone, Default)]
pub(crate) struct Message(pub(crate) Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub(crate) fn number(mut self, field: u64, value: u64) -> Self {
        self.varint(field << 3);
        self.varint(value);
        self
    }

    pub(crate) fn bytes(mut self, field: u64, bytes: &[u8]) -> Self {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn text(self, field: u64, text: &str) -> Self {
        self.bytes(field, text.as_bytes())
    }

    pub(crate) fn message(self, field: u64, message: &Message) -> Self {
        self.bytes(field, &message.0)
    }
}

/// An input or output; an axis of 0 is open.
pub(crate) fn tensor_info(name: &str, element: u64, axes: &[u64]) -> Message {
    let mut shape = Message::default();
    for axis in axes {
        let dimension = match axis {
            0 => Message::default().text(2, "any"),
            length => Message::default().number(1, *length),
        };
        shape = shape.message(1, &dimension);
    }
    let tensor = Message::default().number(1, element).message(2, &shape);
    Message::default().text(1, name).message(2, &Message::default().message(1, &tensor))
}

/// An array of floats.
pub(crate) fn floats(name: &str, axes: &[u64], values: &[f32]) -> Message {
    let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let mut array = Message::default();
    for axis in axes {
        array = array.number(1, *axis);
    }
    array.number(2, FLOAT).text(8, name).bytes(9, &raw)
}

/// A single number, by its bytes.
pub(crate) fn scalar(name: &str, element: u64, raw: &[u8]) -> Message {
    Message::default().number(2, element).text(8, name).bytes(9, raw)
}

/// A list of whole numbers.
pub(crate) fn whole_numbers(name: &str, values: &[i64]) -> Message {
    let raw: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Message::default().number(1, values.len() as u64).number(2, INT64).text(8, name).bytes(9, &raw)
}

/// An operator with whole numbers as attributes.
pub(crate) fn node(operator: &str, inputs: &[&str], outputs: &[&str], attributes: &[(&str, u64)]) -> Message {
    let mut node = Message::default();
    for input in inputs {
        node = node.text(1, input);
    }
    for output in outputs {
        node = node.text(2, output);
    }
    node = node.text(4, operator);
    for (name, value) in attributes {
        node = node.message(5, &Message::default().text(1, name).number(3, *value).number(20, 2));
    }
    node
}

/// Scales the first input by the second, in this mode.
pub(crate) fn resize(mode: &str, inputs: [&str; 2], output: &str) -> Message {
    let [input, scales] = inputs;
    let attribute = Message::default().text(1, "mode").text(4, mode).number(20, 3);
    node("Resize", &[input, "", scales], &[output], &[]).message(5, &attribute)
}

/// A file in the making: the parts of its graph, and what stands beside it.
#[derive(Clone, Default)]
pub(crate) struct Network {
    pub(crate) nodes: Vec<Message>,
    pub(crate) arrays: Vec<Message>,
    pub(crate) inputs: Vec<Message>,
    pub(crate) outputs: Vec<Message>,
    pub(crate) metadata: Vec<(String, String)>,
}

impl Network {
    /// Takes a picture as `images` with these axes.
    pub(crate) fn new(element: u64, axes: &[u64]) -> Self {
        let mut network = Self::default();
        network.inputs.push(tensor_info("images", element, axes));
        // Nothing of the picture, but made of it.
        network.nodes.push(node("Cast", &["images"], &["floats"], &[("to", FLOAT)]));
        network.nodes.push(node("ReduceMean", &["floats"], &["mean"], &[("keepdims", 0)]));
        network.arrays.push(floats("nought", &[], &[0.0]));
        network.nodes.push(node("Mul", &["mean", "nought"], &["nothing"], &[]));
        network
    }

    /// A picture of 64×64 as most detectors take it.
    pub(crate) fn usual() -> Self {
        Self::new(FLOAT, &[1, 3, 64, 64])
    }

    pub(crate) fn metadata(mut self, key: &str, value: &str) -> Self {
        self.metadata.push((key.to_owned(), value.to_owned()));
        self
    }

    /// Metadata as Ultralytics writes it.
    pub(crate) fn ultralytics(self, names: &str) -> Self {
        self.metadata("names", names)
            .metadata("task", "detect")
            .metadata("stride", "32")
            .metadata("imgsz", "[64, 64]")
    }

    /// Always answers `values` under this name.
    pub(crate) fn answers(mut self, name: &str, axes: &[u64], values: &[f32]) -> Self {
        let array = format!("{name}.values");
        self.arrays.push(floats(&array, axes, values));
        self.nodes.push(node("Add", &[&array, "nothing"], &[name], &[]));
        self.outputs.push(tensor_info(name, FLOAT, axes));
        self
    }

    /// The same in whole numbers.
    pub(crate) fn answers_whole(mut self, name: &str, axes: &[u64], values: &[f32]) -> Self {
        let (array, sum) = (format!("{name}.values"), format!("{name}.floats"));
        self.arrays.push(floats(&array, axes, values));
        self.nodes.push(node("Add", &[&array, "nothing"], &[&sum], &[]));
        self.nodes.push(node("Cast", &[&sum], &[name], &[("to", INT64)]));
        self.outputs.push(tensor_info(name, INT64, axes));
        self
    }

    pub(crate) fn graph(&self) -> Message {
        let mut graph = Message::default();
        let parts = [(1, &self.nodes), (5, &self.arrays), (11, &self.inputs), (12, &self.outputs)];
        for (field, messages) in parts {
            for message in messages {
                graph = graph.message(field, message);
            }
        }
        graph.text(2, "graph")
    }

    pub(crate) fn file(&self) -> Vec<u8> {
        let mut file = Message::default()
            .number(1, 8)
            .text(2, "a test")
            .message(7, &self.graph())
            .message(8, &Message::default().text(1, "").number(2, 13));
        for (key, value) in &self.metadata {
            file = file.message(14, &Message::default().text(1, key).text(2, value));
        }
        file.0
    }
}
