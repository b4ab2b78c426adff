//! Counts over a grid: the fuller a cell, the more of the colour it has.

use crate::{frame::Canvas, ink::Ink, sheet::svg};
use serde::{Deserialize, Serialize};

/// Counts by cell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeatMap {
    /// Read to people who cannot see it.
    pub title: String,
    /// Cells of a row.
    pub columns: u32,
    /// Row by row, from the upper left corner.
    pub cells: Vec<u64>,
}

/// What a cell that counts one at least has of the colour.
const LEAST_OPACITY: f64 = 0.08;

impl HeatMap {
    /// The fullest cell.
    #[must_use]
    pub fn most(&self) -> u64 {
        self.cells.iter().copied().max().unwrap_or(0)
    }

    /// Draws it over the whole canvas.
    #[must_use]
    pub fn to_svg(&self, canvas: Canvas) -> String {
        let columns = (self.columns as usize).max(1);
        let rows = self.cells.len().div_ceil(columns).max(1);
        let (width, height) =
            (f64::from(canvas.width) / columns as f64, f64::from(canvas.height) / rows as f64);
        let most = self.most().max(1) as f64;
        svg(canvas, &self.title, |sheet| {
            sheet.bar((0.0, 0.0), (f64::from(canvas.width), f64::from(canvas.height)), Ink::Grid, 1.0)?;
            for (place, count) in self.cells.iter().enumerate().filter(|(_, count)| **count > 0) {
                let (x, y) = ((place % columns) as f64 * width, (place / columns) as f64 * height);
                let opacity = LEAST_OPACITY + (1.0 - LEAST_OPACITY) * *count as f64 / most;
                sheet.bar((x, y), (x + width, y + height), Ink::Accent, opacity)?;
            }
            Ok(())
        })
    }

    /// The same as comma-separated values: row, column, count.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let columns = (self.columns as usize).max(1);
        let lines = self
            .cells
            .iter()
            .enumerate()
            .map(|(at, count)| format!("{},{},{count}\n", at / columns, at % columns));
        std::iter::once("row,column,count\n".to_owned()).chain(lines).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> HeatMap {
        HeatMap { title: "Where boxes lie".into(), columns: 2, cells: vec![0, 1, 4, 0] }
    }

    #[test]
    fn only_cells_that_count_something_are_drawn_over_the_ground() {
        let svg = map().to_svg(Canvas { width: 80, height: 40 });
        assert_eq!(svg.matches("var(--chart-1)").count(), 2);
        assert_eq!(map().most(), 4);
    }

    #[test]
    fn the_values_are_by_row_and_column() {
        assert_eq!(map().to_csv(), "row,column,count\n0,0,0\n0,1,1\n1,0,4\n1,1,0\n");
    }
}
