//! The editor of the image under review, and the signals that the page around
//! it depends on. Knows no server and no canvas.

use crate::dom;
use leptos::prelude::*;
use review::{BoxId, CanvasSize, Command, Editor, Event, Glance, Hit, Notice, Source, View};

/// The model's box or the review's that the pointer is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HoveredBox {
    /// A box of the review.
    pub own: Option<BoxId>,
    /// A model's box that is not in the review.
    pub candidate: Option<Source>,
}

/// The zoom, and the image pixel under the pointer.
pub type Readout = (f64, Option<(u32, u32)>);

/// Changes when another image, its boxes, or what is shown of them does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoxesVersion {
    /// Counts the editors that were shown.
    pub image: u64,
    /// Rises with every change of the boxes.
    pub revision: u64,
    /// Whose boxes lie beside the review's.
    pub view: View,
    filter: u64,
    blind: bool,
}

/// A handle on the editor; every change goes through it.
#[derive(Clone, Copy)]
pub struct EditorHandle {
    editor: StoredValue<Editor>,
    image: RwSignal<u64>,
    glance: RwSignal<Glance>,
    hovered: RwSignal<HoveredBox>,
    readout: RwSignal<Readout>,
    announcement: RwSignal<String>,
    /// Why what was asked for last was not done.
    refusal: RwSignal<String>,
    /// Only the view may change.
    read_only: RwSignal<bool>,
    /// Notified by every event: something may have to be painted.
    changes: RwSignal<()>,
}

impl EditorHandle {
    /// A handle on this editor.
    pub fn new(editor: Editor) -> Self {
        let glance = editor.glance();
        let readout = (editor.viewport().zoom(), None);
        Self {
            editor: StoredValue::new(editor),
            image: RwSignal::new(0),
            glance: RwSignal::new(glance),
            hovered: RwSignal::new(HoveredBox::default()),
            readout: RwSignal::new(readout),
            announcement: RwSignal::new(String::new()),
            refusal: RwSignal::new(String::new()),
            read_only: RwSignal::new(false),
            changes: RwSignal::new(()),
        }
    }

    /// Looks at the editor; does not follow it.
    pub fn read<T>(self, look: impl FnOnce(&Editor) -> T) -> T {
        self.editor.with_value(look)
    }

    /// What buttons and lists depend on; follows it.
    pub fn glance(self) -> Glance {
        self.glance.get()
    }

    /// What lists of boxes depend on; follows it.
    pub fn boxes_version(self) -> BoxesVersion {
        let Glance { revision, filter, view, blind, .. } = self.glance.get();
        BoxesVersion { image: self.image.get(), revision, view, filter, blind }
    }

    /// What the pointer is over; follows it.
    pub fn hovered(self) -> HoveredBox {
        self.hovered.get()
    }

    /// Zoom and pointer; follows them.
    pub fn readout(self) -> Readout {
        self.readout.get()
    }

    /// What happened last, in words for a screen reader; follows it.
    pub fn announcement(self) -> String {
        self.announcement.get()
    }

    /// Why what was asked for last was not done, in words; empty if it was.
    /// Follows it.
    pub fn refusal(self) -> String {
        self.refusal.get()
    }

    /// Says something to the reviewer.
    pub fn announce(self, words: impl Into<String>) {
        self.announcement.set(words.into());
    }

    /// Whether only the view may change; follows that.
    pub fn is_read_only(self) -> bool {
        self.read_only.get()
    }

    /// Follows everything that may have to be painted; gives the number of
    /// the editor that is shown.
    pub fn painted_image(self) -> u64 {
        self.changes.track();
        self.image.get()
    }

    /// The size of the canvas, for another editor.
    pub fn canvas_size(self) -> CanvasSize {
        self.read(|editor| editor.viewport().canvas())
    }

    /// Takes an event of the canvas.
    pub fn event(self, event: Event) {
        if matches!(event, Event::Down(_)) {
            set_if_new(self.refusal, String::new());
        }
        let notice = self.editor.try_update_value(|editor| {
            editor.note_activity(dom::now());
            editor.handle(event)
        });
        self.publish(notice.flatten());
    }

    /// Does what a key or a button asks.
    pub fn execute(self, command: Command) {
        let looks = command.only_looks() || matches!(command, Command::View(_) | Command::NextView);
        if self.read_only.get_untracked() && !looks {
            self.announce("This is only to be looked at.");
            return;
        }
        let notice = self.editor.try_update_value(|editor| {
            editor.note_activity(dom::now());
            editor.execute(command)
        });
        self.publish(notice);
    }

    /// Changes the editor in any other way.
    pub fn change(self, act: impl FnOnce(&mut Editor)) {
        self.editor.update_value(act);
        self.publish(None);
    }

    /// Shows another editor and gives the former one.
    pub fn replace(self, editor: Editor, read_only: bool) -> Option<Editor> {
        let former = self.editor.try_update_value(|held| std::mem::replace(held, editor));
        self.image.update(|count| *count += 1);
        self.read_only.set(read_only);
        self.publish(None);
        former
    }

    /// Brings the signals up to date; those whose value is the same stay quiet.
    fn publish(self, notice: Option<Notice>) {
        let words = notice.map(|notice| notice.to_string()).unwrap_or_default();
        if let Some(notice) = notice {
            set_if_new(self.refusal, if notice.refuses() { words.clone() } else { String::new() });
        }
        if !words.is_empty() {
            self.announcement.set(words);
        }
        let look = |editor: &Editor| {
            let hover = editor.hover();
            let candidate = match hover {
                Some(Hit::Candidate(source)) => Some(source),
                _ => None,
            };
            let hovered = HoveredBox { own: hover.and_then(Hit::id), candidate };
            (editor.glance(), hovered, (editor.viewport().zoom(), editor.pixel_under_pointer()))
        };
        let (glance, hovered, readout) = self.read(look);
        set_if_new(self.glance, glance);
        set_if_new(self.hovered, hovered);
        set_if_new(self.readout, readout);
        self.changes.notify();
    }
}

fn set_if_new<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|held| *held != value) {
        signal.set(value);
    }
}
