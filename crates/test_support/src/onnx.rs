//! Small ONNX files, written by hand: a detector that sees one box in the
//! middle of a bright picture.

/// Side of its input in pixels.
pub const TINY_SIDE: i64 = 64;
/// Candidates of a YOLOv8 head at strides 8, 16 and 32 on that side.
const CANDIDATES: usize = 84;

/// A detector in the form of YOLOv8 exports: one box in the middle, half as
/// wide and high as the input, of the first label, whose score is the
/// brightness of the input. With `labels` in its metadata, it says itself how
/// it is to be asked.
#[must_use]
pub fn tiny_onnx(labels: &[&str]) -> Vec<u8> {
    let names: Vec<String> = labels.iter().enumerate().map(|(n, label)| format!("{n}: '{label}'")).collect();
    let names = format!("{{{}}}", names.join(", "));
    let metadata = [("names", names.as_str()), ("task", "detect"), ("imgsz", "[64, 64]"), ("stride", "32")];
    model(labels.len(), &metadata)
}

/// The same with `classes` classes, which says nothing of itself: it takes
/// labels.
#[must_use]
pub fn unnamed_onnx(classes: usize) -> Vec<u8> {
    model(classes, &[])
}

fn model(classes: usize, metadata: &[(&str, &str)]) -> Vec<u8> {
    let mut model = Message::default();
    model.number(1, 8);
    model.text(2, "fovea-tests");
    model.message(7, &graph(classes));
    let mut operators = Message::default();
    operators.number(2, 13);
    model.message(8, &operators);
    for (key, value) in metadata {
        let mut entry = Message::default();
        entry.text(1, key);
        entry.text(2, value);
        model.message(14, &entry);
    }
    model.0
}

/// `output0 = box + mask * mean(images)`.
fn graph(classes: usize) -> Message {
    let rows = 4 + classes;
    let at = |row: usize, value: f32, values: &mut Vec<f32>| {
        if let Some(place) = values.get_mut(row * CANDIDATES) {
            *place = value;
        }
    };
    let (mut boxes, mut mask) = (vec![0.0; rows * CANDIDATES], vec![0.0; rows * CANDIDATES]);
    for (row, value) in [32.0, 32.0, 32.0, 32.0].into_iter().enumerate() {
        at(row, value, &mut boxes);
    }
    at(4, 1.0, &mut mask);
    let shape = [1, rows as i64, CANDIDATES as i64];
    let mut graph = Message::default();
    graph.message(1, &node("ReduceMean", &["images"], "mean", true));
    graph.message(1, &node("Mul", &["mask", "mean"], "scores", false));
    graph.message(1, &node("Add", &["box", "scores"], "output0", false));
    graph.text(2, "tiny");
    graph.message(5, &tensor("box", &shape, &boxes));
    graph.message(5, &tensor("mask", &shape, &mask));
    graph.message(11, &value("images", &[1, 3, TINY_SIDE, TINY_SIDE]));
    graph.message(12, &value("output0", &shape));
    graph
}

fn node(operator: &str, inputs: &[&str], output: &str, reduces: bool) -> Message {
    let mut node = Message::default();
    for input in inputs {
        node.text(1, input);
    }
    node.text(2, output);
    node.text(4, operator);
    if reduces {
        let mut attribute = Message::default();
        attribute.text(1, "keepdims");
        attribute.number(3, 0);
        attribute.number(20, 2);
        node.message(5, &attribute);
    }
    node
}

fn tensor(name: &str, shape: &[i64], values: &[f32]) -> Message {
    let mut tensor = Message::default();
    for side in shape {
        tensor.number(1, side.unsigned_abs());
    }
    tensor.number(2, 1);
    tensor.text(8, name);
    tensor.bytes(9, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>());
    tensor
}

fn value(name: &str, shape: &[i64]) -> Message {
    let mut sides = Message::default();
    for side in shape {
        let mut dimension = Message::default();
        dimension.number(1, side.unsigned_abs());
        sides.message(1, &dimension);
    }
    let mut of_floats = Message::default();
    of_floats.number(1, 1);
    of_floats.message(2, &sides);
    let mut kind = Message::default();
    kind.message(1, &of_floats);
    let mut value = Message::default();
    value.text(1, name);
    value.message(2, &kind);
    value
}

/// A message of Protocol Buffers under way: fields by their numbers.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.0.push((number & 0x7f) as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
    }

    fn number(&mut self, field: u64, number: u64) {
        self.varint(field << 3);
        self.varint(number);
    }

    fn bytes(&mut self, field: u64, bytes: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    fn text(&mut self, field: u64, text: &str) {
        self.bytes(field, text.as_bytes());
    }

    fn message(&mut self, field: u64, message: &Self) {
        self.bytes(field, &message.0);
    }
}
