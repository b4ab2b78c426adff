//! Who can train, and with which parameters. Which trainers there are is the
//! operator's decision: nothing here changes it.

use crate::http::{AppState, auth::SignedIn, problem::Problem};
use axum::{Json, extract::State};
use domain::training::{BUILT_IN, ParamKind, ParamSpec, ParamValue, TrainerInfo};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// A trainer.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct TrainerBody {
    /// What experiments and settings call it.
    #[schema(example = "yolo")]
    pub name: String,
    /// Whether it is the one of this program.
    pub built_in: bool,
    /// What it says of itself; empty when it says nothing.
    pub about: String,
    /// Its parameters, in the order in which forms show them.
    pub parameters: Vec<ParameterBody>,
    /// Why it cannot be used now.
    pub problem: Option<String>,
}

/// The trainers.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct TrainerList {
    /// All of them, the built-in one first.
    pub items: Vec<TrainerBody>,
}

/// A parameter of a trainer.
#[derive(Serialize, Deserialize, ToSchema)]
pub(crate) struct ParameterBody {
    /// Its key among `params`.
    pub name: String,
    /// `whole`, `number`, `flag`, `choice` or `text`.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    pub kind: ParamKind,
    /// What holds where nothing is said: a number, true or false, or a text.
    pub default: Value,
    /// The least that is allowed.
    pub least: Option<f64>,
    /// The most that is allowed.
    pub most: Option<f64>,
    /// What it is a multiple of.
    pub multiple_of: Option<u32>,
    /// What may be chosen from.
    pub choices: Vec<String>,
    /// What is allowed, in words.
    pub allowed: String,
    /// What it does, with its unit.
    pub help: String,
}

impl From<ParamSpec> for ParameterBody {
    fn from(spec: ParamSpec) -> Self {
        let default = match &spec.default {
            ParamValue::Flag(value) => json!(value),
            ParamValue::Whole(value) => json!(value),
            ParamValue::Number(value) => json!(value),
            ParamValue::Text(value) => json!(value),
        };
        Self {
            default,
            allowed: spec.wanted(),
            name: spec.name,
            kind: spec.kind,
            least: spec.least,
            most: spec.most,
            multiple_of: spec.multiple_of,
            choices: spec.choices,
            help: spec.help,
        }
    }
}

impl From<TrainerInfo> for TrainerBody {
    fn from(info: TrainerInfo) -> Self {
        let (about, parameters, problem) = match info.description {
            Ok(said) => (said.about, said.parameters.into_iter().map(Into::into).collect(), None),
            Err(problem) => (String::new(), Vec::new(), Some(problem)),
        };
        let built_in = info.name.as_str() == BUILT_IN;
        Self { name: info.name.to_string(), built_in, about, parameters, problem }
    }
}

/// Lists the trainers: the built-in one, and those that the operator of the
/// server named.
#[utoipa::path(
    get, path = "/trainers", tag = "experiments", operation_id = "list_trainers",
    responses(
        (status = 200, description = "All of them", body = TrainerList),
    )
)]
pub(super) async fn list(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
) -> Result<Json<TrainerList>, Problem> {
    let all = state.service.learning().trainers(&actor).await?;
    Ok(Json(TrainerList { items: all.into_iter().map(Into::into).collect() }))
}
