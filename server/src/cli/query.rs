//! `fovea query`.

use super::{
    global::{GlobalOptions, Target},
    output,
};
use crate::http::api::{CountBody, ListedBody, ListingBody, PredictionBody};
use clap::Args;
use domain::listing::{ListRequest, SortField, SortOrder};
use serde_json::json;
use service::As;

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
    #[arg(
        long,
        help = format!("One of {}; with - in front the greatest first", SortField::words()),
        default_value = "-received",
        value_name = "ORDER",
        allow_hyphen_values = true
    )]
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
            if self.json {
                return output::json(&count);
            }
            output::line(&if count.exact {
                count.count.to_string()
            } else {
                format!("at least {}", count.count)
            });
            return Ok(());
        }
        let most = self.limit.unwrap_or(if self.json { u64::MAX } else { SHOWN });
        let (mut items, mut cursor, mut complete) = (Vec::new(), None, true);
        while (items.len() as u64) < most {
            let wanted = PAGE.min(most - items.len() as u64);
            let page = self.page(&target, cursor.take(), wanted).await?;
            items.extend(page.items);
            cursor = page.next_cursor;
            complete = page.complete;
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
        let least = if count.exact { "" } else { "at least " };
        output::note(&format!("{} of {least}{}", items.len(), count.count));
        Ok(())
    }

    async fn page(&self, target: &Target, cursor: Option<String>, limit: u64) -> anyhow::Result<ListingBody> {
        match target {
            Target::Data(data) => {
                let request = ListRequest {
                    q: self.query.clone(),
                    sort: self.sort,
                    limit: u32::try_from(limit).ok(),
                    cursor,
                    from: None,
                };
                let page =
                    data.service.browsing().list_predictions(&As::system(), &self.deployment, &request).await;
                let page = page.map_err(domain::fault::ApiError::from)?;
                Ok(page.into())
            }
            Target::Server(server) => {
                let (sort, limit) = (self.sort.to_string(), limit.to_string());
                let mut query = vec![("q", self.query.as_str()), ("sort", &sort), ("limit", &limit)];
                query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
                server.get_with(&format!("deployments/{}/predictions", self.deployment), &query).await
            }
        }
    }

    async fn counted(&self, target: &Target) -> anyhow::Result<CountBody> {
        match target {
            Target::Data(data) => {
                let actor = As::system();
                let count =
                    data.service.browsing().count_predictions(&actor, &self.deployment, &self.query).await;
                Ok(count.map_err(domain::fault::ApiError::from)?.into())
            }
            Target::Server(server) => {
                let path = format!("deployments/{}/predictions/count", self.deployment);
                server.get_with(&path, &[("q", self.query.as_str())]).await
            }
        }
    }
}

/// Id, arrival, status, objects, file.
fn line(item: &ListedBody) -> String {
    let PredictionBody { id, received, status, objects, filename, .. } = &item.prediction;
    let filename = filename.as_deref().unwrap_or_default();
    format!("{id}  {received}  {:9}  {objects:>3} objects  {filename}", status.as_str())
}
