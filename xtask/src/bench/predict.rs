//! One 640×480 JPEG, request to answer: alone, four clients at once, and while
//! a training runs.

use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use super::figures::{Row, Times, millis};
use super::http::Content;
use super::server::{Server, Site};
use super::{Bed, machine, pictures};
use crate::process::say;

/// Requests of each measurement.
const REQUESTS: u64 = 200;
/// Pictures that the model is trained on; how well does not matter here.
const PICTURES: u64 = 24;
/// Where predictions are asked for.
const PATH: &str = "/api/v1/deployments/bench/predict";

/// Trains a small model, serves it, and measures.
pub(super) fn measure(bed: &Bed) -> Result<Vec<Row>> {
    let folder = tempfile::tempdir()?;
    let site = prepare(bed, folder.path())?;
    let server = site.serve(site.token()?)?;
    ask(&server, 1, 20)?;

    let alone = ask(&server, 1, REQUESTS)?;
    let four = ask(&server, 4, REQUESTS)?;
    let memory = machine::resident_peak(server.pid()).unwrap_or(0);
    let training = while_training(&site, &server)?;

    let ms = Duration::from_millis;
    let (p50, p95) = (alone.percentile(50), alone.percentile(95));
    let mut rows = vec![
        Row::judged(
            "predict, 1 client",
            alone.describe(),
            "p50 ≤ 60 ms, p95 ≤ 120 ms",
            p50 <= ms(60) && p95 <= ms(120),
        ),
        Row::judged(
            "predict, 4 clients",
            four.describe(),
            &format!("p95 ≤ 4 × p50 = {}", millis(p50 * 4)),
            four.percentile(95) <= p50 * 4,
        ),
        Row::judged(
            "resident memory, peak",
            format!("{} MB", memory / 1_000_000),
            "≤ 300 MB",
            memory <= 300_000_000,
        ),
    ];
    match training {
        Some(times) => rows.push(Row::judged(
            "predict while a training runs",
            times.describe(),
            &format!("p95 ≤ 2 × p95 = {}", millis(p95 * 2)),
            times.percentile(95) <= p95 * 2,
        )),
        None => {
            rows.push(Row::plain("predict while a training runs", "the training ended too early".to_owned()));
        }
    }
    Ok(rows)
}

/// A folder with a deployment `bench` of a model trained for half a minute.
pub(super) fn prepare(bed: &Bed, folder: &Path) -> Result<Site> {
    let (data, images) = (folder.join("data"), folder.join("images"));
    std::fs::create_dir_all(&images)?;
    pictures::write_dataset(&images, PICTURES)?;
    let site = Site::new(bed, &data);
    let images_path = images.to_str().context("a folder with a readable name")?;
    let coco = images.join("coco.json");
    let coco = coco.to_str().context("a file with a readable name")?;
    say("importing and training a small model …");
    site.run(&[
        "import",
        "--format",
        "coco",
        "--images",
        images_path,
        "--annotations",
        coco,
        "--dataset",
        "discs",
        "--version",
        "v1",
        "--split",
        "from-file",
    ])?;
    site.run(&["train", "--dataset", "discs/v1", "--model", "discs", "--time-limit", "30s", "--seed", "1"])?;
    site.run(&["deploy", "--name", "bench", "--model", "discs/1"])?;
    Ok(site)
}

/// Asks for predictions from so many clients at once.
pub(super) fn ask(server: &Server, clients: u64, requests: u64) -> Result<Times> {
    let never = AtomicBool::new(false);
    ask_until(server, clients, requests, &never)?.context("no request was made")
}

/// Asks until the number is reached, or until told to stop.
fn ask_until(server: &Server, clients: u64, requests: u64, stop: &AtomicBool) -> Result<Option<Times>> {
    let pictures: Vec<Vec<u8>> = (100..116).map(pictures::jpeg).collect::<Result<_>>()?;
    let pictures = &pictures;
    let times = std::thread::scope(|scope| {
        let client = |_| scope.spawn(move || one_client(server, pictures, requests / clients, stop));
        let running: Vec<_> = (0..clients).map(client).collect();
        let joined =
            running.into_iter().map(|thread| thread.join().map_err(|_| anyhow!("a client panicked"))?);
        joined.collect::<Result<Vec<_>>>()
    })?;
    Ok(Times::new(times.into_iter().flatten().collect()))
}

fn one_client(
    server: &Server,
    pictures: &[Vec<u8>],
    requests: u64,
    stop: &AtomicBool,
) -> Result<Vec<Duration>> {
    let mut connection = server.connect()?;
    let mut times = Vec::new();
    for picture in pictures.iter().cycle().take(usize::try_from(requests)?) {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let sent = Instant::now();
        let content = Content { media_type: "image/jpeg", body: picture, idempotency_key: None };
        connection.post(PATH, &content)?.ok()?;
        times.push(sent.elapsed());
    }
    Ok(times)
}

/// Measures while `fovea train` runs beside the server. Nothing when the
/// training was over before enough was measured.
fn while_training(site: &Site, server: &Server) -> Result<Option<Times>> {
    let mut train = site.command(&[
        "train",
        "--dataset",
        "discs/v1",
        "--model",
        "discs",
        "--time-limit",
        "90s",
        "--seed",
        "2",
    ]);
    let mut child = train.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    // Decoding and the first steps are not what is asked about: warm up first.
    let warm = ask(server, 1, 60);
    let times = warm.and_then(|_| ask(server, 1, REQUESTS));
    let still_running = child.try_wait()?.is_none();
    child.kill()?;
    child.wait()?;
    Ok(times.map(Some)?.filter(|_| still_running))
}
