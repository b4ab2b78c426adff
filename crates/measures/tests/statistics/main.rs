//! Figures against other programs' and against plain definitions.

mod coco_weights;
mod detection_errors;
mod pairs;
mod sample;
