//! What runs a graph, without the rest of this crate knowing which program it is.

use domain::inference::ModelError;

/// Numbers of a tensor. Whatever the graph says, floats travel as 32 bits and
/// whole numbers as 64; a runtime turns them into what the graph wants.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Of any float type.
    Floats(Vec<f32>),
    /// Of any integer type, and truths.
    Integers(Vec<i64>),
}

impl Values {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Floats(values) => values.len(),
            Self::Integers(values) => values.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All as floats.
    #[must_use]
    pub fn into_floats(self) -> Vec<f32> {
        match self {
            Self::Floats(values) => values,
            Self::Integers(values) => values.into_iter().map(|value| value as f32).collect(),
        }
    }
}

/// A tensor with its name; the values are in the order of the shape, last axis
/// fastest, and as many as it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    /// Of the graph's input or output.
    pub name: String,
    /// Lengths of its axes.
    pub shape: Vec<usize>,
    /// Its numbers.
    pub values: Values,
}

/// A program that runs ONNX graphs. It reads nothing but the bytes given.
pub trait Runtime: Send + Sync {
    /// For messages.
    fn name(&self) -> &'static str;

    /// Which of these operators it does not know; those of other domains than
    /// ONNX's own have the domain before them (`com.microsoft.Gelu`).
    fn unknown_operators(&self, operators: &[&str]) -> Vec<String>;

    /// What to do about an operator that it does not know, in a sentence.
    fn advice(&self) -> Option<&'static str> {
        None
    }

    /// Loads a graph whose form was checked before.
    ///
    /// # Errors
    /// [`ModelError::Weights`] when it cannot.
    fn load(&self, bytes: &[u8]) -> Result<Box<dyn Session>, ModelError>;
}

/// A loaded graph.
pub trait Session: Send + Sync {
    /// Runs it once; gives the named outputs in their order.
    ///
    /// # Errors
    /// [`ModelError::Failed`] when a name, a shape or an operator fails.
    fn run(&self, inputs: Vec<Tensor>, outputs: &[String]) -> Result<Vec<Tensor>, ModelError>;
}
