//! The weights file: safetensors, with what the network is in its metadata.
//!
//! Reading executes nothing, trusts nothing, and allocates no more than the
//! bytes at hand.

use crate::{
    net::{BackboneKind, Build, Detector, Plan, Purpose},
    weights::{Array, Weights},
};
use burn::tensor::Device;
use domain::{geometry::Size, inference::ModelError, name::Label, training::memory::check_answer_memory};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// The key of our metadata.
const KEY: &str = "fovea";
/// The networks there are; the numbers count changes to their layers.
const ARCHITECTURES: [(&str, BackboneKind); 2] =
    [("pyramid-1", BackboneKind::Residual), ("lite0-pyramid-1", BackboneKind::Lite0)];
/// More classes than this are a broken file.
const MOST_CLASSES: usize = 10_000;

/// Everything about a network but its numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Card {
    architecture: String,
    /// In the order of the outputs.
    pub(crate) labels: Vec<Label>,
    /// Multiplies the channels of every layer.
    pub(crate) width: f64,
    /// The input it was trained for, in pixels.
    pub(crate) input: Size,
}

/// A network that has learnt.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Model {
    pub(crate) card: Card,
    /// As training changes them: not folded.
    pub(crate) weights: Weights,
}

impl Card {
    pub(crate) fn new(labels: &[Label], width: f64, input: Size) -> Self {
        Self { architecture: "pyramid-1".to_owned(), labels: labels.to_vec(), width, input }
    }

    /// The same with another backbone.
    pub(crate) fn with_backbone(mut self, kind: BackboneKind) -> Self {
        let name = ARCHITECTURES.iter().find(|(_, other)| *other == kind).map(|(name, _)| *name);
        name.unwrap_or_default().clone_into(&mut self.architecture);
        self
    }

    /// Which backbone it has; `None` for a network that is not known.
    fn known_backbone(&self) -> Option<BackboneKind> {
        ARCHITECTURES.iter().find(|(name, _)| *name == self.architecture).map(|(_, kind)| *kind)
    }

    pub(crate) fn backbone(&self) -> BackboneKind {
        self.known_backbone().unwrap_or_default()
    }

    pub(crate) fn plan(&self) -> Plan {
        Plan { width: self.width, classes: self.labels.len(), backbone: self.backbone() }
    }

