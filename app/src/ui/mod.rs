//! The parts that every feature is made of. They know the domain's words, and
//! no server function.

mod badge;
mod boxes;
mod chart_panel;
mod command;
mod icon;
mod moments;
mod page_head;
mod palette;
mod states;

pub use badge::{Tone, pill, status_badge, work_badge};
pub use boxes::boxes_overlay;
pub use chart_panel::{ChartPanel, Row};
pub use command::Command;
pub use icon::{Icon, icon};
pub use moments::{Ago, bytes, day_and_time, duration, time_of_day};
pub use page_head::PageHead;
pub use palette::Palette;
pub use states::{empty, loaded, skeleton_cards, skeleton_grid, skeleton_rows};
