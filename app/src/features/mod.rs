//! What a person does on the pages. Features use [`ui`](crate::ui) and server
//! functions, and never each other.

pub mod asset_grid;
pub mod comparison;
pub mod dashboard;
pub mod dataset_drop;
pub mod dataset_import;
pub mod deploy_form;
pub mod deployment_cards;
pub mod deployment_removal;
pub mod deployment_settings;
pub mod drop_zone;
pub mod experiment_comparison;
pub mod feedback;
pub mod first_steps;
pub mod frame;
pub mod label_studio;
pub mod launch_form;
pub mod learning;
pub mod lineage;
pub mod model_import;
pub mod monitoring_settings;
pub mod people;
pub mod prediction_details;
pub mod predictions;
pub mod query_bar;
pub mod review;
pub mod saved_views;
pub mod training;
