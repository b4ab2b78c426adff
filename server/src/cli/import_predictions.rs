//! `fovea import-predictions`: what a model saw before anybody watched.

mod storing;

use super::{
    WrongUse,
    global::{GlobalOptions, Target},
};
use crate::http::api::report_of_line;
use anyhow::Context as _;
use clap::{Args, ValueEnum, builder::PossibleValue};
use domain::{
    name::Label,
    prediction::{Provenance, Report},
    time::Timestamp,
};
use formats::{DetectedImage, DetectionFormat, DetectionReport, DetectionSource};
use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use storing::{print, store_all};
use tokio::sync::mpsc;

/// Reports that are sent together.
const BATCH: usize = 256;
/// Reports that were read and wait to be sent.
const WAITING: usize = 2 * BATCH;
/// Bytes of one line of reports; the API takes no longer ones.
const LINE_BYTES: u64 = 1024 * 1024;
/// Bytes of an image in which its EXIF block begins.
const HEAD_BYTES: u64 = 256 * 1024;

/// Stores detections with scores as predictions of the time they were made.
///
/// The deployment's figures of that time show them: a year of history can be
/// looked at at once. The same predictions are stored once, however often the
/// command runs: what was cut off is gone on with by running it again.
#[derive(Args)]
#[command(
    after_help = "Examples:\n  fovea import-predictions --deployment street --format coco --detections results.json --image-list instances_val.json --time date_captured\n  fovea import-predictions --deployment street --format yolo --detections runs/detect/predict/labels --images photos --labels car,bus --time exif\n  fovea import-predictions --deployment street --format csv --detections year.csv --check"
)]
pub(super) struct ImportPredictions {
    /// The deployment's name or id. One that only takes reports is made by
    /// `fovea model register` and `fovea deploy`.
    #[arg(long, value_name = "NAME")]
    deployment: String,
    /// The form of the detections.
    #[arg(long, value_enum)]
    format: FormatWord,
    /// The file or folder of the detections.
    #[arg(long, value_name = "PATH")]
    detections: PathBuf,
    /// The folder of the images: for their sizes, and for --time file and exif.
    #[arg(long, value_name = "DIR")]
    images: Option<PathBuf>,
    /// The JSON file that lists COCO's images and categories.
    #[arg(long, value_name = "FILE")]
    image_list: Option<PathBuf>,
    /// Names of YOLO's classes, in order.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    labels: Vec<Label>,
    /// When each was predicted: the name of a column or member, `file` for the
    /// image file's own time, `exif` for the camera's; what the files say when
    /// left out.
    #[arg(long, value_name = "WHAT", conflicts_with = "from")]
    time: Option<String>,
    /// When the first was predicted; the others follow it.
    #[arg(long, value_name = "TIME", requires = "every")]
    from: Option<Timestamp>,
    /// How long after the one before each was predicted.
    #[arg(long, value_name = "TIME", requires = "from", value_parser = humantime::parse_duration)]
    every: Option<Duration>,
    /// How long a prediction took, where the files do not say.
    #[arg(long, value_name = "MS", default_value_t = 0.0)]
    latency_ms: f64,
    /// Which camera, line or client they came from.
    #[arg(long, value_name = "NAME")]
    source: Option<String>,
    /// Which model predicted; the champion when left out.
    #[arg(long, value_name = "NAME/N")]
    model: Option<String>,
    /// Only read: store nothing.
    #[arg(long)]
    check: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// A form of detections by its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FormatWord {
    Detections(DetectionFormat),
    /// Our own reports.
    Ndjson,
}

impl ValueEnum for FormatWord {
    fn value_variants<'a>() -> &'a [Self] {
        use DetectionFormat::{Coco, Csv, FiftyOne, Ultralytics, Yolo};
        const WORDS: [FormatWord; 6] = [
            FormatWord::Detections(Coco),
            FormatWord::Detections(Yolo),
            FormatWord::Detections(Ultralytics),
            FormatWord::Detections(FiftyOne),
            FormatWord::Detections(Csv),
            FormatWord::Ndjson,
        ];
        &WORDS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::Detections(format) => PossibleValue::new(format.as_str()).help(format.about()),
            Self::Ndjson => PossibleValue::new("ndjson").help("Fovea's own reports, one JSON object a line"),
        })
    }
}

/// What was read and not stored yet.
struct Waiting {
    report: Report,
    total: u64,
}

