//! A detector of another program: request to answer, beside the engine alone
//! and, where ONNX Runtime runs it, beside the usual way to serve it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::figures::{Row, Times, millis};
use super::http::{Connection, Content};
use super::server::{self, Server, Site};
use super::{Bed, onnx, pictures};
use crate::build;
use crate::process::{capture, say};

/// Requests to one server before the next one's turn: what else the machine does
/// then weighs on all of them.
const TURN: usize = 20;
/// Turns of each server.
const TURNS: usize = 10;
/// Requests before anything is measured.
const WARM_UP: usize = 10;
/// Most that a request may take, as a multiple of the engine alone.
const OVERHEAD: f64 = 1.15;
/// What the peer runs on.
const PACKAGES: [&str; 5] = ["fastapi", "numpy", "onnxruntime", "pillow", "uvicorn"];
/// Where predictions are asked for.
const PREDICT: &str = "/api/v1/deployments/imported/predict";
/// How long the peer may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is measured instead of our own detector.
#[derive(Debug, Clone)]
pub(crate) struct Imported {
    /// The detector.
    pub(crate) file: PathBuf,
    /// A library of ONNX Runtime, to be measured besides.
    pub(crate) library: Option<PathBuf>,
}

/// Imports the file, serves it, and measures.
pub(super) fn measure(bed: &Bed, imported: &Imported) -> Result<Vec<Row>> {
    let pictures: Vec<Vec<u8>> = (100..100 + TURN as u64).map(pictures::jpeg).collect::<Result<_>>()?;
    let folder = tempfile::tempdir()?;
    let engine = engine_program(bed)?;
    let files = write(folder.path(), &pictures)?;
    let alone = Engine { program: engine, imported, pictures: files };
    let mut rows = beside_the_engine(bed, &alone, None, &pictures, &folder.path().join("own"))?;
    if let Some(library) = &imported.library {
        let data = folder.path().join("onnxruntime");
        rows.extend(beside_the_engine(bed, &alone, Some(library), &pictures, &data)?);
    }
    Ok(rows)
}

/// The program that runs the engine and nothing else: beside the one that is
/// measured, or built.
fn engine_program(bed: &Bed) -> Result<PathBuf> {
    let beside = bed.binary.with_file_name("examples").join("detect");
    if bed.weight.is_none() && beside.is_file() {
        return Ok(beside);
    }
    build::build_example(&bed.workspace, bed.profile, "detect")
}

fn write(folder: &Path, pictures: &[Vec<u8>]) -> Result<Vec<PathBuf>> {
    let write = |(number, picture): (usize, &Vec<u8>)| {
        let path = folder.join(format!("{number}.jpg"));
        std::fs::write(&path, picture)?;
        Ok(path)
    };
    pictures.iter().enumerate().map(write).collect()
}

/// The engine without a server.
struct Engine<'a> {
    program: PathBuf,
    imported: &'a Imported,
    pictures: Vec<PathBuf>,
}

impl Engine<'_> {
    /// The time of each picture, decoded before.
    fn run(&self, library: Option<&Path>) -> Result<Vec<Duration>> {
        let mut command = Command::new(&self.program);
        command.arg("--times").arg(&self.imported.file).args(&self.pictures);
        command.env_remove("FOVEA_ONNXRUNTIME").envs(library.map(|path| ("FOVEA_ONNXRUNTIME", path)));
        let printed = capture(&mut command)?;
        let times: Vec<f64> = serde_json::from_str(&printed).context("the engine printed no times")?;
        // The first pictures find nothing in its place yet.
        let times = times.into_iter().skip(WARM_UP);
        Ok(times.map(|milliseconds| Duration::from_secs_f64(milliseconds / 1e3)).collect())
    }
}

/// Request to answer, the engine alone, and the peer, in turns.
fn beside_the_engine(
    bed: &Bed,
    engine: &Engine<'_>,
    library: Option<&Path>,
    pictures: &[Vec<u8>],
    data: &Path,
) -> Result<Vec<Row>> {
    let server = serve(bed, &engine.imported.file, library, data)?;
    let peer = library.map(|_| Peer::start(bed, &engine.imported.file)).transpose()?;
    let mut ours = server.connect()?;
    let mut theirs = peer.as_ref().map(Peer::connect).transpose()?;
    ask(&mut ours, PREDICT, &pictures[..WARM_UP])?;
    if let Some(theirs) = &mut theirs {
        ask(theirs, "/predict", &pictures[..WARM_UP])?;
    }
    let (mut alone, mut served, mut usual) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 1..=TURNS {
        say(&format!("turn {turn} of {TURNS} …"));
        alone.extend(engine.run(library)?);
        served.extend(ask(&mut ours, PREDICT, pictures)?);
        if let Some(theirs) = &mut theirs {
            usual.extend(ask(theirs, "/predict", pictures)?);
        }
    }
    let times = |times| Times::new(times).context("nothing was measured");
    Ok(rows(library, &times(alone)?, &times(served)?, Times::new(usual).as_ref()))
}

