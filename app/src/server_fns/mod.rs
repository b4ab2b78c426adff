//! What the browser asks of the server: each function gets the use cases,
//! makes one call, and maps the error. No logic lives here.

pub mod account_acts;
pub mod alert_acts;
pub mod audit;
pub mod compared_experiments;
pub mod comparisons;
pub mod datasets;
pub mod deploying;
pub mod deployment_acts;
pub mod deployments;
pub mod experiments;
pub mod feedback;
pub mod feedback_acts;
pub mod launches;
pub mod learning;
pub mod learning_acts;
pub mod learning_roles;
pub mod leases;
pub mod models;
pub mod monitoring;
pub mod monitoring_acts;
pub mod people;
pub mod people_acts;
pub mod prediction_acts;
pub mod prediction_counts;
pub mod prediction_views;
pub mod predictions;
pub mod query_words;
pub mod review_acts;
pub mod reviews;
pub mod revisions;
pub mod session;
pub mod settings;
pub mod token_acts;
