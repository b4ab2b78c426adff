//! `fovea query`.

use super::{
    global::{GlobalOptions, Target},
    output,
};
use crate::http::api::ListingBody;
use clap::Args;
use domain::{
    access::Actor,
    listing::{ListRequest, SortOrder},
};
use serde_json::{Value, json};

/// What a person reads at once.
const SHOWN: u64 = 50;
const PAGE: u64 = 200;

/// Finds predictions of a deployment by a query.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  fovea query --deployment cells 'objects > 5 and not has(label = \"car\")'\n  fovea query --deployment cells --json --sort -outlier_score 'status = to_review' > found.json"
)]
pub(super) struct Query {
    /// The deployment's name or id.
    #[arg(long, value_name = "NAME")]
    deployment: String,
    /// The query; all when left out.
    #[arg(default_value = "", value_name = "QUERY")]
    query: String,
    /// received, created, `outlier_score`, confidence, objects, latency or
    /// `shadow_disagreement`; with - in front the greatest first.
    #[arg(long, default_value = "-received", value_name = "ORDER", allow_hyphen_values = true)]
    sort: SortOrder,
    /// At most so many [default: 50, with --json all].
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Print only how many match.
    #[arg(long)]
    count: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

impl Query {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let target = global.target().await?;
        if self.count {
            let count = self.counted(&target).await?;
            let (number, exact) = (number(&count, "count"), count.get("exact") != Some(&Value::Bool(false)));
            if self.json {
                return output::json(&count);
            }
            output::line(&if exact { number.to_string() } else { format!("at least {number}") });
            return Ok(());
        }
        let most = self.limit.unwrap_or(if self.json { u64::MAX } else { SHOWN });
        let (mut items, mut cursor, mut complete) = (Vec::new(), None, true);
        while (items.len() as u64) < most {
            let wanted = PAGE.min(most - items.len() as u64);
            let mut page = self.page(&target, cursor.take(), wanted).await?;
            let found = page.get_mut("items").and_then(Value::as_array_mut).map(std::mem::take);
            items.extend(found.unwrap_or_default());
            cursor = page.get("next_cursor").and_then(Value::as_str).map(str::to_owned);
            complete = page.get("complete") != Some(&Value::Bool(false));
            if cursor.is_none() {
                break;
            }
        }
        if self.json {
            return output::json(&json!({ "items": items, "next_cursor": cursor, "complete": complete }));
        }
        for item in &items {
            output::line(&line(item));
        }
        let count = self.counted(&target).await?;
        let least = if count.get("exact") == Some(&Value::Bool(false)) { "at least " } else { "" };
        output::note(&format!("{} of {least}{}", items.len(), number(&count, "count")));
        Ok(())
    }

    async fn page(&self, target: &Target, cursor: Option<String>, limit: u64) -> anyhow::Result<Value> {
        match target {
            Target::Data(data) => {
                let request = ListRequest {
                    q: self.query.clone(),
                    sort: self.sort,
                    limit: u32::try_from(limit).ok(),
                    cursor,
                    from: None,
                };
                let page = data.service.list_predictions(&Actor::system(), &self.deployment, &request).await;
                let page = page.map_err(domain::fault::ApiError::from)?;
                Ok(serde_json::to_value(ListingBody::from(page))?)
            }
            Target::Server(server) => {
                let (sort, limit) = (self.sort.to_string(), limit.to_string());
                let mut query = vec![("q", self.query.as_str()), ("sort", &sort), ("limit", &limit)];
                query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
                server.get_with(&format!("deployments/{}/predictions", self.deployment), &query).await
            }
        }
    }

    async fn counted(&self, target: &Target) -> anyhow::Result<Value> {
        match target {
            Target::Data(data) => {
                let actor = Actor::system();
                let count = data.service.count_predictions(&actor, &self.deployment, &self.query).await;
                Ok(serde_json::to_value(count.map_err(domain::fault::ApiError::from)?)?)
            }
            Target::Server(server) => {
                let path = format!("deployments/{}/predictions/count", self.deployment);
                server.get_with(&path, &[("q", self.query.as_str())]).await
            }
        }
    }
}

fn number(value: &Value, key: &str) -> u64 {
    value.get(key).and_then(Value::as_u64).unwrap_or_default()
}

/// Id, arrival, status, objects, file.
fn line(item: &Value) -> String {
    let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
    let objects = number(item, "objects");
    format!(
        "{}  {}  {:9}  {objects:>3} objects  {}",
        text("id"),
        text("received"),
        text("status"),
        text("filename")
    )
}
