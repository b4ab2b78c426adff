//! What lies under the pointer: handles first, then edges, then interiors;
//! among equals the smaller box, then the one drawn later. Reads the editor,
//! changes nothing.

use crate::{
    boxes::{BoxId, Source},
    editor::Editor,
    handle::Handle,
    input::PointerKind,
    models::Candidate,
    order::sort,
    space::{ImagePoint, ScreenPoint},
};
use domain::geometry::Rect;
use std::cmp::Ordering;

/// What lies under the pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hit {
    /// A handle of the one selected box.
    Handle(BoxId, Handle),
    /// The line of a box.
    Edge(BoxId),
    /// The inside of a box.
    Interior(BoxId),
    /// A model's box that a click takes into the review.
    Candidate(Source),
}

impl Hit {
    /// The box of the review, if it is one.
    #[must_use]
    pub fn id(self) -> Option<BoxId> {
        match self {
            Self::Handle(id, _) | Self::Edge(id) | Self::Interior(id) => Some(id),
            Self::Candidate(_) => None,
        }
    }
}

/// How near is near enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// A mouse or a pen.
    Fine,
    /// A finger.
    Coarse,
}

impl Reach {
    fn edge_px(self) -> f64 {
        match self {
            Self::Fine => 4.0,
            Self::Coarse => 10.0,
        }
    }

    /// How near what points must come.
    pub(crate) fn of(kind: PointerKind) -> Self {
        match kind {
            PointerKind::Touch => Self::Coarse,
            PointerKind::Mouse | PointerKind::Pen => Self::Fine,
        }
    }

    /// From the middle of a box that is `side_px` long, how far the zone
    /// reaches by which it is moved: half of the box, and never less than can
    /// be met.
    fn core_px(self, side_px: f64) -> f64 {
        let least = match self {
            Self::Fine => 3.0,
            Self::Coarse => 8.0,
        };
        (side_px / 4.0).max(least)
    }

    /// Half the side of a handle's square. From the core on outwards it is
    /// never longer than the core: a box is as easily moved as resized.
    fn handle_px(self, shortest_px: f64) -> f64 {
        let most = match self {
            Self::Fine => 7.0,
            Self::Coarse => 16.0,
        };
        (3.0 * self.core_px(shortest_px) - shortest_px / 2.0).min(most)
    }
}

/// A box is all line that is no longer than so many times what is near enough
/// to a line.
const LINES_OF_A_TINY_BOX: f64 = 3.0;

/// The parts of the editor a hit test reads.
pub(crate) struct HitContext<'a> {
    editor: &'a Editor,
}

/// Whether the edge or the inside was hit; the edge comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum HitZone {
    Edge,
    Interior,
}

/// A box at a place.
#[derive(Clone, Copy)]
struct BoxHit {
    zone: HitZone,
    /// In image pixels.
    area: f64,
    id: BoxId,
}

impl BoxHit {
    /// Edges before insides, the smaller box, then the one drawn later.
    fn before(&self, other: &Self) -> Ordering {
        let order = self.zone.cmp(&other.zone).then(self.area.total_cmp(&other.area));
        order.then(other.id.cmp(&self.id))
    }
}

impl<'a> HitContext<'a> {
    pub(crate) fn of(editor: &'a Editor) -> Self {
        Self { editor }
    }

    pub(crate) fn test(&self, at: ScreenPoint, reach: Reach) -> Option<Hit> {
        if !at.is_finite() {
            return None;
        }
        self.handle(at, reach).or_else(|| self.nearest(at, reach))
    }

    fn handle(&self, at: ScreenPoint, reach: Reach) -> Option<Hit> {
        let id = self.editor.selection.only().filter(|_| self.editor.is_editable())?;
        let selected = self.editor.document.get(id).filter(|b| !b.locked)?;
        let viewport = &self.editor.viewport;
        let shown = viewport.rect_to_screen(&selected.rect);
        let radius = reach.handle_px(shown.w.min(shown.h));
        let place = |handle: Handle| viewport.to_screen(handle.on(&selected.rect));
        let near = |handle: &Handle| {
            let p = place(*handle);
            (p.x - at.x).abs() <= radius && (p.y - at.y).abs() <= radius
        };
        let handle = Handle::that_fit(shown.w, shown.h)
            .filter(near)
            .min_by(|a, b| place(*a).distance(at).total_cmp(&place(*b).distance(at)))?;
        let (dx, dy) = (at.x - shown.x - shown.w / 2.0, at.y - shown.y - shown.h / 2.0);
        let in_core = dx.abs() <= reach.core_px(shown.w) && dy.abs() <= reach.core_px(shown.h);
        (!in_core && !self.is_on_a_tiny_one(at, id, radius)).then_some(Hit::Handle(id, handle))
    }

