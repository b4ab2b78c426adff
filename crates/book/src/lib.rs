//! The documentation as a small book: the files of `docs` in an order, their
//! text as HTML, and where a word stands in them. Knows no server.

mod chapters;
mod links;
mod render;
mod search;

pub use chapters::{CHAPTERS, Chapter, FIRST, chapter, picture};
pub use render::{Heading, Page, render};
pub use search::{SearchHit, search};
