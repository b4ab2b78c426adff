//! The review editor: what a person does to the boxes of one image.
//!
//! Pure: no browser, no server, no clock. It takes events and commands, keeps
//! the state, and gives back a display list, a draft, and the outcome to be
//! saved. The same code is tested here by gestures and runs in the browser.
//!
//! ```
//! use domain::geometry::{Score, Size};
//! use domain::name::Label;
//! use review::{CanvasSize, Command, Editor, Event, Opening, Pointer, ScreenPoint, Start, StartedFrom, Tool};
//!
//! let opening = Opening {
//!     size: Size::new(640, 480).ok_or("no size")?,
//!     labels: vec![Label::new("cell")?],
//!     threshold: Score::new(0.25).ok_or("no score")?,
//!     champion: vec![],
//!     shadow: None,
//!     start: Start::Fresh(StartedFrom::Champion),
//!     blind: false,
//! };
//! let mut editor = Editor::open(opening, CanvasSize::new(1280.0, 800.0));
//! editor.execute(Command::Tool(Tool::Draw));
//! let at = |x, y| Pointer { at: ScreenPoint::new(x, y), ..Pointer::default() };
//! editor.handle(Event::Down(at(300.0, 300.0)));
//! editor.handle(Event::Move(at(400.0, 380.0)));
//! editor.handle(Event::Up(at(400.0, 380.0)));
//! assert_eq!(editor.outcome().statistics.added, 1);
//! editor.execute(Command::Undo);
//! assert!(editor.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! How the parts hang together: `pointer` hands events to the tool at work
//! (`tools`), which computes a preview with `bounds`; releasing commits a
//! transaction of `document` changes to `history`, as every `edit` does.
//! `hit` and `scene` only read.

mod activity;
mod bounds;
mod boxes;
mod clipboard;
mod command;
mod compare;
mod document;
mod draft;
mod edit;
mod editor;
mod event;
mod filter;
mod glance;
mod handle;
mod history;
mod hit;
mod index;
mod input;
mod keys;
mod labels;
mod list;
mod matching;
mod merge;
mod models;
mod notice;
mod opening;
mod order;
mod outcome;
mod pointer;
mod pressed_key;
mod raster;
mod replacement;
mod scene;
mod selection;
mod sheet;
mod showing;
mod space;
mod stack;
mod tools;
mod viewport;
mod wheel;

pub use activity::{Activity, PAUSE_MS};
pub use bounds::MIN_SIDE;
pub use boxes::{BoxId, LabelIndex, ReviewBox, SavedBox, SavedReview, Side, Source, StartedFrom};
pub use clipboard::{Clipboard, CopiedBox};
pub use command::Command;
pub use compare::{Compared, Tally, Verdict, compare, tally};
pub use draft::{DRAFT_FORMAT, Draft, DraftBox, DraftError};
pub use editor::Editor;
pub use event::Event;
pub use filter::{Filter, ScoreRange};
pub use glance::Glance;
pub use handle::Handle;
pub use history::Act;
pub use hit::{Hit, Reach};
pub use index::BoxIndex;
pub use input::{Button, DRAG_PX, Modifiers, Pointer, PointerKind};
pub use keys::{Action, Binding, Chord, InvalidChord, KeyConflict, Keymap, PageAction};
pub use labels::{LabelSet, PALETTE_SLOTS, Slot};
pub use list::{BoxRow, Group};
pub use matching::{Match, SAME_OBJECT_IOU, match_by_iou};
pub use merge::{Choice, MergeResult, Merged, MergedBox, merge};
pub use models::{Candidate, View};
pub use notice::Notice;
pub use opening::{Opening, Start};
pub use outcome::{Outcome, Statistics};
pub use pointer::ZOOM_STEP;
pub use pressed_key::PressedKey;
pub use raster::{Raster, Rgb, dash_device_px, line_device_px};
pub use scene::{
    Cursor, Dash, Layer, LayerSet, MINIMAP_PX, MinimapPlace, Placement, Primitive, Role, Scene, SceneCache,
    Style, Surface,
};
pub use sheet::{SheetRow, SheetSection};
pub use space::{CanvasSize, ImagePoint, ScreenPoint, ScreenRect};
pub use tools::{Tool, ToolSpec};
pub use viewport::{MAX_ZOOM, MIN_ZOOM, Viewport};
pub use wheel::{WheelTurn, WheelUnit};
