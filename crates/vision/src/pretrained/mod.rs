//! Backbones that others have trained, from the files that they come in:
//! safetensors, or what `torch.save` writes. Reading executes nothing.
//!
//! EfficientNet-Lite0 is known by the names that two common implementations
//! give its layers. Its normalisation is folded into the weights on the way.

mod pickle;
mod torch;
mod value;

use crate::{
    net::lite,
    weights::{Array, Weights},
};
use domain::inference::ModelError;
use safetensors::{Dtype, SafeTensors};

/// Numbers of a file at most: a hundred times what is wanted.
const MOST_NUMBERS: usize = 500_000_000;
/// What EfficientNet adds to a variance before the root.
const EPSILON: f32 = 1e-3;

/// How an implementation names the layers.
#[derive(Clone, Copy)]
enum Naming {
    /// `_blocks.3._expand_conv` with `_blocks.3._bn0`.
    Flat,
    /// `blocks.1.0.conv_pw` with `blocks.1.0.bn1`.
    Stages,
}

/// A layer of ours, and the convolution and normalisation that it is made of.
struct Source {
    ours: String,
    conv: String,
    norm: String,
    /// `[kernel, kernel, in, out]`; in is 1 where channels stay apart.
    shape: [usize; 4],
}

/// The weights of the backbone that the bytes hold, as the network names them.
///
/// # Errors
/// [`ModelError::Weights`] when they are no such file, or of another network.
pub(crate) fn read(bytes: &[u8]) -> Result<Weights, ModelError> {
    read_file(bytes).map_err(|reason| {
        ModelError::Weights(format!(
            "it is no backbone ({reason}): give the weights of EfficientNet-Lite0 as safetensors or as a file of \
             torch.save"
        ))
    })
}

/// Looks whether bytes are a backbone that a training can start from. Gives
/// how many numbers it has.
///
/// # Errors
/// As a training would refuse them.
pub fn check_backbone(bytes: &[u8]) -> Result<usize, ModelError> {
    Ok(read(bytes)?.iter().map(|(_, array)| array.values.len()).sum())
}

fn read_file(bytes: &[u8]) -> Result<Weights, String> {
    let all = if torch::is_torch(bytes) { torch::read(bytes)? } else { read_safetensors(bytes)? };
    let (naming, prefix) = naming(&all).ok_or("it has no layer conv_stem")?;
    let mut weights = Weights::default();
    for source in sources(naming, &prefix) {
        let (kernel, bias) = folded(&all, &source)?;
        weights.insert(format!("{}.weight", source.ours), kernel);
        weights.insert(format!("{}.bias", source.ours), bias);
    }
    Ok(weights)
}

fn read_safetensors(bytes: &[u8]) -> Result<Weights, String> {
    let tensors = SafeTensors::deserialize(bytes).map_err(|_| "it is neither of the two".to_owned())?;
    let mut all = Weights::default();
    for (name, view) in tensors.iter() {
        if view.dtype() != Dtype::F32 {
            continue;
        }
        let (numbers, _) = view.data().as_chunks::<4>();
        let values = numbers.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        all.insert(name, Array { shape: view.shape().to_vec(), values });
    }
    Ok(all)
}

/// Which names the layers have, and what stands before all of them.
fn naming(all: &Weights) -> Option<(Naming, String)> {
    const FLAT: &str = "_conv_stem.weight";
    let stem = all.iter().map(|(name, _)| name).find(|name| name.ends_with("conv_stem.weight"))?;
    Some(match stem.strip_suffix(FLAT) {
        Some(prefix) => (Naming::Flat, prefix.to_owned()),
        None => (Naming::Stages, stem.strip_suffix("conv_stem.weight")?.to_owned()),
    })
}

