//! Figures for scripts. They are Fovea's own, always fresh: nobody has to ask
//! for them to be computed.

use super::{answers::wrong, deployments, params::Params, query::in_quotes};
use crate::http::{
    AppState,
    api::{figures_json, metrics_json},
    auth::SignedIn,
    problem::{PathParams, Problem},
};
use axum::{Json, extract::State};
use domain::{
    ids::{DeploymentId, PredictionId},
    listing::{ListRequest, ListedPrediction},
    monitor::{Range, supervised::Scope},
    time::Timestamp,
};
use serde_json::{Map, Value, json};
use service::{As, DashboardRequest, Viewer};
use uuid::Uuid;

/// Predictions of one answer.
const MOST: usize = 1_000;

/// Which predictions are meant.
struct PredictionFilter {
    q: String,
    includes: Vec<Uuid>,
    excludes: Vec<Uuid>,
}

impl PredictionFilter {
    async fn of(state: &AppState, by: &As<Viewer>, params: &Params) -> Result<Self, Problem> {
        let mut parts = Vec::new();
        if let Some(id) = params.id("model_id")? {
            let model = deployments::version(state, by, id).await?;
            parts.push(format!("model = {}", in_quotes(&model.to_string())));
        }
        let range = range_of(params)?;
        if let Some(Range { from, to }) = range {
            parts.push(format!("created >= {from} and created < {to}"));
        }
        let tags: Vec<String> = params.all("tags").map(in_quotes).collect();
        if !tags.is_empty() {
            parts.push(format!("tag in ({})", tags.join(", ")));
        }
        let ids = |name| params.all(name).filter_map(|text| Uuid::parse_str(text).ok()).collect();
        Ok(Self { q: parts.join(" and "), includes: ids("includes"), excludes: ids("excludes") })
    }

    async fn matching(
        &self,
        state: &AppState,
        by: &As<Viewer>,
        deployment: DeploymentId,
        and: &str,
    ) -> Result<Vec<ListedPrediction>, Problem> {
        let parts: Vec<&str> = [self.q.as_str(), and].into_iter().filter(|part| !part.is_empty()).collect();
        let request = ListRequest { q: parts.join(" and "), ..ListRequest::default() };
        let (mut predictions, _) =
            state.service.browsing().slice_of_predictions(by, deployment, request, 0, MOST).await?;
        predictions.retain(|listed| {
            let PredictionId(id) = listed.prediction.id;
            (self.includes.is_empty() || self.includes.contains(&id)) && !self.excludes.contains(&id)
        });
        Ok(predictions)
    }
}

/// From when to when; `None` where nothing is said.
fn range_of(params: &Params) -> Result<Option<Range>, Problem> {
    let moment = |name: &str| -> Result<Option<Timestamp>, Problem> {
        let seconds: Option<f64> = params.parsed(name)?;
        let read =
            |seconds| Timestamp::from_seconds(seconds).ok_or_else(|| wrong(name, "Give seconds since 1970."));
        seconds.map(read).transpose()
    };
    let now = Timestamp::from(chrono::Utc::now());
    let to = moment("to_timestamp")?.unwrap_or(now);
    let from = moment("from_timestamp")?;
    let since: Option<i64> = params.parsed("since")?;
    let recent = since.map(|seconds| now.plus_ms(-seconds.clamp(1, 1 << 32) * 1000));
    let from = match (from, recent) {
        (Some(from), Some(recent)) => Some(from.max(recent)),
        (from, recent) => from.or(recent),
    };
    Ok(from.map(|from| Range { from, to: to.max(from.plus_ms(1)) }))
}

pub(super) async fn of_predictions(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let deployment = state.service.catalogue().deployment(&actor, &deployment).await?.id;
    let filter = PredictionFilter::of(&state, &actor, &params).await?;
    let service = params.one("service").unwrap_or_default();
    let items: Vec<Value> = match service {
        "classification" => Vec::new(),
        "ae_outlier" | "metrics" => {
            let predictions = filter.matching(&state, &actor, deployment, "").await?;
            predictions.iter().map(|listed| of_one(listed, service == "ae_outlier")).collect()
        }
        "object_detection" | "label_distribution" => {
            reviewed(&state, &actor, deployment, &filter, service).await?
        }
        other => return Err(wrong("service", format!("{other:?} is not one of the services."))),
    };
    Ok(Json(json!({ "service": service, "count": items.len(), "items": items, "predictions": items })))
}

