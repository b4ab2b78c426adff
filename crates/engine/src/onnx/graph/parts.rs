//! Operators and arrays of weights, as a file has them.

use super::{ElementType, MOST_AXES, MOST_PORTS, refuse};
use crate::onnx::wire::{Damaged, Fields, Value, count_varints, numbers};
use domain::inference::ModelError;

/// An operator.
#[derive(Default)]
pub(in crate::onnx) struct Node<'a> {
    pub(in crate::onnx) inputs: Vec<&'a str>,
    pub(in crate::onnx) outputs: Vec<&'a str>,
    pub(in crate::onnx) operator: &'a str,
    pub(super) domain: &'a str,
    pub(in crate::onnx) attributes: Vec<&'a [u8]>,
}

impl<'a> Node<'a> {
    pub(in crate::onnx) fn read(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let mut node = Self::default();
        for field in Fields(bytes) {
            if node.inputs.len() + node.outputs.len() + node.attributes.len() > MOST_PORTS {
                return Err(refuse(format!(
                    "an operator has more than {MOST_PORTS} inputs, outputs and attributes"
                )));
            }
            match field? {
                (1, value) => node.inputs.push(value.text()?),
                (2, value) => node.outputs.push(value.text()?),
                (4, value) => node.operator = value.text()?,
                (5, value) => node.attributes.push(value.bytes()?),
                (7, value) => node.domain = value.text()?,
                _ => {}
            }
        }
        Ok(node)
    }

    /// The text of an attribute.
    pub(super) fn text(&self, wanted: &str) -> Result<Option<&'a str>, Damaged> {
        for attribute in &self.attributes {
            let (mut name, mut text) = ("", None);
            for field in Fields(attribute) {
                match field? {
                    (1, value) => name = value.text()?,
                    (4, value) if name == wanted => text = Some(value.text()?),
                    _ => {}
                }
            }
            if name == wanted {
                return Ok(text);
            }
        }
        Ok(None)
    }
}

/// An array of weights.
#[derive(Default)]
pub(super) struct Array<'a> {
    pub(super) name: &'a str,
    axes: Vec<i64>,
    element: u64,
    raw: Option<usize>,
    listed: usize,
    is_external: bool,
}

impl<'a> Array<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Damaged> {
        let mut array = Self::default();
        for field in Fields(bytes) {
            match field? {
                (1, value) => numbers(value, MOST_AXES + 1, &mut array.axes)?,
                (2, value) => array.element = value.number()?,
                (4, Value::Bytes(packed)) => array.listed += packed.len() / 4,
                (10, Value::Bytes(packed)) => array.listed += packed.len() / 8,
                (5 | 7 | 11, value) => array.listed += count_varints(value),
                (4 | 6 | 10, _) => array.listed += 1,
                (8, value) => array.name = value.text()?,
                (9, value) => array.raw = Some(value.bytes()?.len()),
                (13, _) => array.is_external = true,
                (14, value) => array.is_external |= value.number()? != 0,
                _ => {}
            }
        }
        Ok(array)
    }

    /// How many numbers it holds.
    pub(super) fn check(&self) -> Result<u64, ModelError> {
        let name = self.name;
        if self.is_external {
            return Err(refuse(format!(
                "the weights {name:?} lie in another file: export the model as one file"
            )));
        }
        if self.axes.len() > MOST_AXES {
            return Err(refuse(format!("the weights {name:?} have more than {MOST_AXES} axes")));
        }
        let mut lengths = self.axes.iter().map(|axis| u64::try_from(*axis).ok());
        let elements = lengths.try_fold(1u64, |product, axis| product.checked_mul(axis?));
        let disagree = || refuse(format!("shape {:?} and bytes of {name:?} disagree", self.axes));
        let elements = elements.ok_or_else(disagree)?;
        let element = ElementType(self.element);
        let Some(bits) = element.bits() else {
            return Err(refuse(format!("the weights {name:?} are of type {}", element.name())));
        };
        let wanted = elements.checked_mul(bits).ok_or_else(disagree)?.div_ceil(8);
        let agree = match self.raw {
            Some(bytes) => bytes as u64 == wanted,
            // Small types may be packed into numbers of 32 bits.
            None => self.listed as u64 == elements || (bits < 16 && self.listed as u64 <= elements),
        };
        if agree { Ok(elements) } else { Err(disagree()) }
    }
}
