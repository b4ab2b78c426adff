//! The parts that every feature is made of. They know the domain's words, and
//! no server function.

mod action_form;
mod any;
mod badge;
mod boxes;
mod chart_panel;
mod command;
mod drawing;
mod drop_place;
mod dynamic;
mod evaluation_table;
mod fetched;
mod form;
mod icon;
mod list;
mod middle_cut;
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

pub use action_form::{ActionForm, FormAction};
pub use any::{Content, IntoAny};
pub use badge::{Tone, pill, status_badge, verdict_pill, work_badge};
pub use boxes::boxes_overlay;
pub use chart_panel::{Brush, ChartPanel, Plot, Row};
pub use command::{Command, IMPORT_DATASET, IMPORT_MODEL, fovea_command};
pub use drawing::{Drawing, USUAL_WIDTH_PX};
pub use drop_place::{Accepted, drop_place, file_drop_place};
pub use dynamic::{Show, dynamic, follow, handler};
pub use evaluation_table::{best_words, evaluation_table, share};
pub use fetched::{
    Fetched, fetched, loaded, loaded_head, loaded_packed, loaded_page, loaded_part_quietly, loaded_quietly,
};
pub use form::{form_error, form_outcome};
pub use icon::{Icon, icon, outline_icon};
pub use list::For;
pub use middle_cut::middle_cut;
pub use moments::{Ago, bucket_name, bytes, day_and_time, duration, time_of_day};
pub use page_head::{PageHead, outliving};
pub use palette::Palette;
pub use param_fields::{TrainerFields, trainer_fields};
pub use save_menu::save_menu;
pub use settings_form::{settings_facts, settings_fields, settings_form};
pub use states::{admins_only, empty, skeleton_cards, skeleton_grid, skeleton_rows};
#[cfg(feature = "hydrate")]
pub use states::{asleep, code_missing};
pub use table::{aside, fact, figure, hash, link, parted, row, sentence, sub_row, table, words};
pub use theme_button::ThemeButton;
pub use tile::{prediction_tile, tile_foot, tile_name, tile_picture};
