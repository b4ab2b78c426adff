use super::*;
use crate::file::to_safetensors;
use std::collections::HashMap;

/// A file with all the layers of the backbone, each number drawn from its place.
pub(crate) fn drawn(prefix: &str) -> Vec<u8> {
    file(Naming::Flat, prefix)
}

fn file(naming: Naming, prefix: &str) -> Vec<u8> {
    let mut all = Weights::default();
    let number = |i: usize, seed: usize| ((i * 37 + seed * 11) % 101) as f32 / 50.0 - 1.0;
    for (seed, source) in sources(naming, prefix).iter().enumerate() {
        let [kernel, _, inputs, outputs] = source.shape;
        let count = kernel * kernel * inputs * outputs;
        let gain = (2.0 / (kernel * kernel * inputs) as f32).sqrt();
        let values = (0..count).map(|i| number(i, seed) * gain).collect();
        all.insert(
            format!("{}.weight", source.conv),
            Array { shape: vec![outputs, inputs, kernel, kernel], values },
        );
        for (part, offset) in [("weight", 1.5), ("bias", 0.0), ("running_mean", 0.0), ("running_var", 1.2)] {
            let values = (0..outputs).map(|i| number(i, seed + 7) * 0.1 + offset).collect();
            all.insert(format!("{}.{part}", source.norm), Array { shape: vec![outputs], values });
        }
    }
    to_safetensors(&all, HashMap::new()).unwrap()
}

#[test]
fn both_namings_give_the_same_backbone() {
    let flat = read(&file(Naming::Flat, "")).unwrap();
    assert_eq!(flat, read(&file(Naming::Stages, "model.")).unwrap());
    assert_eq!(check_backbone(&file(Naming::Flat, "module.")).unwrap(), flat.count());
    assert_eq!(flat.get("lite.block3.depth.weight").unwrap().shape, [5, 5, 1, 144]);
    assert_eq!(flat.get("lite.block15.project.weight").unwrap().shape, [1, 1, 1152, 320]);
}

#[test]
fn a_folded_layer_is_what_both_layers_were() {
    let mut all = Weights::default();
    let mut insert = |name: &str, shape: &[usize], values: &[f32]| {
        all.insert(name, Array { shape: shape.to_vec(), values: values.to_vec() });
    };
    insert("c.weight", &[2, 2, 1, 1], &[1.0, 2.0, 3.0, 4.0]);
    insert("n.weight", &[2], &[2.0, 1.0]);
    insert("n.bias", &[2], &[0.5, -0.5]);
    insert("n.running_mean", &[2], &[1.0, 2.0]);
    insert("n.running_var", &[2], &[4.0 - EPSILON, 1.0 - EPSILON]);
    let source =
        Source { ours: String::new(), conv: "c".to_owned(), norm: "n".to_owned(), shape: [1, 1, 2, 2] };
    let (kernel, bias) = folded(&all, &source).unwrap();
    // Outputs run fastest: in 0 to out 0 and 1, then in 1.
    assert_eq!((kernel.values, bias.values), (vec![1.0, 3.0, 2.0, 4.0], vec![-0.5, -2.5]));
}

#[test]
fn another_network_and_another_file_are_refused_in_words() {
    let refused = |bytes: &[u8]| read(bytes).unwrap_err().to_string();
    assert!(refused(b"GIF89a and so on").contains("neither of the two"));
    let mut other = Weights::default();
    other.insert("layer1.weight", Array::filled(&[3], 1.0));
    let other = to_safetensors(&other, HashMap::new()).unwrap();
    assert!(refused(&other).contains("it has no layer conv_stem"));
    let mut large = Weights::default();
    large.insert("_conv_stem.weight", Array::filled(&[40, 3, 3, 3], 1.0));
    let large = to_safetensors(&large, HashMap::new()).unwrap();
    assert!(refused(&large).contains("_conv_stem.weight has shape [40, 3, 3, 3] instead of [32, 3, 3, 3]"));
}

/// `FOVEA_DATA/backbone` may hold a real file as `lite0.pth`, a picture as
/// `picture.f32` (`[224, 224, 3]` in −1…1) and as `maps.f32` what another
/// implementation makes of it: 32-bit floats, lowest byte first, the maps one
/// after another, rows of channels.
#[test]
fn a_real_backbone_makes_what_another_implementation_makes_of_it() {
    let Some(data) = std::env::var_os("FOVEA_DATA") else { return };
    let folder = std::path::Path::new(&data).join("backbone");
    let Ok(file) = std::fs::read(folder.join("lite0.pth")) else { return };
    let floats = |name: &str| -> Vec<f32> {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
    };
    let size = domain::geometry::Size::new(224, 224).unwrap();
    let maps = crate::backbone_maps(&file, size, floats("picture.f32")).unwrap().concat();
    let expected = floats("maps.f32");
    assert_eq!(maps.len(), expected.len());
    let largest = expected.iter().map(|v| v.abs()).fold(0.0, f32::max);
    let worst = maps.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(worst <= 1e-4 * largest.max(1.0), "{worst} of values up to {largest}");
}
