//! Files of `torch.save`: an archive of one pickle and a file for each
//! storage, or, before PyTorch 1.6, pickles with the storages after them.

use super::{
    pickle,
    value::{Kind, Storage, Tensor},
};
use crate::weights::{Array, Weights};
use std::collections::HashMap;

type Result<T> = std::result::Result<T, String>;

/// Whether these are such a file's first bytes.
pub(super) fn is_torch(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0x80, 2])
}

/// All tensors of numbers with a point, by name.
pub(super) fn read(bytes: &[u8]) -> Result<Weights> {
    if bytes.starts_with(b"PK") { read_archive(bytes) } else { read_legacy(bytes) }
}

fn read_archive(bytes: &[u8]) -> Result<Weights> {
    let entries = entries(bytes)?;
    let (folder, description) = entries
        .iter()
        .find_map(|(name, content)| Some((name.strip_suffix("data.pkl")?, *content)))
        .ok_or("it is an archive, and not one of PyTorch")?;
    let (value, _) = pickle::read(description)?;
    arrays(&value.tensors(), |storage| {
        let content = entries.get(&format!("{folder}data/{}", storage.key)).copied();
        content.ok_or_else(|| format!("its storage {} is missing", storage.key))
    })
}

/// Four pickles (a magic number, a version, the machine, the tensors), the
/// keys of the storages, then each storage after its length.
fn read_legacy(bytes: &[u8]) -> Result<Weights> {
    let mut rest = bytes;
    for _ in 0..3 {
        (_, rest) = pickle::read(rest)?;
    }
    let (value, after) = pickle::read(rest)?;
    let (keys, mut after) = pickle::read(after)?;
    let tensors = value.tensors();
    let kinds: HashMap<&str, Kind> =
        tensors.iter().map(|(_, tensor)| (tensor.storage.key.as_str(), tensor.storage.kind)).collect();
    let mut contents: HashMap<String, &[u8]> = HashMap::new();
    for key in keys.texts().ok_or("the list of its storages cannot be read")? {
        let (length, rest) = after.split_first_chunk::<8>().ok_or("it is cut")?;
        let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| "it is cut")?;
        // A storage of no tensor: how long it is cannot be known.
        let kind = kinds.get(&*key).copied().ok_or("it has a storage that belongs to no tensor")?;
        let length = length.checked_mul(kind.bytes()).ok_or("it is cut")?;
        let (content, rest) = rest.split_at_checked(length).ok_or("it is cut")?;
        contents.insert(key.to_string(), content);
        after = rest;
    }
    arrays(&tensors, |storage| {
        let content = contents.get(&storage.key).copied();
        content.ok_or_else(|| format!("its storage {} is missing", storage.key))
    })
}

fn arrays<'b>(
    tensors: &[(String, std::rc::Rc<Tensor>)],
    content: impl Fn(&Storage) -> Result<&'b [u8]>,
) -> Result<Weights> {
    let mut weights = Weights::default();
    // A storage that many tensors share is read once for each: their sum is
    // bounded by what a network may have.
    let mut left = super::MOST_NUMBERS;
    for (name, tensor) in tensors {
        if matches!(tensor.storage.kind, Kind::Whole(_)) {
            continue;
        }
        let count = tensor.shape.iter().try_fold(1usize, |count, side| count.checked_mul(*side));
        let count = count.filter(|count| *count <= left).ok_or("it has too many numbers")?;
        left -= count;
        let values = numbers(tensor, count, content(&tensor.storage)?)
            .ok_or_else(|| format!("{name} reaches beyond its storage"))?;
        weights.insert(name.clone(), Array { shape: tensor.shape.clone(), values });
    }
    Ok(weights)
}

/// The numbers of a view, the last axis running fastest.
fn numbers(tensor: &Tensor, count: usize, content: &[u8]) -> Option<Vec<f32>> {
    let size = tensor.storage.kind.bytes();
    let mut place = vec![0usize; tensor.shape.len()];
    let mut values = Vec::with_capacity(count.min(content.len()));
    for _ in 0..count {
        let mut at = tensor.offset;
        for (index, stride) in place.iter().zip(&tensor.strides) {
            at = at.checked_add(index.checked_mul(*stride)?)?;
        }
        let begin = at.checked_mul(size)?;
        values.push(number(tensor.storage.kind, content.get(begin..begin.checked_add(size)?)?)?);
        for (index, side) in place.iter_mut().zip(&tensor.shape).rev() {
            *index += 1;
            if *index < *side {
                break;
            }
            *index = 0;
        }
    }
    Some(values)
}

fn number(kind: Kind, bytes: &[u8]) -> Option<f32> {
    Some(match kind {
        Kind::Double => f64::from_le_bytes(bytes.try_into().ok()?) as f32,
        Kind::Float => f32::from_le_bytes(bytes.try_into().ok()?),
        Kind::BFloat => f32::from_bits(u32::from(u16::from_le_bytes(bytes.try_into().ok()?)) << 16),
        Kind::Half => half(u16::from_le_bytes(bytes.try_into().ok()?)),
        Kind::Whole(_) => return None,
    })
}

/// A number of IEEE 754's 16 bits.
fn half(bits: u16) -> f32 {
    let (sign, exponent, fraction) = (bits >> 15, (bits >> 10) & 31, f32::from(bits & 1023));
    let magnitude = match exponent {
        0 => fraction * 2f32.powi(-24),
        31 => f32::INFINITY,
        _ => (1.0 + fraction / 1024.0) * 2f32.powi(i32::from(exponent) - 15),
    };
    if sign == 1 { -magnitude } else { magnitude }
}

