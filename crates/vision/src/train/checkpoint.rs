//! Everything that a run is after a step, as a file: another attempt goes on
//! from it and comes to the same weights, bit for bit.
//!
//! What a step shows follows from the seed and the step's number alone, so no
//! state of a random generator is in it. The file is the SHA-256 of all that
//! follows, then safetensors with a head in its metadata.

use super::{
    choice::{Choice, Measurement},
    optimizer::Optimizer,
    standing::Standing,
    step::State,
    write_whole,
};
use crate::{
    file::{array, to_safetensors},
    weights::{Array, Weights},
};
use domain::training::TrainRequest;
use measures::metrics::coco::{ImageMatches, Summary};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{collections::HashMap, path::Path};

/// The key of the head.
const KEY: &str = "fovea.checkpoint";
/// Counts changes to what is in the file, and to what a step does with it.
const FORMAT: u32 = 3;
const DIGEST_BYTES: usize = 32;

/// All of it but the arrays.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    format: u32,
    /// The program's version: another one may compute a step differently.
    program: String,
    /// What the training was asked for: see [`fingerprint`].
    request: String,
    step: u32,
    measured: u32,
    seconds: f64,
    average_steps: u32,
    optimizer_steps: i32,
    retained: Option<Summary>,
    /// The bits of its AP: text may lose the last one.
    retained_ap: u64,
    choice: ChoiceHead,
}

/// What is known of the choice of weights; the matches are arrays.
#[derive(Debug, Serialize, Deserialize)]
struct ChoiceHead {
    best: Option<u32>,
    gain: Option<u32>,
    waited: u32,
    last: Option<u32>,
    retained: Option<u32>,
}

impl ChoiceHead {
    fn new(choice: &Choice) -> Self {
        let step = |measurement: &Option<Measurement>| measurement.as_ref().map(|one| one.step);
        let Choice { best, gain, waited, last, retained } = choice;
        Self { best: step(best), gain: step(gain), waited: *waited, last: *last, retained: *retained }
    }

    /// With the measurements as `part` gives their arrays by name.
    fn choice(self, categories: usize, mut part: impl FnMut(&str) -> Weights) -> Result<Choice, String> {
        let mut measurement = |step: Option<u32>, name: &str| -> Result<Option<Measurement>, String> {
            let Some(step) = step else { return Ok(None) };
            Ok(Some(Measurement::new(step, categories, matches(&part(name))?)))
        };
        let best = measurement(self.best, "best")?;
        let gain = measurement(self.gain, "gain")?;
        Ok(Choice { best, gain, waited: self.waited, last: self.last, retained: self.retained })
    }
}

/// The matches of images as arrays: their bytes, each a number, and how many
/// belong to each image.
fn put_matches(part: &str, measurement: &Measurement, all: &mut Weights) {
    let images: Vec<Vec<u8>> = measurement.matches.iter().map(ImageMatches::to_bytes).collect();
    let lengths: Vec<f32> = images.iter().map(|bytes| bytes.len() as f32).collect();
    let bytes: Vec<f32> = images.concat().into_iter().map(f32::from).collect();
    for (name, values) in [("bytes", bytes), ("lengths", lengths)] {
        all.insert(format!("{part}/{name}"), Array { shape: vec![values.len()], values });
    }
}

fn matches(part: &Weights) -> Result<Vec<ImageMatches>, String> {
    let values = |name: &str| part.get(name).map(|array| array.values.as_slice()).unwrap_or_default();
    let bytes: Vec<u8> = values("bytes").iter().map(|value| *value as u8).collect();
    let mut rest = bytes.as_slice();
    let image = |length: &f32| {
        let (image, others) = rest.split_at_checked(*length as usize).ok_or("matches are cut")?;
        rest = others;
        ImageMatches::from_bytes(image).map_err(|error| error.to_string())
    };
    values("lengths").iter().map(image).collect()
}

