//! Kinds of the records that these routes keep beside what Fovea has, all in one
//! list, since no two may share a word. The words are stored: none ever changes.
//! Models and datasets without a version are records of their own kinds
//! ([`super::versioned`]).

/// A training that is tracked.
pub(super) const EXPERIMENT: &str = "experiment";
/// A dataset version that is attached to a tracked experiment.
pub(super) const EXPERIMENT_DATASET: &str = "experiment_dataset";
/// A dataset version that is attached to the project.
pub(super) const PROJECT_DATASET: &str = "project_dataset";
/// A log of a tracked experiment.
pub(super) const LOG: &str = "log";
/// The file of a training's output.
pub(super) const LOGGING: &str = "logging_file";
/// A file beside an experiment.
pub(super) const ARTIFACT: &str = "artifact";
/// A file beside a model version.
pub(super) const MODEL_FILE: &str = "model_file";
/// What a tracked experiment's model saw on an image.
pub(super) const EVALUATION: &str = "evaluation";
/// Which box a changed one became.
pub(super) const RECTANGLE: &str = "rectangle";
/// A file that was sent and belongs to nothing yet.
pub(super) const UPLOAD: &str = "upload";
