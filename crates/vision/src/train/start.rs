//! The weights a run begins with: drawn, or those of an earlier version.

use crate::{
    file::{Card, Model},
    net::initialise,
    weights::Array,
};
use domain::{
    geometry::Size,
    name::Label,
    training::{TrainError, TrainRequest},
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// A model to train, and what to tell about it.
pub(super) fn start(request: &TrainRequest) -> Result<(Model, Option<String>), TrainError> {
    let params = &request.params;
    let input = Size::new(params.input_width, params.input_height)
        .ok_or_else(|| TrainError::Request("the input has no pixels".to_owned()))?;
    let base = request
        .base
        .as_ref()
        .map(|path| {
            let fail = |reason: String| TrainError::Request(format!("{}: {reason}", path.display()));
            let bytes = std::fs::read(path).map_err(|error| fail(error.to_string()))?;
            Model::from_bytes(&bytes).map_err(|error| fail(error.to_string()))
        })
        .transpose()?;
    // Another width would fit no weight of the base.
    let width = base.as_ref().map_or(params.width, |base| base.card.width);
    let card = Card::new(&request.labels, width, input);
    let mut rng = ChaCha8Rng::seed_from_u64(params.seed);
    let drawn = initialise(&card.plan(), &mut rng).map_err(|error| TrainError::Failed(error.to_string()))?;
    let mut model = Model { card, weights: drawn };
    let Some(base) = base else { return Ok((model, None)) };
    let kept = take_over(&mut model, &base);
    let message = format!("starts from {} known labels of {}, width {width}", kept, request.labels.len(),);
    Ok((model, Some(message)))
}

/// Copies the base's weights; in the last layers, output by output for the
/// labels that both know. Gives the number of these.
fn take_over(model: &mut Model, base: &Model) -> usize {
    let place = |label: &Label| base.card.labels.iter().position(|other| other == label);
    let places: Vec<Option<usize>> = model.card.labels.iter().map(place).collect();
    for (name, array) in model.weights.iter_mut() {
        let Some(old) = base.weights.get(name) else { continue };
        if name.ends_with(".class.weight") || name.ends_with(".class.bias") {
            columns(array, old, &places);
        } else if old.shape == array.shape {
            array.values.clone_from(&old.values);
        }
    }
    places.iter().flatten().count()
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

    #[test]
    fn a_head_with_a_new_label_keeps_what_it_knew() {
        let base = small_model(&["cell", "plate"]);
        let mut model = small_model(&["dust", "plate", "cell"]);
        let fresh = model.clone();
        assert_eq!(take_over(&mut model, &base), 2);
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
}
