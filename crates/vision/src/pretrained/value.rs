//! What a pickle of PyTorch describes: collections of tensors, each a view of a
//! storage. Nothing here knows how that is written.

use std::rc::Rc;

/// A value on the stack.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Whatever no tensor needs.
    Nothing,
    Flag,
    Whole(i64),
    Text(Rc<str>),
    /// `module name` of a class or function that is allowed.
    Global(&'static str),
    /// Tuples and lists.
    List(Rc<Vec<Value>>, u8),
    /// In the order of the file.
    Map(Rc<Vec<(Value, Value)>>, u8),
    Storage(Rc<Storage>),
    Tensor(Rc<Tensor>),
}

/// Numbers that lie elsewhere in the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Storage {
    pub(super) kind: Kind,
    pub(super) key: String,
    /// How many numbers.
    pub(super) length: usize,
}

/// A tensor as a view of a storage.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tensor {
    pub(super) storage: Storage,
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    pub(super) strides: Vec<usize>,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Double,
    Float,
    Half,
    BFloat,
    /// Of so many bytes: counters, which no network computes with.
    Whole(usize),
}

impl Kind {
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Double => 8,
            Self::Float => 4,
            Self::Half | Self::BFloat => 2,
            Self::Whole(bytes) => bytes,
        }
    }

    /// What a class of PyTorch's says; `None` for any other.
    pub(super) fn of(global: &str) -> Option<Self> {
        Some(match global {
            "torch DoubleStorage" => Self::Double,
            "torch FloatStorage" => Self::Float,
            "torch HalfStorage" => Self::Half,
            "torch BFloat16Storage" => Self::BFloat,
            "torch LongStorage" => Self::Whole(8),
            "torch IntStorage" => Self::Whole(4),
            "torch ShortStorage" => Self::Whole(2),
            "torch ByteStorage" | "torch CharStorage" | "torch BoolStorage" => Self::Whole(1),
            _ => return None,
        })
    }
}

impl Value {
    /// The tensors below this value with their names, `a.b` being b of a map
    /// that is a of another.
    pub(super) fn tensors(&self) -> Vec<(String, Rc<Tensor>)> {
        let mut all = Vec::new();
        self.collect("", &mut all);
        all
    }

    fn collect(&self, prefix: &str, all: &mut Vec<(String, Rc<Tensor>)>) {
        let Self::Map(entries, _) = self else { return };
        for (key, value) in entries.iter() {
            // A map that is shared many times over would be found as often.
            if all.len() > 20_000 {
                return;
            }
            let Self::Text(key) = key else { continue };
            let name = if prefix.is_empty() { key.to_string() } else { format!("{prefix}.{key}") };
            match value {
                Self::Tensor(tensor) => all.push((name, Rc::clone(tensor))),
                Self::Map(..) if prefix.matches('.').count() < 3 => value.collect(&name, all),
                _ => {}
            }
        }
    }

    /// The texts of a list.
    pub(super) fn texts(&self) -> Option<Vec<Rc<str>>> {
        let Self::List(values, _) = self else { return None };
        let text = |value: &Self| if let Self::Text(text) = value { Some(Rc::clone(text)) } else { None };
        values.iter().map(text).collect()
    }
}
