//! Weights of the detector as a format that the engine loads.

use super::engine::{Engine, Prepared};
use crate::{ComputeDevice, DeviceChoice, file::Model};
use domain::{
    inference::{ImportHints, Inference, Inspected, ModelError, ModelFile, Pixels},
    model::ModelFormat,
    name::Label,
};
use engine::{Format, InferenceOptions, Loader, Network, Workplace};
use rayon::{ThreadPool, prelude::*};
use std::sync::{Arc, OnceLock};

/// A loader that knows this format and no other, and runs it on the processors.
///
/// # Errors
/// [`ModelError::Failed`] when the system gives no threads.
pub fn loader(options: InferenceOptions) -> Result<Loader, ModelError> {
    Ok(Loader::new(options)?.with(VisionFormat::on(DeviceChoice::Cpu)))
}

/// Weights as a training here writes them.
#[derive(Debug)]
pub struct VisionFormat {
    choice: DeviceChoice,
    /// Looked for with the first weights: most commands load none.
    device: OnceLock<ComputeDevice>,
}

impl VisionFormat {
    /// Networks run on this device.
    #[must_use]
    pub fn on(choice: DeviceChoice) -> Self {
        Self { choice, device: OnceLock::new() }
    }

    fn device(&self) -> Result<&ComputeDevice, ModelError> {
        if let Some(device) = self.device.get() {
            return Ok(device);
        }
        let opened =
            ComputeDevice::open(self.choice).map_err(|error| ModelError::Failed(error.to_string()))?;
        Ok(self.device.get_or_init(|| opened))
    }
}

impl Format for VisionFormat {
    fn format(&self) -> ModelFormat {
        ModelFormat::Fovea
    }

    /// Safetensors begin with the length of their head and a brace.
    fn recognises(&self, bytes: &[u8]) -> bool {
        bytes.get(8) == Some(&b'{')
    }

    fn inspect(&self, bytes: &[u8], hints: &ImportHints, _: &Workplace) -> Result<Inspected, ModelError> {
        let model = Model::from_bytes(bytes)?;
        let labels = model.card.labels;
        if hints.recipe.is_some() {
            return Err(ModelError::Weights("weights of a training here take no recipe".to_owned()));
        }
        if !hints.labels.is_empty() && hints.labels != labels {
            let own: Vec<&str> = labels.iter().map(Label::as_str).collect();
            return Err(ModelError::Weights(format!("their own labels are {}", own.join(", "))));
        }
        let size = model.card.input;
        let notes = vec![format!("A detector trained here, for images of {}×{}.", size.width, size.height)];
        Ok(Inspected { format: self.format(), labels, recipe: None, notes, trainable: true })
    }

    fn open(&self, file: ModelFile<'_>, place: &Workplace) -> Result<Arc<dyn Network>, ModelError> {
        let model = Model::from_bytes(file.bytes)?;
        let engine = Engine::new(&model.card, &model.weights, self.device()?)
            .map_err(|error| ModelError::Weights(error.to_string()))?;
        Ok(Arc::new(VisionNetwork { labels: model.card.labels, engine, pool: Arc::clone(&place.pool) }))
    }
}

struct VisionNetwork {
    labels: Vec<Label>,
    engine: Engine,
    pool: Arc<ThreadPool>,
}

impl Network for VisionNetwork {
    fn labels(&self) -> &[Label] {
        &self.labels
    }

    fn run(&self, images: &[Pixels]) -> Result<Vec<Inference>, ModelError> {
        let prepare =
            || -> Vec<Prepared> { images.par_iter().map(|image| self.engine.prepare(image)).collect() };
        if self.engine.wants_one_thread() {
            return self.engine.run(&self.pool.install(prepare));
        }
        self.pool.install(|| self.engine.run(&prepare()))
    }
}
