//! The layers with boxes: resting, active, handles, tags.

use super::{
    primitive::{Dash, Primitive, Role, Style},
    tags::TagRoom,
};
use crate::{
    boxes::{LabelIndex, ReviewBox},
    editor::Editor,
    handle::Handle,
    hit::Hit,
    labels::{PALETTE_SLOTS, Slot},
    models::Candidate,
    space::{ScreenRect, touches},
};
use domain::geometry::{Rect, Score};

const LINE_PX: f64 = 1.5;
const SELECTED_LINE_PX: f64 = 2.5;
const HANDLE_PX: f64 = 9.0;
/// A box below this on both sides is a dot.
const DOT_PX: f64 = 3.0;
/// With more boxes than this in view, labels would only cover each other.
const MOST_TAGS: usize = 300;
/// A box narrower than this bears no label.
const LEAST_TAGGED_PX: f64 = 24.0;

/// Rectangles sorted by how they look, so that a painter sets a style once.
#[derive(Default)]
struct Batches {
    batches: Vec<(Style, Vec<ScreenRect>)>,
    lines: [[Option<usize>; 3]; PALETTE_SLOTS as usize],
}

impl Batches {
    /// A resting box of the review: one of 24 looks, found without a search.
    fn resting(&mut self, slot: Slot, ignore: bool, rect: ScreenRect) {
        let dot = rect.w < DOT_PX && rect.h < DOT_PX;
        let kind = if dot { 2 } else { usize::from(ignore) };
        let known = self.lines.get_mut(usize::from(slot.get())).and_then(|kinds| kinds.get_mut(kind));
        let Some(known) = known else { return };
        let place = *known.get_or_insert_with(|| {
            let style = if dot {
                Style { fill: 1.0, ..Style::line(Role::Label(slot), 0.0) }
            } else {
                review_style(slot, ignore, LINE_PX)
            };
            self.batches.push((style, Vec::new()));
            self.batches.len() - 1
        });
        if let Some((_, rects)) = self.batches.get_mut(place) {
            rects.push(rect);
        }
    }

    fn push(&mut self, style: Style, rect: ScreenRect) {
        match self.batches.iter_mut().find(|(other, _)| *other == style) {
            Some((_, rects)) => rects.push(rect),
            None => self.batches.push((style, vec![rect])),
        }
    }

    fn into_primitives(self) -> impl Iterator<Item = Primitive> {
        self.batches.into_iter().map(|(style, rects)| Primitive::Rects { style, rects })
    }
}

fn review_style(slot: Slot, ignore: bool, line_px: f64) -> Style {
    let dash = if ignore { Dash::Dotted } else { Dash::Solid };
    let fill = if ignore { 0.12 } else { 0.0 };
    Style { dash, fill, ..Style::line(Role::Label(slot), line_px) }
}

fn candidate_style(candidate: &Candidate) -> Style {
    match candidate.verdict {
        None => Style { dash: Dash::Dashed, ..Style::line(Role::Label(candidate.label.into()), 1.0) },
        Some(verdict) => {
            let fill = if candidate.taken { 0.15 } else { 0.0 };
            Style { fill, ..Style::line(Role::Verdict(verdict), LINE_PX) }
        }
    }
}

/// Calls `each` for the boxes on the canvas that are not selected.
fn each_resting<'a>(editor: &'a Editor, mut each: impl FnMut(&'a ReviewBox)) {
    editor.each_visible(|b| {
        if !editor.selection.contains(b.id) {
            each(b);
        }
    });
}

fn visible_candidates(editor: &Editor) -> Vec<Candidate> {
    let Some(region) = editor.viewport.visible() else { return Vec::new() };
    let mut candidates = editor.candidates();
    candidates.retain(|c| touches(&c.rect, &region));
    candidates
}

/// Boxes that are not selected, and candidates.
pub(super) fn resting(editor: &Editor) -> Vec<Primitive> {
    let viewport = &editor.viewport;
    let mut candidates = Batches::default();
    for c in visible_candidates(editor) {
        candidates.push(candidate_style(&c), viewport.rect_to_screen(&c.rect));
    }
    let mut boxes = Batches::default();
    each_resting(editor, |b| boxes.resting(b.label.into(), b.ignore, viewport.rect_to_screen(&b.rect)));
    candidates.into_primitives().chain(boxes.into_primitives()).collect()
}

