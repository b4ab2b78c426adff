//! The editor of the image under review, and what the page around it sees of
//! it. Knows no server and no canvas.

use super::easel;
use crate::dom;
use leptos::prelude::*;
use review::{BoxId, Command, Editor, Event, Glance, Notice, Source};

/// The model's box or the review's that the pointer is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pointed {
    /// A box of the review.
    pub own: Option<BoxId>,
    /// A box that a model offers.
    pub offered: Option<Source>,
}

/// Zoom, and the image pixel under the pointer.
pub type Readout = (f64, Option<(u32, u32)>);

/// A handle on the editor; every change goes through it.
#[derive(Clone, Copy)]
pub struct Desk {
    editor: StoredValue<Editor>,
    /// Counts the editors that lay here.
    image: RwSignal<u64>,
    glance: RwSignal<Glance>,
    pointed: RwSignal<Pointed>,
    readout: RwSignal<Readout>,
    told: RwSignal<String>,
    /// Only to be looked at: nothing but the view changes.
    locked: RwSignal<bool>,
}

impl Desk {
    /// With this editor on it.
    pub fn new(editor: Editor) -> Self {
        let glance = editor.glance();
        let readout = (editor.viewport().zoom(), None);
        Self {
            editor: StoredValue::new(editor),
            image: RwSignal::new(0),
            glance: RwSignal::new(glance),
            pointed: RwSignal::new(Pointed::default()),
            readout: RwSignal::new(readout),
            told: RwSignal::new(String::new()),
            locked: RwSignal::new(false),
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

    /// Changes when another image, its boxes, or what is shown of them does;
    /// follows that.
    pub fn boxes_key(self) -> (u64, u64, u64, review::View, bool) {
        let Glance { revision, filter, view, blind, .. } = self.glance.get();
        (self.image.get(), revision, filter, view, blind)
    }

    /// What the pointer is over; follows it.
    pub fn pointed(self) -> Pointed {
        self.pointed.get()
    }

    /// Zoom and pointer; follows them.
    pub fn readout(self) -> Readout {
        self.readout.get()
    }

    /// What happened last, in words; follows it.
    pub fn told(self) -> String {
        self.told.get()
    }

    /// Says something to the reviewer.
    pub fn tell(self, words: impl Into<String>) {
        self.told.set(words.into());
    }

    /// Whether it is only to be looked at; follows that.
    pub fn is_locked(self) -> bool {
        self.locked.get()
    }

    /// Takes an event of the canvas.
    pub fn event(self, event: Event) {
        let notice = self.editor.try_update_value(|editor| {
            editor.note_activity(dom::now());
            editor.handle(event)
        });
        self.after(notice.flatten());
    }

    /// Does what a key or a button asks.
    pub fn execute(self, command: Command) {
        let looks = command.only_looks() || matches!(command, Command::View(_) | Command::NextView);
        if self.locked.get_untracked() && !looks {
            self.tell("This is only to be looked at.");
            return;
        }
        let notice = self.editor.try_update_value(|editor| {
            editor.note_activity(dom::now());
            editor.execute(command)
        });
        self.after(notice);
    }

    /// Changes the editor in any other way.
    pub fn change(self, act: impl FnOnce(&mut Editor)) {
        self.editor.update_value(act);
        self.after(None);
    }

    /// Puts another image's editor here and gives the former one.
    pub fn replace(self, editor: Editor, locked: bool) -> Option<Editor> {
        let former = self.editor.try_update_value(|held| std::mem::replace(held, editor));
        self.image.update(|count| *count += 1);
        self.locked.set(locked);
        easel::fresh(self);
        self.after(None);
        former
    }

    fn after(self, notice: Option<Notice>) {
        let words = notice.map(|notice| notice.to_string()).unwrap_or_default();
        if !words.is_empty() {
            self.told.set(words);
        }
        let look = |editor: &Editor| {
            let hover = editor.hover();
            let offered = match hover {
                Some(review::Hit::Candidate(source)) => Some(source),
                _ => None,
            };
            let pointed = Pointed { own: hover.and_then(review::Hit::id), offered };
            (editor.glance(), pointed, (editor.viewport().zoom(), editor.pixel_under_pointer()))
        };
        let (glance, pointed, readout) = self.read(look);
        set_if_new(self.glance, glance);
        set_if_new(self.pointed, pointed);
        set_if_new(self.readout, readout);
        easel::ask(self);
    }
}

fn set_if_new<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|held| *held != value) {
        signal.set(value);
    }
}
