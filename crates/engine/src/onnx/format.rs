//! ONNX files as a format that the engine loads.

use super::{
    decode::Decoder,
    graph::{Graph, looks_like_onnx},
    metadata::Metadata,
    recognise::{Recognised, recognise_input, recognise_output},
    session::{Runtime, Session, Tensor, Values},
    trial::{TrialProgram, TrialReport, TrialRequest, size_tensor, try_here},
};
use crate::{
    Covering, Format, Network, Workplace,
    boxes::suppress,
    input::{Prepared, prepare},
};
use domain::{
    geometry::Score,
    inference::{Detection, ImportHints, Inference, Inspected, ModelError, ModelFile, Pixels, Unrecognised},
    model::ModelFormat,
    name::Label,
    recipe::Recipe,
};
use std::{sync::Arc, time::Duration};

/// Longest time for one image: a large transformer takes some seconds of a slow
/// processor, and nothing but a graph without end takes half a minute of it.
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// Which boxes are told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnswerLimits {
    /// Least score.
    pub least_score: f32,
    /// Most boxes of an image.
    pub most_boxes: usize,
}

impl Default for AnswerLimits {
    fn default() -> Self {
        Self { least_score: 0.01, most_boxes: 300 }
    }
}

/// Detectors in ONNX files.
#[derive(Clone)]
pub struct OnnxFormat {
    runtime: Arc<dyn Runtime>,
    trial: Option<TrialProgram>,
    limits: AnswerLimits,
}

impl OnnxFormat {
    /// Run by `runtime`. Files are tried in this process, which is only right
    /// for files of one's own: see [`OnnxFormat::tried_by`].
    #[must_use]
    pub fn new(runtime: impl Runtime + 'static) -> Self {
        Self { runtime: Arc::new(runtime), trial: None, limits: AnswerLimits::default() }
    }

    /// Files are tried by another process.
    #[must_use]
    pub fn tried_by(self, program: TrialProgram) -> Self {
        Self { trial: Some(program), ..self }
    }

    /// Other boxes are told than usual.
    #[must_use]
    pub fn with_limits(self, limits: AnswerLimits) -> Self {
        Self { limits, ..self }
    }

    fn read(&self, bytes: &[u8]) -> Result<Graph, ModelError> {
        let graph = Graph::read(bytes)?;
        let operators: Vec<&str> = graph.operators.iter().map(String::as_str).collect();
        let unknown = self.runtime.unknown_operators(&operators);
        if unknown.is_empty() {
            return Ok(graph);
        }
        let (runtime, unknown) = (self.runtime.name(), unknown.join(", "));
        let advice = self.runtime.advice().map(|advice| format!(". {advice}")).unwrap_or_default();
        Err(ModelError::Weights(format!(
            "the network has operators that {runtime} does not know: {unknown}{advice}"
        )))
    }

    fn try_once(&self, bytes: &[u8], request: &TrialRequest) -> Result<TrialReport, ModelError> {
        match &self.trial {
            Some(program) => program.run(bytes, request),
            None => try_here(&*self.runtime, bytes, request),
        }
    }
}

impl Format for OnnxFormat {
    fn format(&self) -> ModelFormat {
        ModelFormat::Onnx
    }

    fn recognises(&self, bytes: &[u8]) -> bool {
        looks_like_onnx(bytes)
    }

    fn inspect(&self, bytes: &[u8], hints: &ImportHints, _: &Workplace) -> Result<Inspected, ModelError> {
        let graph = self.read(bytes)?;
        let metadata = Metadata::of(&graph);
        let mut seen = graph.describe();
        let unrecognised = |reason: String, seen: Vec<String>, recipe: Box<Recipe>| {
            ModelError::Unrecognised(Box::new(Unrecognised { reason, seen, recipe: *recipe }))
        };
        let input = recognise_input(&graph, &metadata, hints)
            .map_err(|(reason, recipe)| unrecognised(reason, seen.clone(), recipe))?;
        let request = TrialRequest {
            input: input.image.clone(),
            recipe: input.recipe.clone(),
            outputs: graph.outputs.iter().map(|output| output.name.clone()).collect(),
            bytes: bytes.len() as u64,
        };
        let report = self.try_once(bytes, &request)?;
        seen.extend(report.outputs.iter().map(|output| {
            format!("output {} of a trial {:?}, values {}", output.name, output.shape, range(output.range))
        }));
        let recognised = recognise_output(&graph, &metadata, hints, input, &report.outputs)
            .map_err(|(reason, recipe)| unrecognised(reason, seen, recipe))?;
        let Recognised { recipe, labels, mut notes } = recognised;
        notes.push(format!(
            "One picture took {:.0} ms here with {}, loading {:.0} ms.",
            report.run_s * 1e3,
            self.runtime.name(),
            report.load_s * 1e3
        ));
        Ok(Inspected { format: self.format(), labels, recipe: Some(recipe), notes, trainable: false })
    }

