//! Lists, figures, health and the description.

use crate::bed::{Bed, DEPLOYMENT, jpeg};
use axum::http::header;
use domain::{alert::WatchedFigure, listing::SortField, monitor::figures::Figure};
use query::schema::NumberField;
use serde_json::{Value, json};

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let bed = Bed::new().await;
    let mut sent = Vec::new();
    for _ in 0..7 {
        sent.push(bed.predict(jpeg(40, 30)).await.json()["id"].as_str().expect("an id").to_owned());
    }
    for (sort, expected) in
        [("newest", sent.iter().rev().cloned().collect::<Vec<_>>()), ("oldest", sent.clone())]
    {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = format!("/api/v1/deployments/{DEPLOYMENT}/predictions?sort={sort}&limit=3{cursor}");
            let page = bed.get(&path, &bed.viewer).await.json();
            seen.extend(
                page["items"]
                    .as_array()
                    .expect("items")
                    .iter()
                    .map(|item| item["id"].as_str().expect("an id").to_owned()),
            );
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, expected, "{sort}");
    }
}

#[tokio::test]
async fn wrong_parameters_are_refused_and_not_ignored() {
    let bed = Bed::new().await;
    for query in [
        "status=done",
        "sort=best",
        "limit=many",
        "cursor=%00",
        "stauts=reviewed",
        "q=stauts%20%3D%20reviewed",
    ] {
        let path = format!("/api/v1/deployments/{DEPLOYMENT}/predictions?{query}");
        let answer = bed.get(&path, &bed.viewer).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        answer.problem(400);
    }
}

#[tokio::test]
async fn figures_count_what_was_predicted() {
    let bed = Bed::new().await;
    for _ in 0..3 {
        assert_eq!(bed.predict(jpeg(40, 30)).await.status, 200);
    }
    let metrics =
        bed.get(&format!("/api/v1/deployments/{DEPLOYMENT}/metrics?last_s=3600"), &bed.viewer).await.json();
    assert_eq!(metrics["total"]["predictions"], 3);
    assert_eq!(metrics["total"]["labels"], json!([{ "label": "red", "count": 3 }]));
    assert_eq!(metrics["total"]["objects_mean"], 1.0);
    bed.get("/metrics", "").await.problem(401);
    let text = bed.get("/metrics", &bed.viewer).await;
    assert!(text.text().contains("fovea_predictions_stored_total{how=\"predicted\"}"), "{}", text.text());
    assert!(text.text().contains("process_resident_memory_bytes"));
    assert!(text.text().contains("fovea_inferences_total"));
}

#[tokio::test]
async fn every_figure_of_the_table_is_sent_described_and_watched() {
    let bed = Bed::new().await;
    bed.predict(jpeg(40, 30)).await.json();
    let metrics =
        bed.get(&format!("/api/v1/deployments/{DEPLOYMENT}/metrics?last_s=3600"), &bed.viewer).await.json();
    let description = bed.get("/api/openapi.json", "").await.json();
    let described = |schema: &str, name: &str| {
        let field = &description["components"]["schemas"][schema]["properties"][name];
        field["description"].as_str().is_some_and(|help| !help.is_empty())
    };
    for figure in Figure::all() {
        assert!(metrics["total"].get(figure.name()).is_some(), "{figure}");
        assert!(described("RangeFigures", figure.name()), "{figure}");
        if let Some(name) = figure.name_in_bucket() {
            assert!(metrics["buckets"][0].get(name).is_some(), "{figure}");
            assert!(described("BucketFigures", name), "{figure}");
        }
    }
    let path = format!("/api/v1/deployments/{DEPLOYMENT}/alerts");
    let rule = |metric: &str| json!({ "name": metric, "metric": metric, "operator": ">", "limit": 9, "window_s": 60 });
    for figure in WatchedFigure::all() {
        let answer = bed.post_json(&path, &bed.admin, &rule(figure.name())).await.json();
        assert_eq!(answer["metric"], figure.name());
    }
    let refused = bed.post_json(&path, &bed.admin, &rule("latency")).await.problem(400);
    assert!(refused["detail"].as_str().is_some_and(|words| words.contains("latency_p95_ms")), "{refused}");
}

