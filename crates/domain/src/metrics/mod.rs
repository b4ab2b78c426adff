//! Figures about models. Each submodule names the source of its formulas.

pub mod coco;
pub mod disagreement;
pub mod sketch;
