//! `fovea import`.

use super::{
    global::{GlobalOptions, Target},
    output::{self, Progress},
    remote_import,
};
use crate::http::api::DatasetVersionBody;
use clap::{Args, ValueEnum, builder::PossibleValue};
use domain::name::Name;
use formats::{Fault, Format, LeftOut, SplitChoice};
use serde_json::json;
use service::{As, ImportRequest};
use std::{path::PathBuf, sync::LazyLock};

/// Faults shown one by one; the rest is counted.
const SHOWN_FAULTS: usize = 20;

/// Reads labelled images into a new dataset version.
#[derive(Args)]
#[command(
    disable_version_flag = true,
    after_help = "Examples:\n  fovea import --format coco --images photos --annotations boxes.json --dataset cells\n  fovea import --format voc --images JPEGImages --annotations Annotations --dataset cells --split train"
)]
pub(super) struct Import {
    /// The form of the annotations.
    #[arg(long, value_enum)]
    format: FormatWord,
    /// Folder of the images.
    #[arg(long, value_name = "DIR")]
    images: PathBuf,
    /// COCO: the JSON file. VOC and YOLO: the folder.
    #[arg(long, value_name = "PATH")]
    annotations: PathBuf,
    /// The dataset; made when there is none of this name.
    #[arg(long, value_name = "NAME")]
    dataset: Name,
    /// The version; v1, v2 … when left out.
    #[arg(long, value_name = "NAME")]
    version: Option<Name>,
    /// train, val or test for all images, or what the files say.
    #[arg(long, default_value = "from-file", value_parser = parse_split)]
    split: SplitChoice,
    /// Accept nothing that is faulty.
    #[arg(long)]
    strict: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// A format by its word on the command line.
#[derive(Clone, Copy, Debug)]
pub(super) struct FormatWord(Format);

impl ValueEnum for FormatWord {
    fn value_variants<'a>() -> &'a [Self] {
        static WORDS: LazyLock<Vec<FormatWord>> =
            LazyLock::new(|| Format::ALL.into_iter().map(FormatWord).collect());
        WORDS.as_slice()
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.0.as_str()).help(self.0.about()))
    }
}

impl From<FormatWord> for Format {
    fn from(word: FormatWord) -> Self {
        word.0
    }
}

fn parse_split(text: &str) -> Result<SplitChoice, String> {
    match text {
        "from-file" => Ok(SplitChoice::FromFile),
        text => text
            .parse()
            .map(SplitChoice::All)
            .map_err(|_| format!("{text:?} is not a split: use train, val, test or from-file")),
    }
}

impl Import {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let request = ImportRequest {
            format: self.format.into(),
            images: self.images,
            annotations: self.annotations,
            dataset: self.dataset,
            version: self.version,
            split: self.split,
            strict: self.strict,
        };
        let mut progress = Progress::new("images");
        let mut step = |done, all| progress.set(done, all);
        let (version, left_out, faults) = match global.target().await? {
            Target::Data(data) => {
                let report = data.service.catalogue().import(&As::system(), request, &mut step).await?;
                data.store.close().await?;
                (report.version.into(), report.left_out, report.faults)
            }
            Target::Server(server) => remote_import::import(&server, request, &mut step).await?,
        };
        progress.finish();
        if self.json {
            return output::json(&json!({
                "version": version, "faults": faults,
                "left_out": { "images": left_out.images, "boxes": left_out.boxes },
            }));
        }
        print(&version, left_out, &faults);
        Ok(())
    }
}

fn print(version: &DatasetVersionBody, left_out: LeftOut, faults: &[Fault]) {
    show_faults(faults);
    let splits = version.by_split.iter().map(|(split, count)| format!("{split} {count}"));
    let splits = splits.collect::<Vec<_>>().join(", ");
    let DatasetVersionBody { name, images, boxes, .. } = version;
    output::line(&format!("{name}: {images} images ({splits}), {boxes} boxes"));
    output::line(&format!("fingerprint {}", version.fingerprint));
    if left_out != LeftOut::default() {
        output::line(&format!("left out as faulty: {} images, {} boxes", left_out.images, left_out.boxes));
    }
}

pub(super) fn show_faults(faults: &[Fault]) {
    for fault in faults.iter().take(SHOWN_FAULTS) {
        output::note(&fault.to_string());
    }
    if let Some(more) = faults.len().checked_sub(SHOWN_FAULTS).filter(|more| *more > 0) {
        output::note(&format!("… and {more} more; --json lists them"));
    }
}
