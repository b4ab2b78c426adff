//! `cargo xtask bench`: the figures to reach, measured on the release build,
//! with the machine's name. Never part of the tests.

mod browser;
mod canvas;
mod coco;
mod dashboards;
mod detector;
mod figures;
mod hostile;
mod http;
mod imported;
mod load;
mod machine;
mod onnx;
mod pages;
mod pictures;
mod predict;
mod reports;
mod scrolling;
mod server;
mod shadow;
mod start;

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::process::say;
use crate::setup::{self, Purpose};
use crate::workspace::{Profile, Workspace};
use crate::{build, site};
pub(crate) use detector::Training;
use figures::Row;
pub(crate) use imported::Imported;

/// A group of figures that can be measured by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Bench {
    /// The weight of the WASM.
    Wasm,
    /// One prediction, from request to answer.
    Predict,
    /// The champion's latency under a shadow.
    Shadow,
    /// Reported predictions a second.
    Reports,
    /// Start of `serve` on a folder that is there.
    Start,
    /// A hundred open dashboards.
    Dashboards,
    /// A hundred open dashboards while twenty clients report.
    Load,
    /// What others notice while somebody tries to exhaust the server.
    Hostile,
    /// A page of predictions among a million.
    Pages,
    /// The COCO evaluator beside its peers.
    Coco,
    /// Inference beside ONNX Runtime: our own detector, or the one of `--onnx`.
    Onnx,
    /// A frame of the review, and the way to the next image.
    Canvas,
    /// Trainings on the data sets below `FOVEA_DATA`; only when named, since
    /// each takes minutes.
    Detector,
}

impl Bench {
    const ALL: [Self; 12] = [
        Self::Wasm,
        Self::Predict,
        Self::Shadow,
        Self::Reports,
        Self::Start,
        Self::Dashboards,
        Self::Load,
        Self::Hostile,
        Self::Pages,
        Self::Coco,
        Self::Onnx,
        Self::Canvas,
    ];
}

/// What a measurement may know.
#[derive(Debug, Clone)]
pub(crate) struct Bed {
    workspace: Workspace,
    profile: Profile,
    /// The program that is measured.
    binary: PathBuf,
    /// The WASM as it was built for this run; none when the program was given.
    weight: Option<site::Weight>,
    /// How many predictions the pages are taken from.
    stored: u64,
    /// What runs the built-in detector; as it is by itself when `None`.
    device: Option<String>,
    /// The detector of another program that is measured.
    imported: Option<Imported>,
    /// How the built-in detector is trained.
    training: Training,
}

/// What to measure, and on which build.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Nothing means everything.
    pub(crate) benches: Vec<Bench>,
    pub(crate) profile: Profile,
    /// A `fovea` that is there already, to measure it as it is: so two builds
    /// are compared on one machine. Nothing is built then.
    pub(crate) binary: Option<PathBuf>,
    /// How many predictions the pages are taken from.
    pub(crate) stored: u64,
    /// What runs the built-in detector, as `fovea --device` takes it.
    pub(crate) device: Option<String>,
    /// A detector of another program, to measure that one.
    pub(crate) imported: Option<Imported>,
    /// How the built-in detector is trained.
    pub(crate) training: Training,
}

/// Builds, measures and prints. A measurement that cannot be made is said so
/// and does not keep the others back.
pub(crate) fn bench(workspace: &Workspace, request: &Request) -> Result<()> {
    let bed = bed(workspace, request)?;
    let benches = if request.benches.is_empty() { Bench::ALL.to_vec() } else { request.benches.clone() };
    let mut rows = Vec::new();
    for bench in benches {
        say(&format!("\n— {bench:?}"));
        rows.extend(measure(&bed, bench).unwrap_or_else(|error| vec![Row::missing(bench, &error)]));
    }
    let build = request
        .binary
        .as_ref()
        .map_or_else(|| request.profile.native_name().to_owned(), |binary| binary.display().to_string());
    println!("\n{} · build: {build}", machine::describe());
    println!("{}", figures::table(&rows));
    Ok(())
}

fn bed(workspace: &Workspace, request: &Request) -> Result<Bed> {
    let (binary, weight) = match &request.binary {
        Some(binary) => (std::path::absolute(binary)?, None),
        None => {
            setup::setup(workspace, Purpose::Run)?;
            let built = build::build(workspace, request.profile)?;
            (workspace.binary(request.profile), Some(built.weight))
        }
    };
    Ok(Bed {
        workspace: workspace.clone(),
        profile: request.profile,
        binary,
        weight,
        stored: request.stored,
        device: request.device.clone(),
        imported: request.imported.clone(),
        training: request.training.clone(),
    })
}

fn measure(bed: &Bed, bench: Bench) -> Result<Vec<Row>> {
    match bench {
        Bench::Wasm => Ok(wasm(bed.weight.context("no WASM was built for a program that is given")?)),
        Bench::Predict => predict::measure(bed),
        Bench::Shadow => shadow::measure(bed),
        Bench::Dashboards => dashboards::measure(bed),
        Bench::Load => load::measure(bed),
        Bench::Hostile => hostile::measure(bed),
        Bench::Reports => reports::measure(bed),
        Bench::Start => start::measure(bed),
        Bench::Pages => pages::measure(bed),
        Bench::Coco => coco::measure(bed),
        Bench::Onnx => match &bed.imported {
            Some(imported) => imported::measure(bed, imported),
            None => onnx::measure(bed),
        },
        Bench::Canvas => canvas::measure(bed),
        Bench::Detector => detector::measure(bed, &bed.training),
    }
}

fn wasm(weight: site::Weight) -> Vec<Row> {
    let goal = format!("≤ {}", site::kilobytes(site::WASM_GZIP_LIMIT));
    vec![
        Row::judged(
            "WASM of the heaviest page, gzip",
            site::kilobytes(weight.page_gzip),
            &goal,
            weight.check().is_ok(),
        ),
        Row::plain("WASM of a prediction shown large, gzip", site::kilobytes(weight.large_gzip)),
        Row::plain("WASM of the first load, gzip", site::kilobytes(weight.wasm_gzip)),
        Row::plain("WASM of the first load, brotli", site::kilobytes(weight.wasm_brotli)),
    ]
}
