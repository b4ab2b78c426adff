//! Whether operators can run one after the other.

use super::{Graph, parts::Node, refuse};
use domain::inference::ModelError;
use std::collections::{HashMap, HashSet};

impl Graph {
    /// Looks for an order in which the operators of a graph can run: so there
    /// is no circle among them. They need not come in it: converters to half
    /// floats put some at the end. Gives all names that are known in the end,
    /// and those of `outer` that are used.
    pub(super) fn order<'a>(
        &mut self,
        nodes: &[Node<'a>],
        depth: usize,
        given: &HashSet<&'a str>,
        outer: &HashSet<&'a str>,
    ) -> Result<(HashSet<&'a str>, Vec<&'a str>), ModelError> {
        let mut makers: HashMap<&'a str, usize> = HashMap::new();
        for (place, node) in nodes.iter().enumerate() {
            for output in node.outputs.iter().filter(|name| !name.is_empty()) {
                if given.contains(output) || makers.insert(output, place).is_some() {
                    return Err(refuse(format!("{output:?} is made twice")));
                }
            }
        }
        let mut known = outer.clone();
        known.extend(given);
        known.extend(makers.keys());
        let mut captured = Vec::new();
        // For each operator, those whose outputs it takes.
        let mut makers_of: Vec<Vec<usize>> = Vec::with_capacity(nodes.len());
        for node in nodes {
            let mut names = node.inputs.clone();
            for attribute in &node.attributes {
                names.extend(self.read_attribute(attribute, depth, &known)?);
            }
            let mut taken = Vec::new();
            for name in names.into_iter().filter(|name| !name.is_empty()) {
                if let Some(maker) = makers.get(name) {
                    taken.push(*maker);
                } else if outer.contains(name) {
                    captured.push(name);
                } else if !given.contains(name) {
                    let operator = node.operator;
                    return Err(refuse(format!(
                        "nothing makes {name:?}, which the operator {operator} uses"
                    )));
                }
            }
            makers_of.push(taken);
        }
        match first_in_circle(&makers_of).and_then(|place| nodes.get(place)) {
            Some(node) => {
                let operator = node.operator;
                Err(refuse(format!("operators wait for each other in a circle, one of them {operator}")))
            }
            None => Ok((known, captured)),
        }
    }
}

/// One of those that never run, each waiting for others, by Kahn's algorithm.
fn first_in_circle(makers_of: &[Vec<usize>]) -> Option<usize> {
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); makers_of.len()];
    let mut missing: Vec<usize> = makers_of.iter().map(Vec::len).collect();
    for (place, makers) in makers_of.iter().enumerate() {
        for maker in makers {
            waiting[*maker].push(place);
        }
    }
    let mut ready: Vec<usize> = (0..makers_of.len()).filter(|place| missing[*place] == 0).collect();
    while let Some(place) = ready.pop() {
        for next in std::mem::take(&mut waiting[place]) {
            missing[next] -= 1;
            if missing[next] == 0 {
                ready.push(next);
            }
        }
    }
    missing.iter().position(|missing| *missing > 0)
}
