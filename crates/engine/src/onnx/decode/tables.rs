//! Output tensors as tables of numbers, and which of them is what.

use crate::onnx::session::{Tensor, Values};
use domain::geometry::Size;
use std::borrow::Cow;

/// Numbers of candidates, each in a row or in a column of a table.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    pub(super) values: &'a [f32],
    pub(super) candidates: usize,
    pub(super) width: usize,
    pub(super) by_column: bool,
}

impl Table<'_> {
    pub(super) fn get(&self, candidate: usize, index: usize) -> f32 {
        let place =
            if self.by_column { index * self.candidates + candidate } else { candidate * self.width + index };
        self.values.get(place).copied().unwrap_or(f32::NAN)
    }

    /// Each number from the column `from` on, in the order of memory; of one
    /// candidate always by rising column.
    pub(super) fn each(&self, from: usize, mut visit: impl FnMut(usize, usize, f32)) {
        let (chunk, by_column) = if self.by_column { (self.candidates, true) } else { (self.width, false) };
        for (major, values) in self.values.chunks_exact(chunk.max(1)).enumerate() {
            if by_column && major < from {
                continue;
            }
            for (minor, value) in values.iter().enumerate() {
                if by_column {
                    visit(minor, major - from, *value);
                } else if minor >= from {
                    visit(major, minor - from, *value);
                }
            }
        }
    }
}

/// How many cells the grids have, whatever size a file claims.
pub(in crate::onnx) fn cell_count(input: Size, strides: &[u32]) -> usize {
    let cells = |stride: &u32| (input.width / stride) as usize * (input.height / stride) as usize;
    strides.iter().map(cells).fold(0, usize::saturating_add)
}

/// Column, row and stride of each cell of the grids, finest first.
pub(super) fn cells(input: Size, strides: &[u32]) -> Vec<[f32; 3]> {
    let mut cells = Vec::new();
    for stride in strides {
        let (across, down) = (input.width / stride, input.height / stride);
        let row = |y: u32| (0..across).map(move |x| [x as f32, y as f32, *stride as f32]);
        cells.extend((0..down).flat_map(row));
    }
    cells
}

pub(super) fn floats(tensor: &Tensor) -> Cow<'_, [f32]> {
    match &tensor.values {
        Values::Floats(values) => Cow::Borrowed(values),
        Values::Integers(values) => Cow::Owned(values.iter().map(|value| *value as f32).collect()),
    }
}

pub(super) fn table(tensor: &Tensor, by_column: bool) -> Result<Table<'_>, String> {
    let Values::Floats(values) = &tensor.values else {
        return Err(format!("the output {} holds whole numbers", tensor.name));
    };
    let ([1, rows, columns] | [rows, columns]) = tensor.shape[..] else {
        return Err(format!("the output {} has the shape {:?}", tensor.name, tensor.shape));
    };
    let (candidates, width) = if by_column { (columns, rows) } else { (rows, columns) };
    Ok(Table { values, candidates, width, by_column })
}

pub(super) fn missing(what: &str, name: Option<&str>, tensors: &[Tensor]) -> String {
    let there: Vec<String> =
        tensors.iter().map(|tensor| format!("{} {:?}", tensor.name, tensor.shape)).collect();
    let named = name.map(|name| format!(" named {name:?}")).unwrap_or_default();
    format!("there is no output of {what}{named} among {}", there.join(", "))
}

pub(super) fn pick<'t>(
    tensors: &'t [Tensor],
    name: Option<&str>,
    words: &[&str],
    fits: impl Fn(&Tensor) -> bool,
) -> Option<&'t Tensor> {
    pick_among(&tensors.iter().collect::<Vec<_>>(), name, words, fits)
}

/// The tensor of that name; without one, of those that fit, the first whose
/// name has one of the words, or else the first.
pub(super) fn pick_among<'t>(
    tensors: &[&'t Tensor],
    name: Option<&str>,
    words: &[&str],
    fits: impl Fn(&Tensor) -> bool,
) -> Option<&'t Tensor> {
    if let Some(name) = name {
        return tensors.iter().copied().find(|tensor| tensor.name == name);
    }
    let fitting: Vec<&Tensor> = tensors.iter().copied().filter(|tensor| fits(tensor)).collect();
    let says = |tensor: &&Tensor| {
        let name = tensor.name.to_lowercase();
        words.iter().any(|word| name.contains(word))
    };
    fitting.iter().copied().find(says).or_else(|| fitting.first().copied())
}
