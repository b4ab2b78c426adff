//! What lies under the pointer: handles first, then edges, then interiors;
//! among equals the smaller box, then the one drawn later. Reads the editor,
//! changes nothing.

use crate::{
    bounds::HeldEdges,
    boxes::{BoxId, Source},
    editor::Editor,
    models::Candidate,
    space::{ImagePoint, ScreenPoint},
};
use domain::geometry::Rect;

/// One of the eight places at which a box is resized.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handle {
    /// Upper left corner.
    NorthWest,
    /// Upper edge.
    North,
    /// Upper right corner.
    NorthEast,
    /// Right edge.
    East,
    /// Lower right corner.
    SouthEast,
    /// Lower edge.
    South,
    /// Lower left corner.
    SouthWest,
    /// Left edge.
    West,
}

/// Edge handles need a side of this many CSS pixels, or they would cover the
/// corners'.
const EDGE_HANDLE_ROOM_PX: f64 = 28.0;

impl Handle {
    /// All eight: corners before edges, since a corner wins where they meet.
    pub const ALL: [Self; 8] = [
        Self::NorthWest,
        Self::NorthEast,
        Self::SouthEast,
        Self::SouthWest,
        Self::North,
        Self::East,
        Self::South,
        Self::West,
    ];

    pub(crate) fn held(self) -> HeldEdges {
        let (x, y) = match self {
            Self::NorthWest => (-1, -1),
            Self::North => (0, -1),
            Self::NorthEast => (1, -1),
            Self::East => (1, 0),
            Self::SouthEast => (1, 1),
            Self::South => (0, 1),
            Self::SouthWest => (-1, 1),
            Self::West => (-1, 0),
        };
        HeldEdges { x, y }
    }

    /// Where it is on a box, in image pixels.
    #[must_use]
    pub fn on(self, rect: &Rect) -> ImagePoint {
        let held = self.held();
        let place = |start: f64, length: f64, held: i8| start + length * (f64::from(held) + 1.0) / 2.0;
        ImagePoint::new(place(rect.x(), rect.w(), held.x), place(rect.y(), rect.h(), held.y))
    }

    /// The handles that a box of this size on the canvas has room for, in CSS
    /// pixels: the corners always, an edge's when it is long enough.
    pub fn that_fit(width_px: f64, height_px: f64) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |handle| {
            let held = handle.held();
            (held.x != 0 || width_px >= EDGE_HANDLE_ROOM_PX)
                && (held.y != 0 || height_px >= EDGE_HANDLE_ROOM_PX)
        })
    }
}

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

    /// Half the side of a handle's square; less on a small box, so that its
    /// inside can still be grabbed.
    fn handle_px(self, shortest_px: f64) -> f64 {
        let most = match self {
            Self::Fine => 7.0,
            Self::Coarse => 16.0,
        };
        (shortest_px / 4.0).clamp(3.0, most)
    }
}

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
        Handle::that_fit(shown.w, shown.h)
            .filter(near)
            .min_by(|a, b| place(*a).distance(at).total_cmp(&place(*b).distance(at)))
            .map(|handle| Hit::Handle(id, handle))
    }

    /// Edges of boxes, edges of candidates, insides of boxes, insides of
    /// candidates: a faint candidate is never in the way of a box's inside,
    /// and its line can always be reached.
    fn nearest(&self, at: ScreenPoint, reach: Reach) -> Option<Hit> {
        let slack = reach.edge_px() / self.editor.viewport.zoom();
        let p = self.editor.viewport.to_image(at);
        let live = self.best_box(p, slack);
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

    fn best_box(&self, p: ImagePoint, slack: f64) -> Option<(HitZone, BoxId)> {
        let around = Rect::from_corners(p.x - slack, p.y - slack, p.x + slack, p.y + slack)?;
        let mut best: Option<(HitZone, f64, BoxId)> = None;
        self.editor.document.index().query(&around, |id, rect| {
            let Some(zone) = zone_at(rect, p, slack) else { return };
            let wins = best.is_none_or(|(best_zone, area, best_id)| {
                let order = zone.cmp(&best_zone).then(rect.area().total_cmp(&area));
                order.then(best_id.cmp(&id)).is_lt()
            });
            if wins && self.editor.document.get(id).is_some_and(|b| self.editor.shows(b)) {
                best = Some((zone, rect.area(), id));
            }
        });
        best.map(|(zone, _, id)| (zone, id))
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
