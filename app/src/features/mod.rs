//! What a person does on the pages. Features use [`ui`](crate::ui) and server
//! functions, and never each other.

pub mod asset_grid;
pub mod dashboard;
pub mod deployment_cards;
pub mod deployment_settings;
pub mod drop_zone;
pub mod evaluation_table;
pub mod frame;
pub mod people;
pub mod prediction_details;
pub mod prediction_grid;
pub mod training;