/// What a training was asked for, parameters and data, as a hash. Files count
/// by name, size and boxes: in a store their names are hashes of what is in
/// them; the weights to start from count by their bytes.
pub(super) fn fingerprint(request: &TrainRequest) -> Result<String, String> {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    let json = |value: serde_json::Result<Vec<u8>>| value.map_err(|error| error.to_string());
    add(&json(serde_json::to_vec(&request.params))?);
    add(&json(serde_json::to_vec(&request.labels))?);
    for file in request.base.iter().chain(&request.backbone) {
        let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        add(&Sha256::digest(&bytes));
    }
    for image in &request.images {
        add(image.path.file_name().unwrap_or_default().as_encoded_bytes());
        add(&json(serde_json::to_vec(&(image.size, image.split, &image.annotations)))?);
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Writes where a run stands.
pub(super) fn write(path: &Path, request: &str, standing: &Standing, seconds: f64) -> Result<(), String> {
    let Standing { state, step, measured, choice, retained } = standing;
    let head = Head {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        request: request.to_owned(),
        step: *step,
        measured: *measured,
        seconds,
        average_steps: state.average.steps,
        optimizer_steps: state.optimizer.steps,
        retained: retained.as_ref().map(|(summary, _)| *summary),
        retained_ap: retained.as_ref().map_or(0, |(summary, _)| summary.AP.to_bits()),
        choice: ChoiceHead::new(choice),
    };
    let mut all = Weights::default();
    let mut put = |part: &str, weights: &Weights| {
        for (name, array) in weights.iter() {
            all.insert(format!("{part}/{name}"), array.clone());
        }
    };
    put("weights", &state.weights);
    put("average", &state.average.weights);
    if let Some((_, weights)) = retained {
        put("retained", weights);
    }
    for (part, measurement) in [("best", &choice.best), ("gain", &choice.gain)] {
        if let Some(measurement) = measurement {
            put_matches(part, measurement, &mut all);
        }
    }
    for (name, (first, second)) in &state.optimizer.moments {
        for (part, values) in [("first", first), ("second", second)] {
            let array = Array { shape: vec![values.len()], values: values.clone() };
            all.insert(format!("{part}/{name}"), array);
        }
    }
    let head = serde_json::to_string(&head).map_err(|error| error.to_string())?;
    let body = to_safetensors(&all, HashMap::from([(KEY.to_owned(), head)]));
    let body = body.map_err(|error| error.to_string())?;
    let bytes = [Sha256::digest(&body).as_slice(), &body].concat();
    write_whole(&bytes, path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Puts a fresh run where the file says that it stood, and gives the seconds
/// that it took to get there. `fresh` is untouched when the file is not one of
/// this request and this program.
pub(super) fn read(path: &Path, request: &str, fresh: &mut Standing) -> Result<f64, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let (digest, body) = bytes.split_at_checked(DIGEST_BYTES).ok_or("it is cut")?;
    if Sha256::digest(body).as_slice() != digest {
        return Err("it is damaged".to_owned());
    }
    let (_, metadata) = SafeTensors::read_metadata(body).map_err(|error| error.to_string())?;
    let head = metadata.metadata().as_ref().and_then(|metadata| metadata.get(KEY)).ok_or("it has no head")?;
    let head: Head = serde_json::from_str(head).map_err(|error| error.to_string())?;
    if head.format != FORMAT || head.program != env!("CARGO_PKG_VERSION") {
        return Err("another version of the program wrote it".to_owned());
    }
    if head.request != request {
        return Err("it is of other data or parameters".to_owned());
    }
    let mut parts = parts(body)?;
    let mut part = |name: &str| parts.remove(name).unwrap_or_default();
    let wanted = &fresh.state.weights;
    let weights = same_shapes(part("weights"), wanted)?;
    let average = same_shapes(part("average"), wanted)?;
    let retained = match head.retained {
        Some(summary) => {
            let summary = Summary { AP: f64::from_bits(head.retained_ap), ..summary };
            Some((summary, same_shapes(part("retained"), wanted)?))
        }
        None => None,
    };
    let choice = head.choice.choice(fresh.state.plan.classes, &mut part)?;
    let (first, mut second) = (part("first"), part("second"));
    put_moments(&mut fresh.state, &first, &mut second, head.optimizer_steps)?;
    fresh.state.weights = weights;
    fresh.state.average.weights = average;
    fresh.state.average.steps = head.average_steps;
    fresh.step = head.step;
    fresh.measured = head.measured;
    (fresh.choice, fresh.retained) = (choice, retained);
    Ok(head.seconds)
}

fn put_moments(state: &mut State, first: &Weights, second: &mut Weights, steps: i32) -> Result<(), String> {
    let mut moments = std::collections::BTreeMap::new();
    for (name, one) in first.iter() {
        let weight = state.weights.get(name).ok_or_else(|| format!("it knows a layer {name}"))?;
        let other = second.get_mut(name).ok_or_else(|| format!("it lacks a moment of {name}"))?;
        if one.values.len() != weight.values.len() || other.values.len() != weight.values.len() {
            return Err(format!("{name} has another shape"));
        }
        moments.insert(name.to_owned(), (one.values.clone(), std::mem::take(&mut other.values)));
    }
    let Optimizer { moments: place, steps: done, .. } = &mut state.optimizer;
    (*place, *done) = (moments, steps);
    Ok(())
}

/// The arrays by the part they belong to.
fn parts(body: &[u8]) -> Result<HashMap<String, Weights>, String> {
    let tensors = SafeTensors::deserialize(body).map_err(|error| error.to_string())?;
    let mut parts: HashMap<String, Weights> = HashMap::new();
    for (name, view) in tensors.iter() {
        let (part, rest) = name.split_once('/').ok_or_else(|| format!("{name} belongs to no part"))?;
        let array = array(rest, &view).map_err(|error| error.to_string())?;
        parts.entry(part.to_owned()).or_default().insert(rest, array);
    }
    Ok(parts)
}

fn same_shapes(weights: Weights, wanted: &Weights) -> Result<Weights, String> {
    let shapes = |weights: &Weights| -> Vec<(String, Vec<usize>)> {
        weights.iter().map(|(name, array)| (name.to_owned(), array.shape.clone())).collect()
    };
    if shapes(&weights) == shapes(wanted) { Ok(weights) } else { Err("its layers are others".to_owned()) }
}
