//! A page of predictions among very many, over HTTP.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::figures::{Row, Times};
use super::http::Content;
use super::server::{Server, Site};
use super::{Bed, machine, pictures, scrolling};
use crate::build::build_example;
use crate::process::{run, say};

/// Pages fetched for each figure.
const PAGES: usize = 100;
/// Pictures that the predictions share.
const PICTURES: u64 = 256;

/// Fills a folder with predictions and pages through them.
pub(super) fn measure(bed: &Bed) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    say(&format!("filling a folder with {} predictions …", bed.stored));
    let seed = build_example(&bed.workspace, bed.profile, "seed_million")?;
    let drawn = tempfile::tempdir()?;
    for number in 0..PICTURES {
        std::fs::write(drawn.path().join(format!("{number}.jpg")), pictures::jpeg(number)?)?;
    }
    run(Command::new(seed).arg(folder.path()).arg(bed.stored.to_string()).arg(drawn.path()))?;

    let site = Site::new(bed, folder.path());
    let server = site.serve(site.token()?)?;
    let deployment = first_deployment(&server)?;
    let path = format!("/api/v1/deployments/{deployment}/predictions");
    let newest = page_through(&server, &format!("{path}?limit=100"))?;
    let by_status = page_through(&server, &format!("{path}?limit=100&status=to_review"))?;
    let dashboard = dashboards(&server, &deployment)?;
    let memory = machine::resident_peak(server.pid()).unwrap_or(0);
    let goal = Duration::from_millis(50);
    let row = |what: &str, times: &Times| {
        let what = format!("{what}, of {}", bed.stored);
        Row::judged(&what, times.describe(), "p95 ≤ 50 ms", times.percentile(95) <= goal)
    };
    drop(server);
    let scrolled = scrolling::measure(bed, folder.path());
    let mut rows = vec![
        row("a page of the newest", &newest),
        row("a page by status", &by_status),
        Row::judged(
            &format!("a whole dashboard of a year, of {}", bed.stored),
            dashboard.describe(),
            "p95 ≤ 100 ms",
            dashboard.percentile(95) <= Duration::from_millis(100),
        ),
        Row::judged(
            "resident memory, peak",
            format!("{} MB", memory / 1_000_000),
            "≤ 300 MB",
            memory <= 300_000_000,
        ),
    ];
    rows.extend(scrolled?);
    rows.extend(queries(bed, folder.path())?);
    Ok(rows)
}

/// All that a dashboard of a year asks for; each time of another year, so
/// that no answer is one that was given before.
fn dashboards(server: &Server, deployment: &str) -> Result<Times> {
    const YEAR_MS: u64 = 366 * 86_400_000;
    let mut connection = server.connect()?;
    let mut times = Vec::new();
    for number in 0..PAGES as u64 {
        let asked = format!("name={deployment}&stretch[last_ms]={}", YEAR_MS - number);
        let content = Content {
            media_type: "application/x-www-form-urlencoded",
            body: asked.as_bytes(),
            idempotency_key: None,
        };
        let sent = Instant::now();
        connection.post("/api/live", &content)?.ok()?;
        connection.post("/api/sections", &content)?.ok()?;
        times.push(sent.elapsed());
    }
    Times::new(times).context("no dashboard was fetched")
}

/// Queries of every kind, asked of the store itself.
fn queries(bed: &Bed, folder: &Path) -> Result<Vec<Row>> {
    let program = build_example(&bed.workspace, bed.profile, "query_bench")?;
    let output = Command::new(program).arg(folder).output()?;
    ensure!(output.status.success(), "query_bench failed: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().map(query_row).collect()
}

fn query_row(line: &str) -> Result<Row> {
    let columns: Vec<&str> = line.split('\t').collect();
    let [what, p50, p95, longest, complete, count, counting, exact, kind] = columns[..] else {
        bail!("query_bench wrote {line:?}");
    };
    let least = if exact == "true" { "" } else { "at least " };
    let figure = format!(
        "p50 {p50} ms, p95 {p95} ms, longest {longest} ms, complete {complete}; {least}{count} counted in {counting} ms"
    );
    let (p95, longest, counting): (f64, f64, f64) = (p95.parse()?, longest.parse()?, counting.parse()?);
    let ends = longest <= 2_000.0 && counting <= 2_000.0;
    Ok(if kind == "indexed" {
        Row::judged(what, figure, "p95 ≤ 50 ms", p95 <= 50.0 && ends)
    } else {
        Row::judged(what, figure, "≤ 2 s", ends)
    })
}

fn first_deployment(server: &Server) -> Result<String> {
    let body = server.connect()?.get("/api/v1/deployments")?.ok()?;
    let answer: serde_json::Value = serde_json::from_slice(&body)?;
    let name = ["/items/0/name", "/items/0/deployment/name", "/0/name", "/0/deployment/name"];
    let name = name.iter().find_map(|pointer| answer.pointer(pointer)).and_then(serde_json::Value::as_str);
    name.map(str::to_owned).context("the filled folder has no deployment")
}

/// Follows the cursors from page to page; from the start again at the end.
fn page_through(server: &Server, path: &str) -> Result<Times> {
    let mut connection = server.connect()?;
    let mut times = Vec::new();
    let mut next = path.to_owned();
    for _ in 0..PAGES {
        let sent = Instant::now();
        let body = connection.get(&next)?.ok()?;
        times.push(sent.elapsed());
        let page: serde_json::Value = serde_json::from_slice(&body)?;
        let cursor = page.get("next_cursor").and_then(serde_json::Value::as_str);
        next = cursor.map_or_else(|| path.to_owned(), |cursor| format!("{path}&cursor={cursor}"));
    }
    Times::new(times).context("no page was fetched")
}