    /// Whether another box is pointed at that a handle of this size would
    /// cover as a whole.
    fn is_on_a_tiny_one(&self, at: ScreenPoint, selected: BoxId, radius: f64) -> bool {
        let viewport = &self.editor.viewport;
        self.all(at, Reach::Fine).into_iter().filter(|id| *id != selected).any(|id| {
            let shown = self.editor.document.get(id).map(|b| viewport.rect_to_screen(&b.rect));
            shown.is_some_and(|shown| shown.w.max(shown.h) <= 2.0 * radius)
        })
    }

    /// Every box at a place, the one that is hit first at the front.
    pub(crate) fn all(&self, at: ScreenPoint, reach: Reach) -> Vec<BoxId> {
        let slack = reach.edge_px() / self.editor.viewport.zoom();
        let mut hits = self.boxes_near(self.editor.viewport.to_image(at), slack);
        sort(&mut hits, |a, b| a.before(b));
        hits.into_iter().map(|hit| hit.id).collect()
    }

    fn boxes_near(&self, p: ImagePoint, slack: f64) -> Vec<BoxHit> {
        let Some(around) = Rect::from_corners(p.x - slack, p.y - slack, p.x + slack, p.y + slack) else {
            return Vec::new();
        };
        let mut hits = Vec::new();
        self.editor.document.index().query(&around, |id, rect| {
            if let Some(zone) = zone_at(rect, p, slack)
                && self.editor.document.get(id).is_some_and(|b| self.editor.shows(b))
            {
                // A box that is hardly more than its line is never below the
                // line of a larger one.
                let all_line = rect.w().max(rect.h()) <= LINES_OF_A_TINY_BOX * slack;
                let zone = if all_line { HitZone::Edge } else { zone };
                hits.push(BoxHit { zone, area: rect.area(), id });
            }
        });
        hits
    }

    /// Edges of boxes, edges of candidates, insides of boxes, insides of
    /// candidates: a faint candidate is never in the way of a box's inside,
    /// and its line can always be reached.
    fn nearest(&self, at: ScreenPoint, reach: Reach) -> Option<Hit> {
        let slack = reach.edge_px() / self.editor.viewport.zoom();
        let p = self.editor.viewport.to_image(at);
        let live = self.best_box(at, slack);
        let candidate = self.best_candidate(p, slack);
        let as_hit = |(zone, id): (HitZone, BoxId)| match zone {
            HitZone::Edge => Hit::Edge(id),
            HitZone::Interior => Hit::Interior(id),
        };
        match (live, candidate) {
            (Some((HitZone::Interior, _)), Some((HitZone::Edge, source))) => Some(Hit::Candidate(source)),
            (Some(live), _) => Some(as_hit(live)),
            (None, candidate) => candidate.map(|(_, source)| Hit::Candidate(source)),
        }
    }

    fn best_box(&self, at: ScreenPoint, slack: f64) -> Option<(HitZone, BoxId)> {
        let hits = self.boxes_near(self.editor.viewport.to_image(at), slack);
        let first = hits.iter().min_by(|a, b| a.before(b))?;
        let chosen = self.editor.chosen_below(at, first.id);
        let meant = hits.iter().find(|hit| Some(hit.id) == chosen).unwrap_or(first);
        Some((meant.zone, meant.id))
    }

    fn best_candidate(&self, p: ImagePoint, slack: f64) -> Option<(HitZone, Source)> {
        let hit = |c: Candidate| zone_at(&c.rect, p, slack).map(|zone| (zone, c));
        let hits: Vec<(HitZone, Candidate)> = self.editor.candidates().into_iter().filter_map(hit).collect();
        let nearest = hits.iter().min_by(|(a_part, a), (b_part, b)| {
            a_part.cmp(b_part).then(a.rect.area().total_cmp(&b.rect.area())).then(a.source.cmp(&b.source))
        });
        let (zone, best) = nearest?;
        // Two boxes for one object nearly cover each other: the one that can
        // still be taken is meant.
        let other = self.editor.models.counterpart(best.source).filter(|_| best.taken);
        let open = hits.iter().find(|(_, c)| Some(c.source) == other && !c.taken);
        Some(open.map_or((*zone, best.source), |(zone, c)| (*zone, c.source)))
    }
}

/// Which zone of `rect` is within `slack` image pixels of `p`.
fn zone_at(rect: &Rect, p: ImagePoint, slack: f64) -> Option<HitZone> {
    let outside = |p: ImagePoint, grow: f64| {
        p.x < rect.x() - grow
            || p.x > rect.right() + grow
            || p.y < rect.y() - grow
            || p.y > rect.bottom() + grow
    };
    if outside(p, slack) {
        return None;
    }
    // On a small box the line must leave an inside to grab.
    let inner = slack.min(rect.w().min(rect.h()) / 4.0);
    if outside(p, -inner) { Some(HitZone::Edge) } else { Some(HitZone::Interior) }
}