    fn open(&self, file: ModelFile<'_>, _: &Workplace) -> Result<Arc<dyn Network>, ModelError> {
        let graph = self.read(file.bytes)?;
        let refuse = |reason: &str| ModelError::Weights(reason.to_owned());
        let recipe = file.recipe.ok_or_else(|| refuse("a model of another program needs its recipe"))?;
        recipe.check().map_err(|fault| ModelError::Weights(format!("its recipe: {fault}")))?;
        let mut names = graph.inputs.iter().map(|input| &input.name);
        let image = names.find(|name| Some(*name) != recipe.input.size_tensor.as_ref());
        let names = &recipe.output.names;
        let mut outputs: Vec<String> =
            [&names.boxes, &names.scores, &names.classes].into_iter().flatten().cloned().collect();
        if outputs.is_empty() {
            outputs = graph.outputs.iter().map(|output| output.name.clone()).collect();
        }
        Ok(Arc::new(OnnxNetwork {
            session: self.runtime.load(file.bytes)?,
            recipe: recipe.clone(),
            labels: file.labels.to_vec(),
            image: image.ok_or_else(|| refuse("the network has no input"))?.clone(),
            outputs,
            limits: self.limits,
        }))
    }
}

fn range(range: Option<[f32; 2]>) -> String {
    range.map_or_else(|| "none".to_owned(), |[least, most]| format!("{least} to {most}"))
}

struct OnnxNetwork {
    session: Box<dyn Session>,
    recipe: Recipe,
    labels: Vec<Label>,
    image: String,
    outputs: Vec<String>,
    limits: AnswerLimits,
}

impl Network for OnnxNetwork {
    fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// One after the other: the threads work on one image together.
    fn run(&self, images: &[Pixels]) -> Result<Vec<Inference>, ModelError> {
        images.iter().map(|image| self.run_one(image)).collect()
    }

    fn time_limit(&self) -> Option<Duration> {
        Some(TIME_LIMIT)
    }
}

impl OnnxNetwork {
    fn run_one(&self, image: &Pixels) -> Result<Inference, ModelError> {
        let Prepared { shape, values, placement, size } = prepare(image, &self.recipe.input);
        let mut inputs = vec![Tensor { name: self.image.clone(), shape, values: Values::Floats(values) }];
        let size_name = self.recipe.input.size_tensor.as_deref();
        inputs.extend(size_name.map(|name| size_tensor(name, placement.input)));
        let outputs = self.session.run(inputs, &self.outputs)?;
        let decoder =
            Decoder { recipe: &self.recipe, labels: self.labels.len(), least_score: self.limits.least_score };
        let mut candidates = decoder.candidates(&outputs, placement.input).map_err(ModelError::Failed)?;
        if let Some(suppression) = self.recipe.output.suppression {
            candidates.truncate(suppression.candidates as usize);
            let covering = Covering {
                iou: suppression.iou,
                per_class: suppression.per_class,
                class_shift: suppression.class_shift,
                most: self.limits.most_boxes,
            };
            candidates = suppress(candidates, &covering);
        }
        candidates.truncate(self.limits.most_boxes);
        let detection = |candidate: crate::Candidate| {
            let rect = placement.to_image(&candidate.corners, size)?;
            let score = Score::new(f64::from(candidate.score))?;
            Some(Detection { class: candidate.class, score, rect })
        };
        Ok(Inference { detections: candidates.into_iter().filter_map(detection).collect(), embedding: None })
    }
}
