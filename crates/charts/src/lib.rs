//! Charts as SVG text, drawn by plotters.
//!
//! Pure: figures in, text out. The same figures give the same bytes natively
//! and in WASM, since text is measured by one table of character widths and
//! never by a font. Colours are names of the style sheet's variables, so one
//! chart serves light and dark. Knows nothing of the DOM: [`Frame`] tells a
//! page where a value lies and which point is under the pointer.

mod bars;
mod figures;
mod frame;
mod heat;
mod ink;
mod lines;
mod sheet;
mod sparkline;
mod standalone;
mod text;
mod ticks;

pub use bars::{Bar, BarChart};
pub use figures::{about, compact, decimal, grouped};
pub use frame::{Canvas, Frame};
pub use heat::HeatMap;
pub use ink::Ink;
pub use lines::{Line, LineChart, XAxis};
pub use sparkline::sparkline;
pub use standalone::standalone;
pub use text::{shorten, text_width};
pub use ticks::{nice_max, time_ticks};
