//! Measures queries of every kind over a folder that `seed_million` filled:
//! `query_bench FOLDER [TIMES [QUERIES]]`, the file QUERIES having a line with
//! a tab for each: query, order. For each, a line with tabs: what, the median,
//! the 95th percentile and the longest time of a page in milliseconds (first
//! pages and deep ones), how many of the pages were complete, the count, its
//! time, whether it was exact, and `indexed` or `bounded`. One prediction in a thousand is moved to
//! `reviewed` first, with plain SQL.

#![allow(clippy::print_stdout, reason = "a program for the terminal")]

mod bench;

use bench::{Outcome, argument, deployment};
use domain::{
    deployment::Deployment,
    listing::{ListRequest, SortOrder},
    time::Timestamp,
};
use query::parse;
use std::{path::PathBuf, time::Instant};
use store::{QueuePool, Store, StoreOptions};

/// So many at the end of the list have no index.
const BOUNDED: usize = 3;
/// Query and order. Those of the last group have no index of their own, or
/// match next to nothing of very much: they are bounded by the time limit.
const QUERIES: [(&str, &str); 44] = [
    ("", "-received"),
    ("", "received"),
    ("", "-outlier_score"),
    ("", "latency"),
    ("", "-objects"),
    ("", "confidence"),
    ("", "-shadow_disagreement"),
    ("", "-created"),
    ("reviewed = true", "-received"),
    ("objects > 5", "-received"),
    ("not has(label = \"car\")", "-received"),
    ("status = to_review", "-received"),
    ("status in (reviewed, submitted)", "-outlier_score"),
    ("count(label = \"car\" and score >= 0.8) >= 2 and tag = \"night\"", "-received"),
    ("shadow_disagreement > 0.3", "-received"),
    ("shadow_disagreement > 0.3", "-shadow_disagreement"),
    ("outlier_score > 0.99 and status = to_review and created > -3650d", "-received"),
    ("outlier_score > 0.999", "-created"),
    ("has(label = \"bird\" and score > 0.9)", "-received"),
    ("count(label = \"dog\") >= 3", "-received"),
    ("count(label = \"cat\") >= 4", "-latency"),
    ("tag = \"rare\"", "-received"),
    ("tag = \"rare\"", "latency"),
    ("source = \"camera-3\" and objects >= 3", "-received"),
    ("source in (\"camera-1\", \"camera-2\") and latency > 49", "-received"),
    ("model = \"bench/1\" and confidence > 0.9", "-received"),
    ("latency > 49.99", "-created"),
    ("filename = \"frame-77777.jpg\"", "-received"),
    ("metadata.line = \"42\"", "-received"),
    ("metadata.line > 98 and tag = \"night\"", "-received"),
    ("metadata.line >= 10 and metadata.line < 12", "latency"),
    ("tag = \"night\" and tag = \"rare\"", "-received"),
    ("not tag = \"night\" and objects < 3", "-received"),
    ("received < 2026-01-03", "-received"),
    ("created > 2026-01-05 and created < 2026-01-06", "-latency"),
    ("label = \"bus\" or tag = \"rare\"", "-received"),
    ("(tag = \"rare\" and objects > 2) or (metadata.line = 7 and latency > 40)", "-received"),
    ("count(label = \"car\") = 2", "-received"),
    ("has(label = \"car\" and score > 0.98)", "-received"),
    ("source != \"camera-1\" and not tag ~ \"are\"", "-received"),
    ("filename = none or has(review: label = \"car\")", "-received"),
    ("has(all: score < 0.02 and area > 1500)", "-received"),
    ("filename ~ \"99999\"", "-received"),
    ("width = 7 and confidence < 0.4", "-latency"),
];

#[tokio::main]
async fn main() -> Outcome {
    let folder = PathBuf::from(argument(1, "/tmp/fovea-million"));
    let times: usize = argument(2, "20").parse()?;
    let store = Store::open(StoreOptions::in_folder(&folder)).await?;
    let gate = deployment(&store).await?;
    review_some(&store).await?;
    let given = std::env::args().nth(3).map(std::fs::read_to_string).transpose()?;
    let queries: Vec<(&str, &str)> = match &given {
        Some(lines) => {
            lines.lines().map(|line| line.split_once('\t').unwrap_or((line, "-received"))).collect()
        }
        None => QUERIES.to_vec(),
    };
    for (place, (text, sort)) in queries.into_iter().enumerate() {
        let kind = if place < QUERIES.len() - BOUNDED { "indexed" } else { "bounded" };
        println!("{}\t{kind}", measured(&store, &gate, text, sort.parse()?, times).await?);
    }
    Ok(store.close().await?)
}

async fn measured(
    store: &Store,
    gate: &Deployment,
    text: &str,
    sort: SortOrder,
    times: usize,
) -> Outcome<String> {
    let query = parse(text)?;
    let now = Timestamp(1_769_225_600_000);
    let (mut took, mut complete) = (Vec::new(), 0);
    let mut request = ListRequest { sort, ..ListRequest::default() };
    for n in 0..times {
        let begin = Instant::now();
        let page = store.predictions().list(gate.id, query.clone(), &request, now).await?;
        took.push(begin.elapsed().as_secs_f64() * 1e3);
        complete += usize::from(page.complete);
        // First pages and, in the other half, ever deeper ones.
        request.cursor = if n < times / 2 { None } else { page.next_cursor };
    }
    took.sort_by(f64::total_cmp);
    let at = |q: f64| took.get(((took.len() - 1) as f64 * q).round() as usize).copied().unwrap_or_default();
    let begin = Instant::now();
    let count = store.predictions().count_matching(gate.id, query, now).await?;
    let counting = begin.elapsed().as_secs_f64() * 1e3;
    Ok(format!(
        "{text} by {sort}\t{:.1}\t{:.1}\t{:.1}\t{complete}/{times}\t{}\t{counting:.0}\t{}",
        at(0.5),
        at(0.95),
        at(1.0),
        count.count,
        count.exact
    ))
}

async fn review_some(store: &Store) -> Outcome {
    let QueuePool::Sqlite(pool) = store.queue_pool() else { return Err("this is for SQLite".into()) };
    sqlx::raw_sql(
        "UPDATE predictions SET status = 'reviewed' WHERE rowid % 1000 = 0 AND status = 'to_review'; \
         DELETE FROM prediction_counts; INSERT INTO prediction_counts (deployment_id, status, count) \
         SELECT deployment_id, status, COUNT(*) FROM predictions GROUP BY deployment_id, status",
    )
    .execute(&pool)
    .await?;
    Ok(())
}
