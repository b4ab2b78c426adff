//! Graphs that suppress boxes themselves.

use crate::{
    builder::{BOOL, FLOAT, INT64, Message, Network, floats, node, scalar, tensor_info, whole_numbers},
    check, hints, inspect,
};
use domain::inference::ImportHints;

/// Left, top, right, bottom, score and class. The second box overlaps the first
/// by 256 / 544 = 0.47; of the box around both, the common part is 0.44.
const ROWS: [[f32; 6]; 4] = [
    [10.0, 20.0, 30.0, 40.0, 0.9, 0.0],
    [14.0, 24.0, 34.0, 44.0, 0.8, 0.0],
    // Covered by the second alone, which does not stay.
    [20.0, 30.0, 40.0, 50.0, 0.7, 0.0],
    [40.0, 10.0, 60.0, 30.0, 0.005, 0.0],
];

/// What comes out of it: the rows that stay.
fn expected() -> [(&'static str, u32, [f64; 4]); 2] {
    [("hat", 90, [10.0, 12.0, 30.0, 32.0]), ("hat", 70, [20.0, 22.0, 40.0, 42.0])]
}

/// The operators from `boxes` and `scores` to `rows`, the places that stay.
fn suppression(network: &mut Network) {
    network.arrays.push(scalar("most", INT64, &100i64.to_le_bytes()));
    network.arrays.push(scalar("overlap", FLOAT, &0.45f32.to_le_bytes()));
    network.arrays.push(scalar("least", FLOAT, &0.01f32.to_le_bytes()));
    network.arrays.push(scalar("third", INT64, &2i64.to_le_bytes()));
    let inputs = ["boxes", "scores", "most", "overlap", "least"];
    network.nodes.push(node("NonMaxSuppression", &inputs, &["chosen"], &[]));
    network.nodes.push(node("Gather", &["chosen", "third"], &["rows"], &[("axis", 1)]));
}

/// A network with a table of detections, of which those at `places` are told.
fn table(places: &str) -> Network {
    let mut network = Network::usual().ultralytics("['hat']").metadata("args", "{'nms': True}");
    network.arrays.push(floats("table.values", &[1, 4, 6], ROWS.as_flattened()));
    network.nodes.push(node("Add", &["table.values", "nothing"], &["table"], &[]));
    network.nodes.push(node("Gather", &["table", places], &["output0"], &[("axis", 1)]));
    network.outputs.push(tensor_info("output0", FLOAT, &[1, 0, 6]));
    let boxes: Vec<f32> = ROWS.iter().flat_map(|row| [row[1], row[0], row[3], row[2]]).collect();
    network.arrays.push(floats("boxes.values", &[1, 4, 4], &boxes));
    network.arrays.push(floats("scores.values", &[1, 1, 4], &ROWS.map(|row| row[4])));
    network.nodes.push(node("Add", &["boxes.values", "nothing"], &["boxes"], &[]));
    network.nodes.push(node("Add", &["scores.values", "nothing"], &["scores"], &[]));
    network
}

#[test]
fn boxes_cover_each_other_by_intersection_over_union() {
    let mut network = table("rows");
    suppression(&mut network);
    check(&network.file(), &ImportHints::default(), &expected());
}

/// A branch that gives `rows` as the operator's output.
fn branch(name: &str, graph: &Network) -> Message {
    Message::default().text(1, name).message(6, &graph.graph()).number(20, 5)
}

/// torchvision's: nothing where there is no box, else the suppression.
fn in_a_branch(operator: &str) -> Network {
    let mut network = table("places");
    network.arrays.push(scalar("is.empty", BOOL, &[0]));
    let mut full = Network::default();
    suppression(&mut full);
    full.outputs.push(tensor_info("rows", INT64, &[0]));
    let mut empty = Network::default();
    let value = Message::default().text(1, "value").message(5, &whole_numbers("none", &[])).number(20, 4);
    empty.nodes.push(node("Constant", &[], &["none"], &[]).message(5, &value));
    empty.outputs.push(tensor_info("none", INT64, &[0]));
    let choice = node(operator, &["is.empty"], &["places"], &[]);
    network
        .nodes
        .push(choice.message(5, &branch("then_branch", &empty)).message(5, &branch("else_branch", &full)));
    network
}

#[test]
fn a_suppression_in_a_branch_beside_an_empty_one_is_the_same() {
    check(&in_a_branch("If").file(), &ImportHints::default(), &expected());
}

#[test]
fn a_suppression_within_another_operator_is_refused_by_name() {
    let refusal = inspect(&in_a_branch("SequenceMap").file(), &hints(&["hat"])).unwrap_err().to_string();
    assert!(refusal.contains("SequenceMap"), "{refusal}");
    // Both branches do something: neither can be taken always.
    let mut network = in_a_branch("If");
    let mut other = Network::default();
    other.nodes.push(node("Neg", &["scores"], &["negative"], &[]));
    other.outputs.push(tensor_info("negative", FLOAT, &[0]));
    let mut full = Network::default();
    suppression(&mut full);
    full.outputs.push(tensor_info("rows", INT64, &[0]));
    network.nodes.pop();
    let choice = node("If", &["is.empty"], &["places"], &[]);
    network
        .nodes
        .push(choice.message(5, &branch("then_branch", &other)).message(5, &branch("else_branch", &full)));
    let refusal = inspect(&network.file(), &hints(&["hat"])).unwrap_err().to_string();
    assert!(refusal.contains("NonMaxSuppression lies within another one (If)"), "{refusal}");
}
