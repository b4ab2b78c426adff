//! Which part of a long list is drawn: rows near what is seen, and the height
//! of what is left out. Pure figures; pixels are CSS pixels.

use std::ops::Range;

/// Least widths of a thumbnail, by size 1 to 6, as the style sheet has them.
const THUMBS_PX: [f64; 6] = [112.0, 144.0, 184.0, 240.0, 320.0, 440.0];
/// Between thumbnails, both ways.
pub(super) const GAP_PX: f64 = 10.0;
/// Height of a row of the table.
pub(super) const ROW_PX: f64 = 44.0;
/// Pictures to either side of the one that is shown.
pub(super) const AROUND: usize = 8;
/// Rows drawn beyond each edge of what is seen.
const SPARE_ROWS: usize = 3;

/// How cells lie: so many side by side, each row so high.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Layout {
    /// Cells in a row, at least one.
    pub(super) columns: usize,
    /// From one row's top to the next one's.
    pub(super) row_px: f64,
}

impl Layout {
    /// Thumbnails of `size` (1 to 6) in a place so wide: what the style sheet's
    /// `repeat(auto-fill, minmax(…, 1fr))` makes of it.
    pub(super) fn of_grid(width_px: f64, size: u8) -> Self {
        let least = THUMBS_PX.get(usize::from(size.saturating_sub(1))).copied().unwrap_or(184.0);
        let columns = ((width_px + GAP_PX) / (least + GAP_PX)).floor().max(1.0);
        let tile_px = (width_px - GAP_PX * (columns - 1.0)) / columns;
        Self { columns: columns as usize, row_px: (tile_px * 0.75).max(1.0) + GAP_PX }
    }

    /// Rows of a table.
    pub(super) fn of_table() -> Self {
        Self { columns: 1, row_px: ROW_PX }
    }

    /// The part to draw of `items` items, after `lead` empty cells, when the
    /// view is `height_px` high and scrolled by `scrolled_px`.
    pub(super) fn part(self, items: usize, lead: usize, scrolled_px: f64, height_px: f64) -> RowWindow {
        let cells = lead + items;
        let rows = cells.div_ceil(self.columns);
        let row_at = |px: f64| (px / self.row_px).floor().max(0.0) as usize;
        let first = row_at(scrolled_px).saturating_sub(SPARE_ROWS).min(rows.saturating_sub(1));
        let last = (row_at(scrolled_px + height_px) + 1 + SPARE_ROWS).clamp(first, rows);
        let items_before = |row: usize| (row * self.columns).saturating_sub(lead).min(items);
        RowWindow {
            items: items_before(first)..items_before(last),
            before_px: first as f64 * self.row_px,
            after_px: (rows - last) as f64 * self.row_px,
        }
    }

    /// Where the row of an item begins.
    pub(super) fn top_px(self, index: usize, lead: usize) -> f64 {
        ((lead + index) / self.columns) as f64 * self.row_px
    }

    /// Empty cells at the beginning, once `more` items stand before the others,
    /// so that none of the others moves sideways.
    pub(super) fn lead_after(self, lead: usize, more: usize) -> usize {
        (lead + self.columns - more % self.columns) % self.columns
    }

    /// Rows that `more` items add above the others.
    pub(super) fn rows_added(self, lead: usize, more: usize) -> usize {
        (self.lead_after(lead, more) + more).saturating_sub(lead) / self.columns
    }
}

/// What of the list is in the window.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct PaneView {
    /// Width of the rows; 0 until it was measured.
    pub(super) width_px: f64,
    /// Height of the pane that scrolls.
    pub(super) height_px: f64,
    /// How far it is scrolled.
    pub(super) scrolled_px: f64,
}

/// What is drawn, and how much room the rest takes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RowWindow {
    /// By their place in the list.
    pub(super) items: Range<usize>,
    /// Height of the rows above.
    pub(super) before_px: f64,
    /// Height of the rows below.
    pub(super) after_px: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIVE: Layout = Layout { columns: 5, row_px: 100.0 };

    #[test]
    fn columns_are_as_the_style_sheet_lays_them() {
        let of = |width, size| {
            let Layout { columns, row_px } = Layout::of_grid(width, size);
            (columns, row_px.round())
        };
        assert_eq!(of(960.0, 3), (5, 148.0));
        assert_eq!(of(959.0, 3), (4, 184.0));
        assert_eq!(of(60.0, 6), (1, 55.0), "never none");
    }

    #[test]
    fn what_is_drawn_stays_bounded_however_long_the_list() {
        for items in [0, 3, 60, 1_000_000] {
            for scrolled in [0.0, 950.0, 12_345.0, 1e9] {
                let part = FIVE.part(items, 0, scrolled, 800.0);
                assert!(part.items.len() <= 80, "{items} {scrolled}: {part:?}");
                assert!(part.items.end <= items);
            }
        }
    }

    #[test]
    fn drawn_and_left_out_rows_make_the_whole_height() {
        for (items, lead) in [(7, 0), (60, 0), (60, 3), (1234, 4)] {
            for scrolled in [0.0, 640.0, 9_000.0] {
                let part = FIVE.part(items, lead, scrolled, 500.0);
                let whole = (items + lead).div_ceil(5) as f64 * 100.0;
                let begun = if part.items.start == 0 { lead } else { 0 };
                let drawn = (part.items.len() + begun).div_ceil(5) as f64 * 100.0;
                assert!((part.before_px + drawn + part.after_px - whole).abs() < 1e-6, "{part:?}");
            }
        }
    }

    #[test]
    fn what_is_seen_is_drawn() {
        let part = FIVE.part(1000, 0, 3_000.0, 600.0);
        assert!(part.items.start <= 150 && part.items.end >= 180, "{part:?}");
        assert_eq!(part.items.start % 5, 0, "rows are whole");
    }

    #[test]
    fn items_put_before_move_none_sideways() {
        for lead in 0..5 {
            for more in [1, 5, 60, 119] {
                let after = FIVE.lead_after(lead, more);
                let (old, new) = ((lead + 7) % 5, (after + more + 7) % 5);
                assert_eq!(old, new, "lead {lead}, {more} more");
                let moved = (after + more + 7) / 5 - (lead + 7) / 5;
                assert_eq!(moved, FIVE.rows_added(lead, more));
            }
        }
    }
}
