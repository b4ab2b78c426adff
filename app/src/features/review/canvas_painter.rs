//! Paints the editor on its canvases: once a frame at most, and only what
//! changed. In the browser only; on the server nothing is ever mounted.

use super::editor_handle::EditorHandle;
use crate::dom::{self, BrowserValue, CanvasStack, Picture};
use review::{CanvasSize, Editor, Event, LayerSet, MinimapPlace, SceneCache, ScreenPoint};
use std::any::Any;

struct Canvases {
    stack: CanvasStack,
    cache: SceneCache,
    /// The picture and what the document calls it.
    picture: Option<(String, Picture)>,
    /// A frame is asked for already.
    frame_requested: bool,
    /// Everything is to be painted, changed or not.
    repaint_all: bool,
    size: CanvasSize,
    _listeners: [Box<dyn Any>; 4],
}

/// A handle on the canvases of the page.
#[derive(Clone, Copy)]
pub struct CanvasPainter {
    canvases: BrowserValue<Canvases>,
    editor: EditorHandle,
}

impl CanvasPainter {
    /// Without canvases yet.
    pub fn new(editor: EditorHandle) -> Self {
        Self { canvases: BrowserValue::empty(), editor }
    }

    /// Takes the canvases of the page: their pointer events go to the editor
    /// from now on. `watch` tells [`Self::resize`] of their size, and ends
    /// with them.
    pub fn mount(self, stack: CanvasStack, watch: impl Any) {
        let editor = self.editor;
        let pointer = stack.watch_pointer(move |event| editor.event(event));
        let minimap = stack.watch_minimap(move |at| look_at(editor, at));
        let colours = dom::on_colours(move || {
            self.canvases.with(|canvases| canvases.stack.read_colours());
            self.repaint_all();
        });
        self.canvases.set(Canvases {
            stack,
            cache: SceneCache::default(),
            picture: None,
            frame_requested: false,
            repaint_all: true,
            size: CanvasSize::new(1.0, 1.0),
            _listeners: [Box::new(watch), Box::new(pointer), Box::new(minimap), Box::new(colours)],
        });
    }

    /// The picture that is shown.
    pub fn picture(self) -> Option<Picture> {
        self.canvases.with(|canvases| canvases.picture.as_ref().map(|(_, picture)| picture.clone())).flatten()
    }

    /// Shows a picture, or none; `name` is told in the document once it is
    /// painted.
    pub fn show(self, picture: Option<(String, Picture)>) {
        self.canvases.with(|canvases| canvases.picture = picture);
        self.repaint_all();
    }

    /// Another editor is to be painted: nothing of the former one stays.
    pub fn start_over(self) {
        self.canvases.with(|canvases| {
            canvases.cache = SceneCache::default();
            self.editor.read(|editor| canvases.fit(editor));
        });
        self.repaint_all();
    }

    /// The canvases have a new size.
    pub fn resize(self, size: CanvasSize) {
        self.canvases.with(|canvases| {
            canvases.size = size;
            canvases.repaint_all = true;
            self.editor.read(|editor| canvases.fit(editor));
        });
        self.editor.event(Event::Resize(size));
    }

    /// Paints with the next frame.
    pub fn request_frame(self) {
        let request = self.canvases.with(|canvases| !std::mem::replace(&mut canvases.frame_requested, true));
        if request == Some(true) {
            dom::next_frame(move || self.paint());
        }
    }

    fn repaint_all(self) {
        self.canvases.with(|canvases| canvases.repaint_all = true);
        self.request_frame();
    }

    fn paint(self) {
        self.canvases.with(|canvases| {
            canvases.frame_requested = false;
            self.editor.read(|editor| canvases.paint(editor));
        });
    }
}

fn look_at(editor: EditorHandle, at: ScreenPoint) {
    editor.change(|editor| {
        let point = MinimapPlace::new(editor.size()).to_image(at);
        editor.viewport_mut().look_at(point);
    });
}

impl Canvases {
    fn fit(&mut self, editor: &Editor) {
        self.stack.resize(self.size, MinimapPlace::new(editor.size()));
    }

    fn paint(&mut self, editor: &Editor) {
        let changed = self.cache.update(editor);
        let all = std::mem::take(&mut self.repaint_all);
        let picture = self.picture.as_ref();
        self.stack.paint(
            self.cache.scene(),
            if all { LayerSet::ALL } else { changed },
            picture.map(|(_, picture)| picture),
        );
        self.stack.set_cursor(editor.cursor().css());
        if all {
            self.stack.mark(picture.map_or("", |(name, _)| name));
        }
    }
}
