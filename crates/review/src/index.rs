//! A spatial index of boxes: a loose hierarchical grid. Each box lies in
//! exactly one cell, of the level whose cells are just as large as the box,
//! so that inserting, moving and removing cost the same for any size, and a
//! query looks half a cell further than its region.
//! (T. Ulrich, "Loose Octrees", Game Programming Gems 1, 2000, in the plane.)

use crate::{boxes::BoxId, order::sort, space::touches};
use domain::geometry::{Rect, Size};
use std::collections::BTreeMap;

/// Cells halve from level to level; 2¹² cells on a side at the finest.
const LEVELS: u8 = 13;

/// Level, row, column: rows of a level are contiguous in the map.
type CellKey = (u8, i64, i64);

/// Boxes by place.
#[derive(Clone, Debug)]
pub struct BoxIndex {
    side: f64,
    cells: BTreeMap<CellKey, Vec<(BoxId, Rect)>>,
    occupied: [usize; LEVELS as usize],
    len: usize,
}

impl BoxIndex {
    /// An empty index over an image of `size`. Boxes outside are ids too.
    #[must_use]
    pub fn new(size: Size) -> Self {
        let side = f64::from(size.width.max(size.height));
        Self { side, cells: BTreeMap::new(), occupied: [0; LEVELS as usize], len: 0 }
    }

    /// Boxes in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a box.
    pub fn insert(&mut self, id: BoxId, rect: Rect) {
        let key = self.key(&rect);
        let cell = self.cells.entry(key).or_default();
        if cell.is_empty()
            && let Some(count) = self.occupied.get_mut(usize::from(key.0))
        {
            *count += 1;
        }
        cell.push((id, rect));
        self.len += 1;
    }

    /// Takes out the box that was inserted with these two; others stay.
    pub fn remove(&mut self, id: BoxId, rect: &Rect) {
        let key = self.key(rect);
        let Some(cell) = self.cells.get_mut(&key) else { return };
        let before = cell.len();
        cell.retain(|(other, _)| *other != id);
        self.len -= before - cell.len();
        if cell.is_empty() {
            self.cells.remove(&key);
            if let Some(count) = self.occupied.get_mut(usize::from(key.0)) {
                *count -= 1;
            }
        }
    }

    /// Moves the box that was inserted with `from`; short moves stay in
    /// their cell.
    pub fn relocate(&mut self, id: BoxId, from: &Rect, to: Rect) {
        let key = self.key(from);
        if key == self.key(&to)
            && let Some((_, rect)) =
                self.cells.get_mut(&key).and_then(|cell| cell.iter_mut().find(|(other, _)| *other == id))
        {
            *rect = to;
        } else {
            self.remove(id, from);
            self.insert(id, to);
        }
    }

    /// Calls `visit` for each box that shares a point with `region`, edges
    /// included, in no particular order.
    pub fn query(&self, region: &Rect, mut visit: impl FnMut(BoxId, &Rect)) {
        for (level, occupied) in (0..LEVELS).zip(self.occupied) {
            if occupied == 0 {
                continue;
            }
            let cell = self.cell(level);
            let at = |v: f64| (v / cell).floor() as i64;
            let rows = at(region.y() - cell / 2.0)..=at(region.bottom() + cell / 2.0);
            let columns = at(region.x() - cell / 2.0)..=at(region.right() + cell / 2.0);
            let mut each = |entries: &[(BoxId, Rect)]| {
                for (id, rect) in entries.iter().filter(|(_, rect)| touches(rect, region)) {
                    visit(*id, rect);
                }
            };
            let row_count = rows.end().saturating_sub(*rows.start());
            if usize::try_from(row_count).unwrap_or(usize::MAX) >= occupied {
                let whole = (level, i64::MIN, i64::MIN)..=(level, i64::MAX, i64::MAX);
                self.cells.range(whole).for_each(|(_, entries)| each(entries));
            } else {
                for row in rows {
                    let span = (level, row, *columns.start())..=(level, row, *columns.end());
                    self.cells.range(span).for_each(|(_, entries)| each(entries));
                }
            }
        }
    }

    /// The boxes that share a point with `region`, by rising id.
    #[must_use]
    pub fn collect(&self, region: &Rect) -> Vec<BoxId> {
        let mut ids = Vec::new();
        self.query(region, |id, _| ids.push(id));
        sort(&mut ids, Ord::cmp);
        ids
    }

    fn cell(&self, level: u8) -> f64 {
        self.side / f64::from(1_u32 << level)
    }

    fn key(&self, rect: &Rect) -> CellKey {
        let longest = rect.w().max(rect.h());
        let level = (0..LEVELS).rev().find(|level| self.cell(*level) >= longest).unwrap_or(0);
        let cell = self.cell(level);
        let at = |v: f64| (v / cell).floor() as i64;
        (level, at(rect.y() + rect.h() / 2.0), at(rect.x() + rect.w() / 2.0))
    }
}
