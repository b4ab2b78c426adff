//! A graph that runs in stages, suppressions between them.

use super::suppression::{Limits, Suppression};
use domain::inference::ModelError;
use rten::{Model, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use rten_tensor::{NdTensor, prelude::*};
use std::sync::{Arc, OnceLock};

/// A suppression and the graph's nodes that it is between.
struct Stage {
    suppression: Suppression,
    limits: Limits,
    boxes: NodeId,
    scores: NodeId,
    output: NodeId,
}

/// The stages of a graph; of most there is one, without a suppression.
pub(super) struct Stages {
    stages: Vec<Stage>,
    /// What the first run found that the graph makes before any suppression.
    before: OnceLock<Vec<NodeId>>,
}

impl Stages {
    /// # Errors
    /// [`ModelError::Weights`] where the limits of a suppression are no
    /// constants.
    pub(super) fn new(
        model: &Model,
        suppressions: Vec<Suppression>,
        pool: &Arc<ThreadPool>,
    ) -> Result<Self, ModelError> {
        let node = |name: &str| model.node_id(name).map_err(|error| ModelError::Weights(error.to_string()));
        let constant = |name: &Option<String>| -> Result<Option<f32>, ModelError> {
            let Some(name) = name else { return Ok(None) };
            let options = RunOptions::default().with_thread_pool(Some(Arc::clone(pool)));
            let value =
                model.run(Vec::new(), &[node(name)?], Some(options)).ok().and_then(|mut values| match values
                    .pop()?
                {
                    Value::FloatTensor(tensor) => tensor.iter().next().copied(),
                    Value::Int32Tensor(tensor) => tensor.iter().next().map(|value| *value as f32),
                    _ => None,
                });
            let reason =
                || ModelError::Weights(format!("the limit {name:?} of a suppression is no constant"));
            value.map(Some).ok_or_else(reason)
        };
        let stages = suppressions.into_iter().map(|suppression| {
            let [most, iou, score] = &suppression.limits;
            let limits = Limits {
                // None at all where nothing is said, by ONNX's definition.
                most: constant(most)?.map_or(0, |most| most.max(0.0) as usize),
                iou: constant(iou)?.unwrap_or(0.0),
                score: constant(score)?.unwrap_or(f32::NEG_INFINITY),
            };
            Ok(Stage {
                limits,
                boxes: node(&suppression.boxes)?,
                scores: node(&suppression.scores)?,
                output: node(&suppression.output)?,
                suppression,
            })
        });
        Ok(Self { stages: stages.collect::<Result<_, ModelError>>()?, before: OnceLock::new() })
    }

    /// Gives the values of `outputs` in their order.
    ///
    /// # Errors
    /// What fails, in words.
    pub(super) fn run(
        &self,
        model: &Model,
        inputs: Vec<(NodeId, ValueOrView<'_>)>,
        outputs: &[NodeId],
        options: &RunOptions,
    ) -> Result<Vec<Value>, String> {
        let options = || Some(options.clone());
        if self.stages.is_empty() {
            return model.run(inputs, outputs, options()).map_err(|error| error.to_string());
        }
        let mut open: Vec<&Stage> = self.stages.iter().collect();
        let mut known = match self.before.get() {
            // With the weights arranged as they are for a whole run.
            Some(ids) => {
                let values = model.run(inputs, ids, options()).map_err(|error| error.to_string())?;
                ids.iter().copied().zip(values).collect()
            }
            None => {
                let values = partial(model, inputs, &asked(outputs, &open), options())?;
                self.before.get_or_init(|| values.iter().map(|(id, _)| *id).collect());
                values
            }
        };
        while !open.is_empty() {
            let value = |id: NodeId| known.iter().find(|(known, _)| *known == id).map(|(_, value)| value);
            let ready = open.iter().enumerate().find_map(|(place, stage)| {
                Some((place, stage.rows(value(stage.boxes)?, value(stage.scores)?)))
            });
            let (place, rows) = ready.ok_or("a suppression waits for what is never made")?;
            let stage = open.remove(place);
            known.push((stage.output, rows?));
            if !open.is_empty() {
                let inputs = known.into_iter().map(|(id, value)| (id, value.into())).collect();
                known = partial(model, inputs, &asked(outputs, &open), options())?;
            }
        }
        let inputs = known.into_iter().map(|(id, value)| (id, value.into())).collect();
        model.run(inputs, outputs, options()).map_err(|error| error.to_string())
    }
}

/// What can be made of the inputs on the way to `wanted`.
fn partial(
    model: &Model,
    inputs: Vec<(NodeId, ValueOrView<'_>)>,
    wanted: &[NodeId],
    options: Option<RunOptions>,
) -> Result<Vec<(NodeId, Value)>, String> {
    model.partial_run(inputs, wanted, options).map_err(|error| error.to_string())
}

/// The outputs, and what the suppressions that are still open need; each once.
fn asked(outputs: &[NodeId], open: &[&Stage]) -> Vec<NodeId> {
    let mut asked = outputs.to_vec();
    asked.extend(open.iter().flat_map(|stage| [stage.boxes, stage.scores]));
    asked.sort_unstable();
    asked.dedup();
    asked
}

impl Stage {
    /// What the suppression gives, `[m, 3]`.
    fn rows(&self, boxes: &Value, scores: &Value) -> Result<Value, String> {
        let (Value::FloatTensor(boxes), Value::FloatTensor(scores)) = (boxes, scores) else {
            return Err("boxes and scores of a suppression are no floats".to_owned());
        };
        let ([images, count, 4], [also_images, classes, also_count]) = (boxes.shape(), scores.shape()) else {
            return Err(format!(
                "a suppression has boxes {:?} and scores {:?}",
                boxes.shape(),
                scores.shape()
            ));
        };
        if (images, count) != (also_images, also_count) {
            return Err(format!(
                "a suppression has boxes {:?} and scores {:?}",
                boxes.shape(),
                scores.shape()
            ));
        }
        let sizes = [*images, *classes, *count];
        let rows = self.suppression.run(&boxes.to_vec(), &scores.to_vec(), sizes, self.limits);
        Ok(Value::from(NdTensor::from_data([rows.len() / 3, 3], rows)))
    }
}