fn rows(library: Option<&Path>, alone: &Times, served: &Times, usual: Option<&Times>) -> Vec<Row> {
    let by = if library.is_some() { "ONNX Runtime" } else { "rten" };
    let limit = alone.percentile(50).mul_f64(OVERHEAD);
    let mut rows = vec![
        Row::plain(&format!("engine alone, {by}"), alone.describe()),
        Row::judged(
            &format!("request to answer, {by}"),
            served.describe(),
            &format!("p50 ≤ {OVERHEAD} × alone = {}", millis(limit)),
            served.percentile(50) <= limit,
        ),
    ];
    if let Some(usual) = usual {
        rows.push(Row::judged(
            "FastAPI, Pillow, ONNX Runtime",
            usual.describe(),
            &format!("p50 ≥ ours = {}", millis(served.percentile(50))),
            usual.percentile(50) >= served.percentile(50),
        ));
    }
    rows
}

/// A server with a deployment `imported` of the file.
fn serve(bed: &Bed, file: &Path, library: Option<&Path>, data: &Path) -> Result<Server> {
    let mut site = Site::new(bed, data);
    if let Some(library) = library {
        site = site.with_option("--onnxruntime", library.to_str().context("a library with a readable name")?);
    }
    let file = file.to_str().context("a file with a readable name")?;
    site.run(&["model", "import", file, "--model", "imported"])?;
    site.run(&["deploy", "--name", "imported", "--model", "imported/1"])?;
    site.serve(site.token()?)
}

fn ask(connection: &mut Connection, path: &str, pictures: &[Vec<u8>]) -> Result<Vec<Duration>> {
    let mut one = |picture: &Vec<u8>| {
        let sent = Instant::now();
        let content = Content { media_type: "image/jpeg", body: picture, idempotency_key: None };
        connection.post(path, &content)?.ok()?;
        Ok(sent.elapsed())
    };
    pictures.iter().map(&mut one).collect()
}

/// The usual way to serve a detector, ended with the measurement.
struct Peer {
    child: Child,
    address: SocketAddr,
}

impl Peer {
    fn start(bed: &Bed, file: &Path) -> Result<Self> {
        let python = onnx::python_with(bed, &PACKAGES)?;
        let address = server::free_address()?;
        let script = bed.workspace.root().join("crates/engine/bench/fastapi_peer.py");
        let child = Command::new(python)
            .arg(script)
            .arg(file)
            .arg(address.port().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .context("cannot start the peer")?;
        let mut peer = Self { child, address };
        let started = Instant::now();
        while !server::is_ready(address) {
            if let Some(status) = peer.child.try_wait()? {
                bail!("the peer ended with {status} before it was ready");
            }
            if started.elapsed() > PATIENCE {
                bail!("the peer was not ready after {PATIENCE:?}");
            }
            server::pause();
        }
        Ok(peer)
    }

    fn connect(&self) -> Result<Connection> {
        Connection::open(self.address, "")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may be gone already: then there is nothing left to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::figures::table;

    fn times(milliseconds: u64) -> Times {
        Times::new(vec![Duration::from_millis(milliseconds)]).unwrap()
    }

    #[test]
    fn a_request_may_take_so_much_more_than_the_engine_alone() {
        let table = |served: u64, usual: Option<u64>| {
            let usual = usual.map(times);
            table(&rows(Some(Path::new("lib")), &times(100), &times(served), usual.as_ref()))
        };
        assert!(!table(115, Some(115)).contains("MISSED"));
        assert_eq!(table(116, Some(120)).matches("MISSED").count(), 1);
        assert_eq!(table(116, Some(110)).matches("MISSED").count(), 2);
        assert_eq!(table(100, None).matches("met").count(), 1);
    }
}
