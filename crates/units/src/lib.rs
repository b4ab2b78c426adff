//! Values with their unit in the type: moments, sizes, boxes, scores. What
//! queries and measures are made of; nothing here knows Fovea.

pub mod geometry;
pub mod text;
pub mod time;
pub mod words;
