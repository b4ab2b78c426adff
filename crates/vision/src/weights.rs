//! Named arrays of numbers: all that a network has learnt.
//!
//! Knows nothing of layers. Training changes them, files hold them, networks
//! are built of them.

use std::collections::BTreeMap;

/// Numbers and their shape, the last axis running fastest.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Array {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f32>,
}

impl Array {
    /// Every number the same.
    pub(crate) fn filled(shape: &[usize], value: f32) -> Self {
        Self { shape: shape.to_vec(), values: vec![value; shape.iter().product()] }
    }
}

/// Arrays by name, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Weights {
    arrays: BTreeMap<String, Array>,
}

/// Why arrays are not the weights of a network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfit {
    #[error("{0} is missing")]
    Missing(String),
    #[error("{name} has shape {found:?} instead of {wanted:?}")]
    Shape { name: String, found: Vec<usize>, wanted: Vec<usize> },
}

impl Weights {
    pub(crate) fn insert(&mut self, name: impl Into<String>, array: Array) {
        self.arrays.insert(name.into(), array);
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Array> {
        self.arrays.get(name)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Array> {
        self.arrays.get_mut(name)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Array)> {
        self.arrays.iter().map(|(name, array)| (name.as_str(), array))
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Array)> {
        self.arrays.iter_mut().map(|(name, array)| (name.as_str(), array))
    }

    /// How many numbers there are.
    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.arrays.values().map(|array| array.values.len()).sum()
    }

    /// The array of that name, if it has that shape.
    pub(crate) fn expect(&self, name: &str, shape: &[usize]) -> Result<&Array, Unfit> {
        let array = self.get(name).ok_or_else(|| Unfit::Missing(name.to_owned()))?;
        if array.shape == shape {
            Ok(array)
        } else {
            Err(Unfit::Shape { name: name.to_owned(), found: array.shape.clone(), wanted: shape.to_vec() })
        }
    }
}