/// All layers of the backbone.
fn sources(naming: Naming, prefix: &str) -> Vec<Source> {
    let blocks = lite::blocks();
    let stem = match naming {
        Naming::Flat => ["_conv_stem", "_bn0"],
        Naming::Stages => ["conv_stem", "bn1"],
    };
    let [conv, norm] = stem.map(|name| format!("{prefix}{name}"));
    let outputs = blocks.first().map_or(0, |block| block.inputs);
    let mut all =
        vec![Source { ours: format!("{}stem", lite::PREFIX), conv, norm, shape: [3, 3, 3, outputs] }];
    for (index, block) in blocks.into_iter().enumerate() {
        let (stage, place) = block.place;
        let expands = block.hidden != block.inputs;
        let (within, [expand, depth, project]) = match (naming, expands) {
            (Naming::Flat, _) => (
                format!("{prefix}_blocks.{index}."),
                [["_expand_conv", "_bn0"], ["_depthwise_conv", "_bn1"], ["_project_conv", "_bn2"]],
            ),
            (Naming::Stages, true) => (
                format!("{prefix}blocks.{stage}.{place}."),
                [["conv_pw", "bn1"], ["conv_dw", "bn2"], ["conv_pwl", "bn3"]],
            ),
            (Naming::Stages, false) => (
                format!("{prefix}blocks.{stage}.{place}."),
                [["", ""], ["conv_dw", "bn1"], ["conv_pw", "bn2"]],
            ),
        };
        let mut add = |part: &str, [conv, norm]: [&str; 2], shape| {
            let ours = format!("{}block{index}.{part}", lite::PREFIX);
            all.push(Source {
                ours,
                conv: format!("{within}{conv}"),
                norm: format!("{within}{norm}"),
                shape,
            });
        };
        let lite::BlockSizes { kernel, inputs, hidden, outputs, .. } = block;
        if expands {
            add("expand", expand, [1, 1, inputs, hidden]);
        }
        add("depth", depth, [kernel, kernel, 1, hidden]);
        add("project", project, [1, 1, hidden, outputs]);
    }
    all
}

/// γ·(w∗x − μ)/√(σ² + ε) + β as a convolution and a bias.
fn folded(all: &Weights, source: &Source) -> Result<(Array, Array), String> {
    let [kernel, _, inputs, outputs] = source.shape;
    let find = |name: String, shape: &[usize]| all.expect(&name, shape).map_err(|unfit| unfit.to_string());
    let conv = find(format!("{}.weight", source.conv), &[outputs, inputs, kernel, kernel])?;
    let norm = |part: &str| find(format!("{}.{part}", source.norm), &[outputs]);
    let (gamma, beta) = (norm("weight")?, norm("bias")?);
    let (mean, variance) = (norm("running_mean")?, norm("running_var")?);
    let scale: Vec<f32> =
        gamma.values.iter().zip(&variance.values).map(|(g, v)| g / (v.max(0.0) + EPSILON).sqrt()).collect();
    let shift = beta.values.iter().zip(&mean.values).zip(&scale).map(|((b, m), s)| b - m * s);
    let bias = Array { shape: vec![outputs], values: shift.collect() };
    // [out, in, k, k] to [k, k, in, out].
    let mut values = vec![0.0; conv.values.len()];
    let rows = conv.values.chunks_exact((inputs * kernel * kernel).max(1)).zip(&scale);
    for (output, (row, scale)) in rows.enumerate() {
        for (input, window) in row.chunks_exact((kernel * kernel).max(1)).enumerate() {
            for (tap, weight) in window.iter().enumerate() {
                if let Some(value) = values.get_mut((tap * inputs + input) * outputs + output) {
                    *value = weight * scale;
                }
            }
        }
    }
    let sound = |array: &Array| array.values.iter().all(|v| v.is_finite() && v.abs() < 1e6);
    let weight = Array { shape: source.shape.to_vec(), values };
    if sound(&weight) && sound(&bias) {
        Ok((weight, bias))
    } else {
        Err(format!("{} holds impossible numbers", source.conv))
    }
}

#[cfg(test)]
pub(crate) mod tests;
