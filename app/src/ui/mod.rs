//! The parts that every feature is made of. They know the domain's words, and
//! no server function.

mod action_form;
mod any;
mod badge;
mod boxes;
mod chart_panel;
mod command;
mod drawing;
mod evaluation_table;
mod fetched;
mod form;
mod how_to_send;
mod icon;
mod moments;
mod page_head;
mod palette;
mod param_fields;
mod save_menu;
mod settings_form;
mod states;
mod table;
mod theme_button;
mod tile;

pub use action_form::ActionForm;
pub use any::IntoAny;
pub use badge::{Tone, pill, status_badge, verdict_pill, work_badge};
pub use boxes::boxes_overlay;
pub use chart_panel::{Brush, ChartPanel, Plot, Row};
pub use command::Command;
pub use drawing::{Drawing, USUAL_WIDTH_PX};
pub use evaluation_table::{evaluation_table, share};
pub use fetched::{Fetched, fetched, loaded, loaded_head, loaded_page, loaded_quietly};
pub use form::{form_error, form_outcome};
pub use how_to_send::how_to_send;
pub use icon::{Icon, icon, outline_icon};
pub use moments::{Ago, bucket_name, bytes, day_and_time, duration, time_of_day};
pub use page_head::PageHead;
pub use palette::Palette;
pub use param_fields::param_fields;
pub use save_menu::save_menu;
pub use settings_form::{settings_facts, settings_fields, settings_form};
pub use states::{admins_only, empty, skeleton_cards, skeleton_grid, skeleton_rows};
pub use table::{aside, fact, figure, hash, link, row, sentence, sub_row, table, words};
pub use theme_button::ThemeButton;
pub use tile::{prediction_tile, tile_foot, tile_name, tile_picture};