/// The files of an archive, none of them compressed: PyTorch leaves them as
/// they are.
fn entries(bytes: &[u8]) -> Result<HashMap<String, &[u8]>> {
    const END: usize = 22;
    const ENTRY: usize = 46;
    const HEAD: usize = 30;
    let short = |at: usize| -> Option<usize> {
        Some(usize::from(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?)))
    };
    let long = |at: usize| -> Option<usize> {
        usize::try_from(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?)).ok()
    };
    let last = bytes.len().saturating_sub(END);
    let first = last.saturating_sub(usize::from(u16::MAX));
    let end = (first..=last).rev().find(|at| bytes.get(*at..*at + 4) == Some(b"PK\x05\x06"));
    let end = end.ok_or("it is an archive that is cut")?;
    let read = || -> Option<Result<HashMap<String, &[u8]>>> {
        let (count, mut at) = (short(end + 10)?, long(end + 16)?);
        let mut all = HashMap::new();
        for _ in 0..count {
            if bytes.get(at..at.checked_add(4)?)? != b"PK\x01\x02" {
                return None;
            }
            let (method, length, name_length) = (short(at + 10)?, long(at + 20)?, short(at + 28)?);
            let name = bytes.get(at + ENTRY..at + ENTRY + name_length)?;
            let head = long(at + 42)?;
            let name = String::from_utf8_lossy(name).into_owned();
            if method != 0 {
                return Some(Err(format!("{name} in it is compressed, which PyTorch never does")));
            }
            let begin = head + HEAD + short(head + 26)? + short(head + 28)?;
            all.insert(name, bytes.get(begin..begin.checked_add(length)?)?);
            at += ENTRY + name_length + short(at + 30)? + short(at + 32)?;
        }
        Some(Ok(all))
    };
    read().ok_or("its list of files is damaged")?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A storage of four floats, as `torch.save({"a": tensor})` describes it.
    const DESCRIPTION: &[u8] = b"\x80\x02}q\0X\x01\0\0\0aq\x01ctorch._utils\n_rebuild_tensor_v2\nq\x02((X\x07\0\0\0storageq\x03ctorch\nFloatStorage\nq\x04X\x01\0\0\x000q\x05X\x03\0\0\0cpuq\x06K\x04tq\x07QK\0K\x02K\x02\x86q\x08K\x01K\x02\x86q\t\x89ccollections\nOrderedDict\nq\n)Rq\x0btq\x0cRq\rs.";

    fn floats() -> Vec<u8> {
        [1.0f32, 2.0, 3.0, 4.0].iter().flat_map(|v| v.to_le_bytes()).collect()
    }

    fn legacy() -> Vec<u8> {
        let head = [b"\x80\x02K\x01.".as_slice(); 3].concat();
        let keys = b"\x80\x02]q\0X\x01\0\0\x000q\x01a.";
        [&head, DESCRIPTION, keys, &4u64.to_le_bytes(), &floats()].concat()
    }

    /// An archive without compression and without checksums.
    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let (mut bytes, mut list) = (Vec::new(), Vec::new());
        for (name, content) in files {
            let (at, length) = (bytes.len() as u32, content.len() as u32);
            let sizes = [&[0; 4][..], &length.to_le_bytes(), &length.to_le_bytes()].concat();
            let name_length = (name.len() as u16).to_le_bytes();
            bytes.extend(
                [b"PK\x03\x04", &[0; 10][..], &sizes, &name_length, &[0; 2], name.as_bytes()].concat(),
            );
            bytes.extend(*content);
            list.extend([b"PK\x01\x02", &[0; 12][..], &sizes, &name_length, &[0; 12]].concat());
            list.extend([&at.to_le_bytes(), name.as_bytes()].concat());
        }
        let (at, length, count) = (bytes.len() as u32, list.len() as u32, (files.len() as u16).to_le_bytes());
        bytes.extend(list);
        bytes.extend([b"PK\x05\x06", &[0; 4][..], &count, &count].concat());
        bytes.extend([&length.to_le_bytes()[..], &at.to_le_bytes(), &[0; 2]].concat());
        bytes
    }

    #[test]
    fn both_forms_give_the_numbers_in_their_order() {
        let content = floats();
        let zip = archive(&[("archive/data.pkl", DESCRIPTION), ("archive/data/0", &content)]);
        for file in [legacy(), zip] {
            assert!(is_torch(&file));
            let weights = read(&file).unwrap();
            let array = weights.get("a").unwrap();
            // Its strides are those of a transposed matrix.
            assert_eq!(
                (array.shape.as_slice(), array.values.as_slice()),
                ([2, 2].as_slice(), [1.0, 3.0, 2.0, 4.0].as_slice())
            );
        }
    }

    #[test]
    fn cut_and_altered_files_are_refused_and_never_panic() {
        let content = floats();
        let zip = archive(&[("archive/data.pkl", DESCRIPTION), ("archive/data/0", &content)]);
        for file in [legacy(), zip] {
            for length in 0..file.len() {
                assert!(read(&file[..length]).is_err(), "{length}");
            }
            for at in 0..file.len() {
                let mut altered = file.clone();
                altered[at] ^= 0x91;
                let _ = read(&altered);
            }
        }
        let missing = archive(&[("archive/data.pkl", DESCRIPTION)]);
        assert_eq!(read(&missing).unwrap_err(), "its storage 0 is missing");
        assert!(
            read(&archive(&[("word/document.xml", b"<x/>")])).unwrap_err().contains("not one of PyTorch")
        );
    }

    #[test]
    fn half_precision_reads_as_it_is_defined() {
        for (bits, value) in
            [(0x3C00, 1.0), (0xC000, -2.0), (0x0001, 5.960_464_5e-8), (0x7BFF, 65504.0), (0, 0.0)]
        {
            assert_eq!(half(bits), value);
        }
        assert!(half(0x7C00).is_infinite());
    }
}
