//! Whether a recipe can be followed.

use super::{InputRecipe, InputSize, LONGEST_SIDE, OutputForm, OutputRecipe, Recipe};
use crate::geometry::Size;
use std::fmt;

/// What of a recipe cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct RecipeFault {
    /// The field's path in the JSON: `output.suppression.iou`.
    pub field: &'static str,
    /// What it must be.
    pub problem: String,
}

fn fault(field: &'static str, problem: impl Into<String>) -> RecipeFault {
    RecipeFault { field, problem: problem.into() }
}

impl Recipe {
    /// Reads and checks JSON.
    ///
    /// # Errors
    /// What is wrong, with the field or the place in the text.
    pub fn from_json(text: &str) -> Result<Self, RecipeFault> {
        let recipe: Self = serde_json::from_str(text).map_err(|error| fault("recipe", error.to_string()))?;
        recipe.check()?;
        Ok(recipe)
    }

    /// As JSON that a person can edit.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Whether it can be followed.
    ///
    /// # Errors
    /// The first field that is out of its range, or does not go with another.
    pub fn check(&self) -> Result<(), RecipeFault> {
        self.input.check()?;
        self.output.check()
    }

    /// The label (its place in the list of labels) that the network calls
    /// `class`; `None` for the background and for numbers without a label.
    #[must_use]
    pub fn label_of(&self, class: usize) -> Option<usize> {
        let output = &self.output;
        if output.classes.is_empty() {
            return class.checked_sub(output.first_class as usize);
        }
        output.classes.iter().position(|number| *number as usize == class)
    }
}

impl InputRecipe {
    fn check(&self) -> Result<(), RecipeFault> {
        let side = |side: u32| (1..=LONGEST_SIDE).contains(&side);
        let longest = || format!("must be 1 to {LONGEST_SIDE} pixels");
        match self.size {
            InputSize::Fixed(Size { width, height }) if !side(width) || !side(height) => {
                return Err(fault("input.size.fixed", longest()));
            }
            InputSize::Scaled { longest: l, stride } if !side(l) || stride == 0 || stride > l => {
                return Err(fault(
                    "input.size.scaled",
                    format!("longest {}; stride 1 to longest", longest()),
                ));
            }
            InputSize::Original { longest: l } if !side(l) => {
                return Err(fault("input.size.original", longest()));
            }
            _ => {}
        }
        if !(self.divisor.is_finite() && self.divisor > 0.0) {
            return Err(fault("input.divisor", "must be above 0"));
        }
        if !self.mean.iter().all(|mean| mean.is_finite()) {
            return Err(fault("input.mean", "must be three numbers"));
        }
        if !self.deviation.iter().all(|deviation| deviation.is_finite() && *deviation > 0.0) {
            return Err(fault("input.deviation", "must be three numbers above 0"));
        }
        Ok(())
    }
}

impl OutputRecipe {
    fn check(&self) -> Result<(), RecipeFault> {
        if let Some(suppression) = &self.suppression {
            if !(0.0..=1.0).contains(&suppression.iou) {
                return Err(fault("output.suppression.iou", "must be 0 to 1"));
            }
            if !(0.0..=100_000.0).contains(&suppression.class_shift) {
                return Err(fault("output.suppression.class_shift", "must be 0 to 100000"));
            }
            if !(1..=100_000).contains(&suppression.candidates) {
                return Err(fault("output.suppression.candidates", "must be 1 to 100000"));
            }
        }
        let strides = self.strides.iter().all(|stride| (1..=1024).contains(stride));
        if (self.form == OutputForm::Grid) == self.strides.is_empty() || !strides {
            return Err(fault("output.strides", "must be 1 to 1024 each, for the form grid and no other"));
        }
        if !self.classes.is_empty() && self.first_class != 0 {
            return Err(fault("output.classes", "must not be given together with first_class"));
        }
        let mut classes = self.classes.clone();
        classes.sort_unstable();
        if classes.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(fault("output.classes", "must be different numbers"));
        }
        Ok(())
    }
}

impl fmt::Display for Recipe {
    /// The sentences of [`Recipe::explanation`], one a line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.explanation().join("\n"))
    }
}
