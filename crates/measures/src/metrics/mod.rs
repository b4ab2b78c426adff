//! Figures about models. Each submodule names the source of its formulas.

pub mod best_threshold;
pub mod bootstrap;
pub mod coco;
pub mod confusion;
pub mod disagreement;
pub mod errors;
pub mod match_cache;
pub mod operating_point;
pub mod review_changes;
pub mod sketch;
