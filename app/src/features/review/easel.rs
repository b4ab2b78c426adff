//! The canvases under the desk: painted once a frame at most, and only what
//! changed. In the browser only; on the server there is no easel.

use super::desk::Desk;
use crate::dom::{self, Board, Picture};
use review::{CanvasSize, Editor, Event, LayerSet, MinimapPlace, SceneCache, ScreenPoint};
use std::{any::Any, cell::RefCell};

struct Easel {
    board: Board,
    cache: SceneCache,
    picture: Option<(String, Picture)>,
    /// A frame is asked for already.
    asked: bool,
    /// Everything is to be painted, changed or not.
    whole: bool,
    canvas: CanvasSize,
    _ends: [Box<dyn Any>; 4],
}

thread_local! {
    static EASEL: RefCell<Option<Easel>> = const { RefCell::new(None) };
}

/// Sets it up; pointer events on its canvases go to the desk until
/// [`put_away`]. `watch` tells [`resize`] of the canvases' size, and ends with it.
pub fn set_up(desk: Desk, board: Board, watch: impl Any) {
    let pointer = board.watch_pointer(move |event| desk.event(event));
    let minimap = board.watch_minimap(move |at| look_at(desk, at));
    let colours = dom::on_colours(move || {
        EASEL.with_borrow_mut(|easel| easel.iter_mut().for_each(|easel| easel.board.read_ink()));
        repaint(desk);
    });
    EASEL.set(Some(Easel {
        board,
        cache: SceneCache::default(),
        picture: None,
        asked: false,
        whole: true,
        canvas: CanvasSize::new(1.0, 1.0),
        _ends: [Box::new(watch), Box::new(pointer), Box::new(minimap), Box::new(colours)],
    }));
}

/// Ends it.
pub fn put_away() {
    EASEL.with_borrow_mut(Option::take);
}

/// The size of the canvas, for a new editor.
pub fn canvas() -> CanvasSize {
    EASEL.with_borrow(|easel| easel.as_ref().map_or(CanvasSize::new(1000.0, 700.0), |easel| easel.canvas))
}

/// The picture that is shown.
pub fn picture() -> Option<Picture> {
    EASEL.with_borrow(|easel| easel.as_ref()?.picture.as_ref().map(|(_, picture)| picture.clone()))
}

/// Shows a picture, or none; `name` is told in the document once it is seen.
pub fn show(desk: Desk, picture: Option<(String, Picture)>) {
    EASEL.with_borrow_mut(|easel| easel.iter_mut().for_each(|easel| easel.picture.clone_from(&picture)));
    repaint(desk);
}

/// Another editor lies on the desk.
pub fn fresh(desk: Desk) {
    EASEL.with_borrow_mut(|easel| {
        if let Some(easel) = easel {
            easel.cache = SceneCache::default();
            desk.read(|editor| easel.fit(editor));
        }
    });
    repaint(desk);
}

/// Asks for a frame.
pub fn ask(desk: Desk) {
    let wanted = EASEL.with_borrow_mut(|easel| match easel {
        Some(easel) => !std::mem::replace(&mut easel.asked, true),
        None => false,
    });
    if wanted {
        dom::next_frame(move || paint(desk));
    }
}

fn repaint(desk: Desk) {
    EASEL.with_borrow_mut(|easel| easel.iter_mut().for_each(|easel| easel.whole = true));
    ask(desk);
}

/// The canvases have a new size.
pub fn resize(desk: Desk, canvas: CanvasSize) {
    EASEL.with_borrow_mut(|easel| {
        if let Some(easel) = easel {
            easel.canvas = canvas;
            desk.read(|editor| easel.fit(editor));
            easel.whole = true;
        }
    });
    desk.event(Event::Resize(canvas));
}

fn look_at(desk: Desk, at: ScreenPoint) {
    desk.change(|editor| {
        let place = MinimapPlace::new(editor.size()).to_image(at);
        editor.viewport_mut().look_at(place);
    });
}

fn paint(desk: Desk) {
    EASEL.with_borrow_mut(|easel| {
        if let Some(easel) = easel {
            easel.asked = false;
            desk.read(|editor| easel.paint(editor));
        }
    });
}

impl Easel {
    fn fit(&mut self, editor: &Editor) {
        self.board.resize(self.canvas, MinimapPlace::new(editor.size()));
    }

    fn paint(&mut self, editor: &Editor) {
        let changed = self.cache.update(editor);
        let whole = std::mem::take(&mut self.whole);
        let changed = if whole { LayerSet::ALL } else { changed };
        let picture = self.picture.as_ref();
        self.board.paint(self.cache.scene(), changed, picture.map(|(_, picture)| picture));
        self.board.set_cursor(editor.cursor().css());
        if whole {
            self.board.mark(picture.map_or("", |(name, _)| name));
        }
    }
}