#[tokio::test]
async fn every_number_of_a_list_is_sent_and_described() {
    let bed = Bed::new().await;
    bed.predict(jpeg(40, 30)).await.json();
    let path = format!("/api/v1/deployments/{DEPLOYMENT}/predictions");
    let list = bed.get(&path, &bed.viewer).await.json();
    let description = bed.get("/api/openapi.json", "").await.json();
    for row in NumberField::ALL.iter().map(|field| field.row()) {
        let Some(name) = row.beside else { continue };
        assert!(list["items"][0].get(name).is_some(), "{name}");
        let field = &description["components"]["schemas"]["ListedNumbers"]["properties"][name];
        assert!(name == "objects" || field["description"] == row.field.help, "{name}: {field}");
    }
    for order in SortField::all() {
        let page = bed.get(&format!("{path}?sort=-{}", order.as_str()), &bed.viewer).await.json();
        assert_eq!(page["items"].as_array().map(Vec::len), Some(1), "{}", order.as_str());
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_also_outside_the_resources() {
    let bed = Bed::new().await;
    bed.get("/api/v1/nothing", &bed.admin).await.problem(404);
    bed.get("/api/v3/deployments", &bed.admin).await.problem(404);
    bed.get("/pkg/nothing.js", "").await.problem(404);
    bed.get("/api/v1/predictions/not-a-uuid", &bed.viewer).await.problem(404);
    let answer = bed.post_json("/api/v1/audit", &bed.admin, &json!({})).await;
    answer.problem(405);
}

#[tokio::test]
async fn health_needs_no_sign_in_and_readiness_ends_with_the_server() {
    let bed = Bed::new().await;
    assert_eq!(bed.get("/healthz", "").await.status, 200);
    assert_eq!(bed.get("/readyz", "").await.status, 200);
    bed.shutdown.cancel();
    bed.get("/readyz", "").await.problem(503);
}

#[tokio::test]
async fn a_store_that_is_away_is_told_as_such_and_when_to_try_again() {
    let bed = Bed::new().await;
    bed.service.store().close().await.expect("closed");
    let report = json!({ "width": 64, "height": 48, "latency_ms": 1.0, "boxes": [] });
    let path = format!("/api/v1/deployments/{DEPLOYMENT}/predictions");
    let answer = bed.post_json(&path, &bed.admin, &report).await;
    answer.problem(503);
    assert_eq!(answer.header(header::RETRY_AFTER), "1");
    let readiness = bed.get("/readyz", "").await.problem(503);
    assert!(readiness["detail"].as_str().is_some_and(|detail| detail.contains("database")), "{readiness}");
    assert_eq!(bed.get("/healthz", "").await.status, 200);
}

#[tokio::test]
async fn every_operation_says_what_a_failing_server_answers() {
    let bed = Bed::new().await;
    let description = bed.get("/api/openapi.json", "").await.json();
    for (path, item) in description["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let statuses = operation["responses"].as_object().expect("responses");
            assert!(statuses.contains_key("503"), "{method} {path}");
            assert_eq!(statuses.contains_key("507"), method != "get", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_description_is_whole_and_the_page_lists_it() {
    let bed = Bed::new().await;
    let description = bed.get("/api/openapi.json", "").await.json();
    assert!(description["openapi"].as_str().is_some_and(|version| version.starts_with("3.")));
    let text = description.to_string();
    let schemas = description["components"]["schemas"].as_object().expect("schemas");
    for part in text.split("\"#/components/schemas/").skip(1) {
        let name = part.split('"').next().unwrap_or_default();
        assert!(schemas.contains_key(name), "{name} is referred to and not described");
    }
    let page = bed.get("/api/docs", "").await;
    assert!(page.header(header::CONTENT_TYPE).starts_with("text/html"));
    for path in description["paths"].as_object().expect("paths").keys() {
        assert!(page.text().contains(path.as_str()), "{path} is not on the page");
    }
    // A form to try it with for each operation.
    let operations = description["paths"].as_object().expect("paths").values().filter_map(Value::as_object);
    let operations: usize = operations.map(serde_json::Map::len).sum();
    assert_eq!(page.text().matches("<form class=\"api-try\"").count(), operations);
    let all: Vec<&Value> = description["paths"].as_object().expect("paths").values().collect();
    assert!(all.len() > 20);
}