fn of_one(listed: &ListedPrediction, outlying: bool) -> Value {
    let prediction = &listed.prediction;
    let mut one = json!({
        "id": prediction.id.0, "oracle_prediction_id": prediction.id.0, "timestamp": prediction.created.0 as f64 / 1e3,
        "model": prediction.model,
    });
    let more = if outlying {
        json!({ "outlier_score": prediction.outlier_score, "score": prediction.outlier_score })
    } else {
        let scores: Vec<f64> = prediction.visible_boxes().map(|predicted| predicted.score.get()).collect();
        json!({
            "latency": prediction.latency_ms / 1e3, "width": prediction.size.width,
            "height": prediction.size.height, "objects": scores.len(), "scores": scores,
        })
    };
    if let (Some(one), Value::Object(more)) = (one.as_object_mut(), more) {
        one.extend(more);
    }
    one
}

/// Of each reviewed image, what the review says beside the champion.
async fn reviewed(
    state: &AppState,
    by: &As<Viewer>,
    deployment: DeploymentId,
    filter: &PredictionFilter,
    service: &str,
) -> Result<Vec<Value>, Problem> {
    let mut items = Vec::new();
    for listed in filter.matching(state, by, deployment, "reviewed = true").await? {
        let id = listed.prediction.id;
        let subject = state.service.reviews().subject(by, id, "").await?;
        let Some(review) = subject.review else { continue };
        let (mut drawn, mut visible) = (Map::new(), Map::new());
        for drawn_box in review.boxes.iter().filter(|drawn_box| !drawn_box.ignore) {
            count(&mut drawn, drawn_box.label.as_str());
        }
        for predicted in listed.prediction.visible_boxes() {
            count(&mut visible, predicted.label.as_str());
        }
        let mut one = json!({ "id": id.0, "revision": review.info.revision, "labels": drawn, "predicted_labels": visible });
        if service == "object_detection"
            && let Some(one) = one.as_object_mut()
        {
            one.insert(
                "objects".to_owned(),
                json!(review.boxes.iter().filter(|drawn_box| !drawn_box.ignore).count()),
            );
            one.insert("predicted_objects".to_owned(), json!(listed.prediction.objects()));
        }
        items.push(one);
    }
    Ok(items)
}

fn count(counts: &mut Map<String, Value>, label: &str) {
    let before = counts.get(label).and_then(Value::as_u64).unwrap_or(0);
    counts.insert(label.to_owned(), json!(before + 1));
}

pub(super) async fn aggregated(
    State(state): State<AppState>,
    SignedIn(actor): SignedIn,
    PathParams(deployment): PathParams<String>,
    params: Params,
) -> Result<Json<Value>, Problem> {
    let deployment = state.service.catalogue().deployment(&actor, &deployment).await?.id;
    for name in ["tags", "includes", "excludes"] {
        if params.one(name).is_some() {
            let message = "Sums are not kept by tag or prediction: leave it out, or ask for the predictions.";
            return Err(wrong(name, message));
        }
    }
    let service = params.one("service").unwrap_or_default();
    if service == "object_detection" {
        return supervised(&state, &actor, deployment).await.map(Json);
    }
    let request = DashboardRequest { range: range_of(&params)?, ..DashboardRequest::default() };
    let page = state.service.monitoring().monitoring_page(&actor, deployment, request).await?;
    let figures = metrics_json(page);
    let mut answer = match service {
        "metrics" => json!({ "total": figures["total"] }),
        "label_distribution" => json!({
            "labels": figures["total"]["labels"], "reference_labels": figures["reference_labels"],
        }),
        "ks_drift" => json!({ "drift": figures["drift"] }),
        other => return Err(wrong("service", format!("{other:?} is not one of the services."))),
    };
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("service".to_owned(), json!(service));
        answer.insert("from".to_owned(), figures["from"].clone());
        answer.insert("to".to_owned(), figures["to"].clone());
    }
    Ok(Json(answer))
}

/// Figures of the champion from reviews of randomly picked images.
async fn supervised(state: &AppState, by: &As<Viewer>, deployment: DeploymentId) -> Result<Value, Problem> {
    let pair = state.service.monitoring().supervised(by, deployment, Scope::All).await?;
    let Some(figures) = pair.champion else {
        return Ok(json!({ "service": "object_detection", "images": 0, "stats": {} }));
    };
    let figures = figures_json(figures);
    let summary = |name: &str| figures["summary"][name]["value"].clone();
    Ok(json!({
        "service": "object_detection",
        "images": figures["images"],
        "as_of": figures["as_of"],
        "model": figures["model"],
        "stats": {
            "ap_50_95": summary("AP"), "ap_50": summary("AP50"), "ap_75": summary("AP75"),
        },
        "figures": figures,
    }))
}