    fn check(&self) -> Result<(), String> {
        let side = |v: u32| (32..=4096).contains(&v) && v.is_multiple_of(32);
        let distinct = self.labels.iter().collect::<HashSet<_>>().len() == self.labels.len();
        if self.known_backbone().is_none() {
            let known = ARCHITECTURES.map(|(name, _)| name).join(" and ");
            Err(format!("its architecture is {:?}, this program knows {known}", self.architecture))
        } else if !(0.125..=4.0).contains(&self.width) {
            Err(format!("its width {} is out of range", self.width))
        } else if !side(self.input.width) || !side(self.input.height) {
            Err(format!("its input {}×{} is out of range", self.input.width, self.input.height))
        } else if self.labels.is_empty() || self.labels.len() > MOST_CLASSES || !distinct {
            Err("its labels are missing, too many or repeated".to_owned())
        } else {
            // Each within its range, they may still be too much together.
            check_answer_memory(self.width, self.input)
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn refuse(reason: impl ToString) -> ModelError {
    ModelError::Weights(reason.to_string())
}

impl Model {
    /// The bytes of a file; equal models give equal bytes.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, ModelError> {
        let card = serde_json::to_string(&self.card).map_err(refuse)?;
        to_safetensors(&self.weights, HashMap::from([(KEY.to_owned(), card)]))
    }

    /// Reads what [`Model::to_bytes`] wrote.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let (_, head) = SafeTensors::read_metadata(bytes)
            .map_err(|error| refuse(format!("not a whole safetensors file ({error})")))?;
        let card = head.metadata().as_ref().and_then(|metadata| metadata.get(KEY));
        let card = card.ok_or_else(|| refuse("a safetensors file, but not of this program"))?;
        let card: Card = serde_json::from_str(card)
            .map_err(|error| refuse(format!("its description cannot be read ({error})")))?;
        card.check().map_err(refuse)?;
        let tensors = SafeTensors::deserialize(bytes).map_err(refuse)?;
        let mut weights = Weights::default();
        for (name, view) in tensors.iter() {
            weights.insert(name, array(name, &view)?);
        }
        let model = Self { card, weights };
        // Every layer must find its weights, in its shape.
        let mut build = Build::new(&model.weights, Purpose::Measure, &Device::flex());
        Detector::new(&model.card.plan(), &mut build).map_err(refuse)?;
        Ok(model)
    }
}

/// Named arrays with metadata, as safetensors.
pub(crate) fn to_safetensors(
    weights: &Weights,
    metadata: HashMap<String, String>,
) -> Result<Vec<u8>, ModelError> {
    let bytes: Vec<(&str, &Array, Vec<u8>)> = weights
        .iter()
        .map(|(name, array)| (name, array, array.values.iter().flat_map(|v| v.to_le_bytes()).collect()))
        .collect();
    let views = bytes
        .iter()
        .map(|(name, array, bytes)| {
            let view = TensorView::new(Dtype::F32, array.shape.clone(), bytes).map_err(refuse)?;
            Ok((*name, view))
        })
        .collect::<Result<Vec<_>, ModelError>>()?;
    safetensors::serialize(views, Some(metadata)).map_err(refuse)
}

/// One array; refuses numbers that no training gives.
pub(crate) fn array(name: &str, view: &TensorView<'_>) -> Result<Array, ModelError> {
    if view.dtype() != Dtype::F32 {
        return Err(refuse(format!("{name} holds {:?} instead of F32", view.dtype())));
    }
    let (numbers, _) = view.data().as_chunks::<4>();
    let values: Vec<f32> = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let sound = values.iter().all(|v| v.is_finite() && v.abs() < 1e12);
    let channels = view.shape().last().copied().unwrap_or(0);
    let spread = !name.ends_with(".moments") || values.iter().skip(channels).all(|v| *v >= 0.0);
    if sound && spread {
        Ok(Array { shape: view.shape().to_vec(), values })
    } else {
        Err(refuse(format!("{name} holds impossible numbers")))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::net::initialise;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    pub(crate) fn small_model(labels: &[&str]) -> Model {
        let labels: Vec<Label> = labels.iter().map(|l| Label::new(*l).unwrap()).collect();
        let card = Card::new(&labels, 0.125, Size { width: 64, height: 64 });
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        Model { weights: initialise(&card.plan(), &mut rng).unwrap(), card }
    }

    #[test]
    fn a_file_read_back_is_the_same_model_and_the_same_bytes() {
        let model = small_model(&["cell", "Zelle ⚕"]);
        let bytes = model.to_bytes().unwrap();
        let read = Model::from_bytes(&bytes).unwrap();
        assert_eq!(read, model);
        assert_eq!(read.to_bytes().unwrap(), bytes);
    }

    #[test]
    fn a_file_of_a_network_that_takes_too_much_memory_is_refused_before_it_is_built() {
        let mut model = small_model(&["cell"]);
        model.card.width = 4.0;
        model.card.input = Size { width: 4096, height: 4096 };
        let error = Model::from_bytes(&model.to_bytes().unwrap()).unwrap_err();
        assert!(error.to_string().contains("of memory for each image"), "{error}");
    }

    #[test]
    fn cut_foreign_and_altered_files_are_refused_and_never_panic() {
        let model = small_model(&["cell"]);
        let bytes = model.to_bytes().unwrap();
        for length in (0..bytes.len()).step_by(bytes.len() / 97) {
            assert!(matches!(Model::from_bytes(&bytes[..length]), Err(ModelError::Weights(_))), "{length}");
        }
        assert!(Model::from_bytes(b"\x89PNG\r\n\x1a\n and so on").is_err());
        assert!(Model::from_bytes(&[0xFF; 4096]).is_err());
        let foreign = to_safetensors(&model.weights, HashMap::new()).unwrap();
        assert!(Model::from_bytes(&foreign).is_err());
        // Any altered byte of the head gives an error or another sound model.
        let head = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        for at in (0..head).step_by(7) {
            for flip in [0x01, 0x10, 0x80] {
                let mut altered = bytes.clone();
                altered[at] ^= flip;
                if let Ok(read) = Model::from_bytes(&altered) {
                    assert_eq!(read.weights.count(), model.weights.count());
                }
            }
        }
        let mut nan = bytes;
        nan[head..head + 4].copy_from_slice(&f32::NAN.to_le_bytes());
        assert!(matches!(Model::from_bytes(&nan), Err(ModelError::Weights(_))));
    }
}