impl ImportPredictions {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let target = if self.check { None } else { Some(global.target().await?) };
        let (sender, receiver) = mpsc::channel(WAITING);
        let (deployment, json) = (self.deployment.clone(), self.json);
        let reading = tokio::task::spawn_blocking(move || self.read(&sender));
        let stored = store_all(target.as_ref(), &deployment, receiver).await;
        let read = reading.await??;
        let outcome = stored?;
        if let Some(Target::Data(data)) = target {
            data.store.close().await?;
        }
        print(&deployment, &outcome, &read, json)?;
        anyhow::ensure!(outcome.stored + outcome.repeated > 0 || outcome.refused == 0, "nothing was stored");
        anyhow::ensure!(outcome.images > 0, "no prediction was found");
        Ok(())
    }

    /// Reads all and gives it to whoever stores it. Blocking.
    fn read(&self, sender: &mpsc::Sender<Waiting>) -> anyhow::Result<DetectionReport> {
        match self.format {
            FormatWord::Ndjson => self.read_lines(sender),
            FormatWord::Detections(format) => self.read_detections(format, sender),
        }
    }

    fn read_detections(
        &self,
        format: DetectionFormat,
        sender: &mpsc::Sender<Waiting>,
    ) -> anyhow::Result<DetectionReport> {
        let of_file = matches!(self.time.as_deref(), Some("file" | "exif"));
        let source = DetectionSource {
            format,
            detections: self.detections.clone(),
            images: self.images.clone(),
            image_list: self.image_list.clone(),
            labels: self.labels.clone(),
            time_key: self.time.clone().filter(|_| !of_file),
        };
        let mut wrong = None;
        let mut give = |image: DetectedImage, total: u64| match self.report(image) {
            Ok(report) => sender.blocking_send(Waiting { report, total }).is_ok(),
            Err(error) => {
                wrong = Some(error);
                false
            }
        };
        let report = formats::read_detections(&source, &mut give)?;
        wrong.map_or(Ok(report), Err)
    }

    fn report(&self, image: DetectedImage) -> anyhow::Result<Report> {
        let DetectedImage { filename, path, index, size, time, latency_ms, boxes } = image;
        let time = match (self.time.as_deref(), self.from.zip(self.every)) {
            (_, Some((from, every))) => {
                let after = u128::from(index) * every.as_millis();
                Some(from.plus_ms(i64::try_from(after).unwrap_or(i64::MAX)))
            }
            (Some("file"), None) => path.as_deref().and_then(file_time),
            (Some("exif"), None) => path.as_deref().and_then(exif_time),
            _ => time,
        };
        let Some(timestamp) = time else {
            let advice =
                "say when with --time COLUMN, --time file or exif (with --images), or --from and --every";
            return Err(WrongUse(format!("when {filename:?} was predicted is not known: {advice}")).into());
        };
        let name = Path::new(&filename).file_name().map(|name| name.to_string_lossy().into_owned());
        let provenance = Provenance {
            filename: name,
            source: self.source.clone(),
            timestamp: Some(timestamp),
            ..Provenance::default()
        };
        Ok(Report {
            provenance,
            width: Some(size.width),
            height: Some(size.height),
            latency_ms: latency_ms.unwrap_or(self.latency_ms),
            boxes,
            shadow: None,
            model: self.model.clone(),
            sample: None,
        })
    }

    /// Our own reports need no reader: each line is one.
    fn read_lines(&self, sender: &mpsc::Sender<Waiting>) -> anyhow::Result<DetectionReport> {
        let shown = self.detections.display();
        let file = File::open(&self.detections).with_context(|| shown.to_string())?;
        let (mut source, mut line, mut number) = (BufReader::new(file), Vec::new(), 0_u64);
        let mut read = DetectionReport::default();
        loop {
            line.clear();
            number += 1;
            let bytes = source.by_ref().take(LINE_BYTES + 1).read_until(b'\n', &mut line)?;
            if bytes == 0 {
                return Ok(read);
            }
            anyhow::ensure!(
                bytes as u64 <= LINE_BYTES,
                "{shown}, line {number}: longer than {LINE_BYTES} bytes"
            );
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let report =
                report_of_line(&line).map_err(|why| anyhow::anyhow!("{shown}, line {number}: {why}"))?;
            read.images += 1;
            read.boxes += report.boxes.len() as u64;
            if sender.blocking_send(Waiting { report, total: 0 }).is_err() {
                return Ok(read);
            }
        }
    }
}

fn file_time(path: &Path) -> Option<Timestamp> {
    let modified = std::fs::metadata(path).ok()?.modified().ok()?;
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Timestamp::from_seconds(since.as_secs_f64())
}

fn exif_time(path: &Path) -> Option<Timestamp> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(HEAD_BYTES).read_to_end(&mut head).ok()?;
    formats::time_taken(&head)
}
