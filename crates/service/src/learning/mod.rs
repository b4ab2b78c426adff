//! From data to the next champion: experiments, evaluations, continuous
//! training and deployment.

mod automation;
mod compare_now;
mod comparison_report;
mod comparisons;
mod continuous_deployment;
mod continuous_training;
mod evaluation;
pub(crate) mod experiments;
mod recomputing;
pub(crate) mod settings;
mod shadows;
mod trainers;

pub use comparison_report::comparison_markdown;
pub use continuous_deployment::Promotion;
pub use evaluation::EvaluateRequest;
pub(crate) use evaluation::{categories, detected, truths};
pub use experiments::{ExperimentDetail, LaunchRequest};
pub(crate) use recomputing::compared;
pub use settings::DeploymentSettings;

use crate::{
    base::Base, base::images::Images, base::loaded_models::Predictors, base::serving::ServedDeployments,
    base::shadow_queue::ShadowRunner,
};
use std::sync::Arc;

/// The use cases by which models learn. Cheap to clone.
#[derive(Clone)]
pub struct Learning {
    base: Base,
    images: Images,
    predictors: Predictors,
    serving: ServedDeployments,
    shadows: ShadowRunner,
    recomputed: Arc<recomputing::Recomputed>,
}

impl Learning {
    pub(crate) fn new(
        base: Base,
        images: Images,
        predictors: Predictors,
        serving: ServedDeployments,
        shadows: ShadowRunner,
    ) -> Self {
        Self { base, images, predictors, serving, shadows, recomputed: Arc::default() }
    }
}
