//! What tests of several crates share: a service on a folder of its own, the
//! world around it, actors of every role, and sound reports. Only ever a
//! development dependency; knows no page and no HTTP.

mod actors;
mod bed;
mod interruption;
mod onnx;
mod queue_check;
mod reports;
mod skilled;
mod world;

pub use actors::{act, actor, admin, reviewer, viewer};
pub use bed::TestService;
pub use interruption::ended_after;
pub use onnx::{TINY_SIDE, tiny_onnx, unnamed_onnx};
pub use queue_check::{QueueCheck, run_background_task};
pub use reports::{label, named, predicted, report};
pub use skilled::{Skill, SkilledModels, SkilledTrainer, blind_review, picture, review_blind, truth};
pub use world::{ColourModels, FreshIds, NOON, NoModels, ScriptedTrainer, SystemClock, TestClock};
