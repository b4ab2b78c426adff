//! The weights a run begins with: drawn, or those of an earlier version.

use crate::{
    file::{Card, Model},
    net::{BackboneKind, initialise},
    pretrained,
    weights::Array,
};
use domain::{
    geometry::Size,
    inference::ModelError,
    name::Label,
    training::{TrainError, TrainPlan, TrainRequest},
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use std::path::Path;

/// Of a file of weights: no network here has a tenth of it.
const MOST_BYTES: u64 = 1 << 30;

/// A model to train, and what to tell about it.
pub(super) fn start(request: &TrainRequest, plan: &TrainPlan) -> Result<(Model, Vec<String>), TrainError> {
    let params = &plan.params;
    let input = Size::new(params.input_width, params.input_height)
        .ok_or_else(|| TrainError::Request("the input has no pixels".to_owned()))?;
    let base = request.base.as_deref().map(|path| open(path, Model::from_bytes)).transpose()?;
    let backbone = request.backbone.as_deref().map(|path| open(path, pretrained::read)).transpose()?;
    let kind = match (&backbone, &base) {
        (Some(_), _) => BackboneKind::Lite0,
        (None, Some(base)) => base.card.backbone(),
        (None, None) => BackboneKind::Residual,
    };
    // Another width would fit no weight of the base.
    let width = base.as_ref().map_or(params.width, |base| base.card.width);
    let card = Card::new(&request.labels, width, input).with_backbone(kind);
    let mut rng = ChaCha8Rng::seed_from_u64(params.seed);
    let drawn = initialise(&card.plan(), &mut rng).map_err(|error| TrainError::Failed(error.to_string()))?;
    let mut model = Model { card, weights: drawn };
    expect(&mut model, &plan.priors);
    let mut messages = Vec::new();
    if let Some(base) = base {
        messages.push(take_over(&mut model, &base).sentence(&request.labels));
    }
    if let Some(backbone) = backbone {
        for (name, array) in backbone.iter() {
            model.weights.insert(name, array.clone());
        }
        messages.push(
            "begins with the backbone of the given file, which learns at a tenth of the rate".to_owned(),
        );
    }
    Ok((model, messages))
}

/// What a file holds.
fn open<T>(path: &Path, read: impl Fn(&[u8]) -> Result<T, ModelError>) -> Result<T, TrainError> {
    let fail = |reason: String| TrainError::Request(format!("{}: {reason}", path.display()));
    let length = std::fs::metadata(path).map_err(|error| fail(error.to_string()))?.len();
    if length > MOST_BYTES {
        return Err(fail(format!("it has {length} bytes, and {MOST_BYTES} are the most")));
    }
    let bytes = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
    read(&bytes).map_err(|error| fail(error.to_string()))
}

/// Lets each label's score begin at the share of the maps that its boxes take:
/// objects are rare, some rarer than others (Lin et al. 2017, "Focal Loss",
/// section 4.1).
fn expect(model: &mut Model, priors: &[f64]) {
    for (name, array) in model.weights.iter_mut() {
        if name.ends_with(".class.bias") {
            let logits = priors.iter().map(|prior| (prior / (1.0 - prior)).ln() as f32);
            array.values.iter_mut().zip(logits).for_each(|(value, logit)| *value = logit);
        }
    }
}

/// What a start has of its base.
#[derive(Debug, PartialEq)]
struct TakenOver {
    /// Arrays that are the base's.
    arrays: usize,
    /// Arrays that there are, besides those with an output for each label.
    all: usize,
    /// By label: whether the base knows it.
    known: Vec<bool>,
}

impl TakenOver {
    fn sentence(&self, labels: &[Label]) -> String {
        let named = |known: bool| {
            let own = labels.iter().zip(&self.known).filter(|(_, k)| **k == known);
            own.map(|(label, _)| label.as_str()).collect::<Vec<_>>().join(", ")
        };
        let Self { arrays, all, known } = self;
        let share = if arrays == all {
            "keeps backbone, pyramid and boxes of its base".to_owned()
        } else {
            format!("keeps {arrays} of {all} layers' weights of its base")
        };
        match (known.contains(&true), known.contains(&false)) {
            (true, false) => format!("{share}, and the scores of all its labels"),
            (true, true) => {
                format!("{share}, and the scores of {}; those of {} are new", named(true), named(false))
            }
            (false, _) => format!("{share}; the scores of {} are new", named(false)),
        }
    }
}

/// Copies the base's weights where name and shape are the same; in the last
/// layers, output by output for the labels that both know.
fn take_over(model: &mut Model, base: &Model) -> TakenOver {
    let (mut arrays, mut all) = (0, 0);
    let place = |label: &Label| base.card.labels.iter().position(|other| other == label);
    let places: Vec<Option<usize>> = model.card.labels.iter().map(place).collect();
    for (name, array) in model.weights.iter_mut() {
        let by_label = name.ends_with(".class.weight") || name.ends_with(".class.bias");
        all += usize::from(!by_label);
        let Some(old) = base.weights.get(name) else { continue };
        if by_label {
            columns(array, old, &places);
        } else if old.shape == array.shape {
            array.values.clone_from(&old.values);
            arrays += 1;
        }
    }
    TakenOver { arrays, all, known: places.iter().map(Option::is_some).collect() }
}

/// `new[.., i] = old[.., places[i]]` where there is such a place.
fn columns(new: &mut Array, old: &Array, places: &[Option<usize>]) {
    let (width, old_width) = (places.len().max(1), old.shape.last().copied().unwrap_or(0).max(1));
    for (new, old) in new.values.chunks_exact_mut(width).zip(old.values.chunks_exact(old_width)) {
        for (value, place) in new.iter_mut().zip(places) {
            if let Some(known) = place.and_then(|place| old.get(place)) {
                *value = *known;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::tests::small_model;
    use domain::{
        dataset::{Annotation, Split},
        geometry::Rect,
        training::{TrainImage, TrainParams},
    };
    use std::path::PathBuf;

    #[test]
    fn a_head_with_a_new_label_keeps_what_it_knew() {
        let base = small_model(&["cell", "plate"]);
        let mut model = small_model(&["dust", "plate", "cell"]);
        let fresh = model.clone();
        let share = take_over(&mut model, &base);
        assert_eq!((share.arrays, share.known.as_slice()), (share.all, [false, true, true].as_slice()));
        assert_eq!(
            share.sentence(&model.card.labels),
            "keeps backbone, pyramid and boxes of its base, and the scores of plate, cell; those of dust are new"
        );
        let rows = |m: &Model| {
            let array = m.weights.get("head8.class.weight").unwrap();
            (array.values.clone(), *array.shape.last().unwrap())
        };
        let ((new, three), (old, two), (drawn, _)) = (rows(&model), rows(&base), rows(&fresh));
        assert_eq!((three, two), (3, 2));
        for ((new, old), drawn) in new.chunks(3).zip(old.chunks(2)).zip(drawn.chunks(3)) {
            assert_eq!(new, [drawn[0], old[1], old[0]]);
        }
        assert_eq!(model.weights.get("stage8.down.weight"), base.weights.get("stage8.down.weight"));
    }

    #[test]
    fn a_base_with_other_labels_gives_all_but_its_scores() {
        let base = small_model(&["cell"]);
        let mut model = small_model(&["dog", "person"]);
        let fresh = model.clone();
        let share = take_over(&mut model, &base);
        assert_eq!(
            share.sentence(&model.card.labels),
            "keeps backbone, pyramid and boxes of its base; the scores of dog, person are new"
        );
        assert_eq!(model.weights.get("head8.box.weight"), base.weights.get("head8.box.weight"));
        assert_eq!(model.weights.get("head8.class.weight"), fresh.weights.get("head8.class.weight"));
    }

    #[test]
    fn a_rare_label_begins_with_a_lower_score() {
        let mut model = small_model(&["a", "b"]);
        expect(&mut model, &[0.05, 0.001]);
        let bias = &model.weights.get("head16.class.bias").unwrap().values;
        assert!((bias[0] - (0.05f32 / 0.95).ln()).abs() < 1e-5 && bias[1] < -6.9, "{bias:?}");
    }

    fn request(backbone: Option<PathBuf>, base: Option<PathBuf>) -> TrainRequest {
        let label = Label::new("dog").unwrap();
        let rect = Rect::new(1.0, 1.0, 30.0, 30.0).unwrap();
        TrainRequest {
            labels: vec![label.clone()],
            images: vec![TrainImage {
                path: PathBuf::from("picture"),
                size: Size::new(64, 64).unwrap(),
                split: Split::Train,
                annotations: vec![Annotation { label, rect, ignore: false }],
            }],
            params: TrainParams { width: 0.125, ..TrainParams::default() },
            base,
            backbone,
            output: PathBuf::from("weights"),
            checkpoints: None,
        }
    }

    fn started(request: &TrainRequest) -> Result<(Model, Vec<String>), TrainError> {
        let plan = TrainPlan::new(&request.params, &request.labels, &request.images).unwrap();
        start(request, &plan)
    }

    #[test]
    fn a_backbone_is_taken_from_its_file_and_goes_on_in_the_next_training() {
        let folder = tempfile::tempdir().unwrap();
        let (file, weights) = (folder.path().join("lite.safetensors"), folder.path().join("weights"));
        let drawn = pretrained::tests::drawn("");
        std::fs::write(&file, &drawn).unwrap();
        let (model, messages) = started(&request(Some(file), None)).unwrap();
        let stem = pretrained::read(&drawn).unwrap().get("lite.stem.weight").cloned();
        assert_eq!(model.weights.get("lite.stem.weight"), stem.as_ref());
        assert!(messages[0].contains("backbone of the given file"), "{messages:?}");
        std::fs::write(&weights, model.to_bytes().unwrap()).unwrap();
        let (next, messages) = started(&request(None, Some(weights))).unwrap();
        assert_eq!(next, model);
        assert_eq!(
            messages,
            ["keeps backbone, pyramid and boxes of its base, and the scores of all its labels"]
        );
    }

    #[test]
    fn a_file_that_is_no_backbone_is_refused_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cat.gif");
        std::fs::write(&file, "GIF89a").unwrap();
        let Err(TrainError::Request(reason)) = started(&request(Some(file), None)) else { panic!("taken") };
        assert!(reason.contains("cat.gif: ") && reason.contains("no backbone"), "{reason}");
    }
}