/// The labels of resting boxes and candidates; none when there are too many.
pub(super) fn resting_tags(editor: &Editor) -> Vec<Primitive> {
    let mut tags = Vec::new();
    if !editor.show_labels {
        return tags;
    }
    let mut tagged: Vec<(LabelIndex, Option<Score>, Rect, Role)> = visible_candidates(editor)
        .iter()
        .map(|c| (c.label, Some(c.score), c.rect, candidate_style(c).role))
        .collect();
    let mut count = tagged.len();
    each_resting(editor, |b| {
        count += 1;
        if count <= MOST_TAGS {
            tagged.push((b.label, b.score, b.rect, Role::Label(b.label.into())));
        }
    });
    if count <= MOST_TAGS {
        let mut room = TagRoom::default();
        tags.extend(
            tagged
                .iter()
                .filter_map(|(label, score, rect, role)| tag(editor, &mut room, *label, *score, rect, *role)),
        );
    }
    tags
}

fn tag(
    editor: &Editor,
    room: &mut TagRoom,
    label: LabelIndex,
    score: Option<Score>,
    rect: &Rect,
    role: Role,
) -> Option<Primitive> {
    let shown = editor.viewport.rect_to_screen(rect);
    if shown.w < LEAST_TAGGED_PX {
        return None;
    }
    let name = editor.labels.text(label);
    let text = score.map_or_else(|| name.to_owned(), |score| format!("{name} {:.2}", score.get()));
    let (at, placement) = room.place(&shown, &text)?;
    Some(Primitive::Tag { at, placement, text, role })
}

/// Selected boxes as the gesture shows them, the box under the pointer, the
/// one being drawn.
pub(super) fn active(editor: &Editor) -> Vec<Primitive> {
    let viewport = &editor.viewport;
    let mut batches = Batches::default();
    let (mut tags, mut room) = (Vec::new(), TagRoom::default());
    let region = viewport.visible();
    for b in editor.selection.ids().iter().filter_map(|id| editor.document.get(*id)) {
        let rect = editor.shown_rect(b);
        if !region.is_some_and(|region| touches(&region, &rect)) {
            continue;
        }
        let slot = b.label.into();
        let style = review_style(slot, b.ignore, SELECTED_LINE_PX);
        batches.push(Style { fill: style.fill.max(0.08), ..style }, viewport.rect_to_screen(&rect));
        if editor.show_labels && tags.len() <= MOST_TAGS {
            tags.extend(tag(editor, &mut room, b.label, b.score, &rect, Role::Label(slot)));
        }
    }
    if tags.len() > MOST_TAGS {
        tags.clear();
    }
    if let Some((style, rect)) = hovered(editor) {
        batches.push(style, viewport.rect_to_screen(&rect));
    }
    if let Some(rect) = editor.sketch().new_box {
        let slot = editor.current_label.into();
        batches.push(
            Style { fill: 0.08, ..review_style(slot, false, SELECTED_LINE_PX) },
            viewport.rect_to_screen(&rect),
        );
    }
    batches.into_primitives().chain(tags).collect()
}

fn hovered(editor: &Editor) -> Option<(Style, Rect)> {
    match editor.hover? {
        Hit::Candidate(source) => {
            let candidate = editor.candidates().into_iter().find(|c| c.source == source)?;
            let style = candidate_style(&candidate);
            Some((Style { line_px: SELECTED_LINE_PX, fill: 0.12, ..style }, candidate.rect))
        }
        hit => {
            let b = editor.document.get(hit.id()?).filter(|b| editor.shows(b))?;
            let hovers = !editor.selection.contains(b.id);
            let style = review_style(b.label.into(), b.ignore, SELECTED_LINE_PX);
            hovers.then_some((Style { fill: 0.05, ..style }, b.rect))
        }
    }
}

/// The handles of the one selected box that can be resized.
pub(super) fn handles(editor: &Editor) -> Vec<Primitive> {
    let only = editor.selection.only().and_then(|id| editor.document.get(id));
    let Some(held) = only.filter(|b| !b.locked && editor.is_editable()) else { return Vec::new() };
    let rect = editor.shown_rect(held);
    let shown = editor.viewport.rect_to_screen(&rect);
    let place = |handle: Handle| editor.viewport.to_screen(handle.on(&rect));
    let rects = Handle::that_fit(shown.w, shown.h).map(|h| ScreenRect::around(place(h), HANDLE_PX)).collect();
    let style = Style { fill: 1.0, ..Style::line(Role::Handle(held.label.into()), LINE_PX) };
    vec![Primitive::Rects { style, rects }]
}
