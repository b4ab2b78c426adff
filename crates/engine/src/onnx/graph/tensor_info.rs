//! Inputs and outputs: names, types and shapes.

use super::{MOST_AXES, refuse, short};
use crate::onnx::wire::{Damaged, Fields};
use domain::inference::ModelError;

/// The type of a tensor's elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::onnx) struct ElementType(pub(in crate::onnx) u64);

impl ElementType {
    pub(in crate::onnx) const UINT8: Self = Self(2);
    pub(in crate::onnx) const INT32: Self = Self(6);
    pub(in crate::onnx) const INT64: Self = Self(7);

    /// Bits of an element; `None` for texts and what is unknown.
    pub(in crate::onnx) fn bits(self) -> Option<u64> {
        Some(match self.0 {
            2 | 3 | 9 | 17..=20 | 24 => 8,
            4 | 5 | 10 | 16 => 16,
            1 | 6 | 12 => 32,
            7 | 11 | 13 | 14 => 64,
            15 => 128,
            21..=23 => 4,
            _ => return None,
        })
    }

    pub(in crate::onnx) fn name(self) -> &'static str {
        const NAMES: [&str; 17] = [
            "undefined",
            "float32",
            "uint8",
            "int8",
            "uint16",
            "int16",
            "int32",
            "int64",
            "string",
            "bool",
            "float16",
            "float64",
            "uint32",
            "uint64",
            "complex64",
            "complex128",
            "bfloat16",
        ];
        NAMES.get(self.0 as usize).copied().unwrap_or("a small type")
    }

    pub(in crate::onnx) fn is_float(self) -> bool {
        matches!(self.0, 1 | 10 | 11 | 16)
    }
}

/// A length of an axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::onnx) enum Axis {
    Fixed(usize),
    /// Any, by its name.
    Dynamic(String),
}

/// An input or output.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::onnx) struct TensorInfo {
    pub(in crate::onnx) name: String,
    pub(in crate::onnx) element: ElementType,
    /// `None` when the file does not say.
    pub(in crate::onnx) shape: Option<Vec<Axis>>,
}

impl TensorInfo {
    /// `images float32 [1, 3, 640, 640]`.
    pub(in crate::onnx) fn describe(&self) -> String {
        let axis = |axis: &Axis| match axis {
            Axis::Fixed(length) => length.to_string(),
            Axis::Dynamic(name) if name.is_empty() => "?".to_owned(),
            Axis::Dynamic(name) => name.clone(),
        };
        let shape = self.shape.as_ref().map_or_else(
            || "[?]".to_owned(),
            |shape| format!("[{}]", shape.iter().map(axis).collect::<Vec<_>>().join(", ")),
        );
        format!("{} {} {shape}", self.name, self.element.name())
    }

    /// The length of an axis, where it is fixed.
    pub(in crate::onnx) fn axis(&self, index: usize) -> Option<usize> {
        match self.shape.as_ref()?.get(index)? {
            Axis::Fixed(length) => Some(*length),
            Axis::Dynamic(_) => None,
        }
    }

    pub(in crate::onnx) fn rank(&self) -> Option<usize> {
        self.shape.as_ref().map(Vec::len)
    }
}

pub(super) fn read_tensor_info(bytes: &[u8]) -> Result<(&str, TensorInfo), ModelError> {
    let mut info = TensorInfo { name: String::new(), element: ElementType(0), shape: None };
    let mut name = "";
    for field in Fields(bytes) {
        match field? {
            (1, value) => {
                name = value.text()?;
                info.name = short(name)?;
            }
            (2, value) => {
                for field in Fields(value.bytes()?) {
                    // Sequences and the like are no tensors: they have no shape.
                    if let (1, value) = field? {
                        read_tensor_type(value.bytes()?, &mut info)?;
                    }
                }
            }
            _ => {}
        }
    }
    if name.is_empty() {
        return Err(refuse("an input or output has no name"));
    }
    Ok((name, info))
}

fn read_tensor_type(bytes: &[u8], info: &mut TensorInfo) -> Result<(), ModelError> {
    for field in Fields(bytes) {
        match field? {
            (1, value) => info.element = ElementType(value.number()?),
            (2, value) => {
                let mut shape = Vec::new();
                for field in Fields(value.bytes()?) {
                    if let (1, value) = field? {
                        shape.push(read_axis(value.bytes()?)?);
                    }
                    if shape.len() > MOST_AXES {
                        return Err(refuse(format!("{} has more than {MOST_AXES} axes", info.name)));
                    }
                }
                info.shape = Some(shape);
            }
            _ => {}
        }
    }
    Ok(())
}

fn read_axis(bytes: &[u8]) -> Result<Axis, ModelError> {
    let mut axis = Axis::Dynamic(String::new());
    for field in Fields(bytes) {
        match field? {
            // Older exporters write −1 or 0 for any length.
            (1, value) => {
                let length = value.number()? as i64;
                if length > 0 {
                    let length = usize::try_from(length).map_err(|_| Damaged)?;
                    axis = Axis::Fixed(length);
                }
            }
            (2, value) => axis = Axis::Dynamic(short(value.text()?)?),
            _ => {}
        }
    }
    Ok(axis)
}
