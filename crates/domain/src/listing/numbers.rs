//! The numbers of a prediction, as lists show, sort and export them: one for
//! each row of the query language's table.

use query::schema::NumberField;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A value for each number that a query knows; `None` where it is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Numbers([Option<f64>; NumberField::ALL.len()]);

impl Numbers {
    /// Asks for each.
    ///
    /// # Errors
    /// The first that `of` gives.
    pub fn read<E>(mut of: impl FnMut(NumberField) -> Result<Option<f64>, E>) -> Result<Self, E> {
        let mut numbers = Self::default();
        for (slot, field) in numbers.0.iter_mut().zip(NumberField::ALL) {
            *slot = of(*field)?;
        }
        Ok(numbers)
    }

    /// The number of a field.
    #[must_use]
    pub fn get(&self, field: NumberField) -> Option<f64> {
        self.0.get(field as usize).copied().flatten()
    }

    /// Boxes at or above the threshold.
    #[must_use]
    pub fn objects(&self) -> u32 {
        self.get(NumberField::Objects).unwrap_or_default() as u32
    }

    /// Those that an item of a list says beside its prediction: under which
    /// name, and as what.
    pub fn beside(&self) -> impl Iterator<Item = (&'static str, Value)> {
        NumberField::ALL.iter().filter_map(|field| {
            let row = field.row();
            let value = self.get(*field);
            let value = if row.is_whole { json!(value.map(|value| value as i64)) } else { json!(value) };
            Some((row.beside?, value))
        })
    }
}
