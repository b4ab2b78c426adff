//! Boxes that lie on one another: which of them is meant. The smallest is hit
//! first; clicking again where it was hit, or a key, goes on to those below.

use crate::{
    boxes::BoxId,
    editor::Editor,
    hit::{Hit, HitContext, Reach},
    input::DRAG_PX,
    matching::SAME_OBJECT_IOU,
    notice::Notice,
    space::{ImagePoint, ScreenPoint},
};

/// The place at which a box was chosen among others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ChosenAt {
    place: ImagePoint,
    id: BoxId,
    /// Whether it lies below one that would be hit there.
    below: bool,
}

impl Editor {
    /// Selects the box that a click means: the one that was hit, or, clicked
    /// again at the same place, the next one that covers nearly the same.
    pub(crate) fn click_box(&mut self, at: ScreenPoint, reach: Reach, hit: Hit) {
        let Some(id) = hit.id() else { return };
        let next = self.chosen_near(at).and_then(|held| {
            let alike = |other: &BoxId| *other == held || self.nearly_coincide(*other, held);
            let stack: Vec<BoxId> = HitContext::of(self).all(at, reach).into_iter().filter(alike).collect();
            after(&stack, held)
        });
        self.choose(next.unwrap_or(id), self.viewport.to_image(at), next.is_some());
    }

    /// Selects the next box below the selected one, under the pointer if that
    /// is over it, else at its middle; after the lowest, the uppermost.
    pub(crate) fn select_below(&mut self) -> Notice {
        let Some((place, stack)) = self.stack_here() else { return Notice::NothingSelected };
        let held = self.selection.only();
        let index = held.and_then(|held| stack.iter().position(|id| *id == held));
        let next = index.map_or(0, |index| (index + 1) % stack.len());
        match stack.get(next) {
            Some(id) if Some(*id) != held => {
                self.choose(*id, place, next > 0);
                Notice::SelectedBelow { index: next + 1, count: stack.len() }
            }
            _ => Notice::NothingBelow,
        }
    }

    /// The box that was chosen below others, if the pointer is where that
    /// counts: at the place of choosing, or where the one that covers it
    /// covers nearly the same.
    pub(crate) fn chosen_below(&self, at: ScreenPoint, uppermost: BoxId) -> Option<BoxId> {
        let chosen = self.chosen.filter(|chosen| chosen.below && self.selection.only() == Some(chosen.id))?;
        let here = self.viewport.to_screen(chosen.place).distance(at) <= DRAG_PX;
        (here || self.nearly_coincide(uppermost, chosen.id)).then_some(chosen.id)
    }

    fn choose(&mut self, id: BoxId, place: ImagePoint, below: bool) {
        self.selection.set([id]);
        self.chosen = Some(ChosenAt { place, id, below });
    }

    /// The selected box, if it was chosen right here.
    fn chosen_near(&self, at: ScreenPoint) -> Option<BoxId> {
        let chosen = self.chosen.filter(|chosen| self.selection.only() == Some(chosen.id))?;
        (self.viewport.to_screen(chosen.place).distance(at) <= DRAG_PX).then_some(chosen.id)
    }

    /// The boxes at the place that a key means, the uppermost first.
    fn stack_here(&self) -> Option<(ImagePoint, Vec<BoxId>)> {
        let all = |place: ImagePoint| {
            (place, HitContext::of(self).all(self.viewport.to_screen(place), Reach::Fine))
        };
        let held = self.selection.only();
        let pointed = self
            .pointer_in_image()
            .map(all)
            .filter(|(_, stack)| held.map_or(!stack.is_empty(), |held| stack.contains(&held)));
        if pointed.is_some() {
            return pointed;
        }
        let held = self.document.get(held?)?;
        let former = self.chosen.filter(|chosen| chosen.id == held.id).map(|chosen| chosen.place);
        let centre =
            ImagePoint::new(held.rect.x() + held.rect.w() / 2.0, held.rect.y() + held.rect.h() / 2.0);
        let former = former.map(all).filter(|(_, stack)| stack.contains(&held.id));
        Some(former.unwrap_or_else(|| all(centre)))
    }

    fn nearly_coincide(&self, one: BoxId, other: BoxId) -> bool {
        let rect = |id| self.document.get(id).map(|b| b.rect);
        rect(one).zip(rect(other)).is_some_and(|(one, other)| one.iou(&other) >= SAME_OBJECT_IOU)
    }
}

/// What comes after `held`, round and round; `None` where it is alone.
fn after(stack: &[BoxId], held: BoxId) -> Option<BoxId> {
    let index = stack.iter().position(|id| *id == held)?;
    stack.get((index + 1) % stack.len()).copied().filter(|next| *next != held)
}
