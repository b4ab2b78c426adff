//! `fovea import`.

mod checking;
mod choices;
mod given;

use super::{
    WrongUse,
    global::{GlobalOptions, Target},
    output::{self, Progress},
    remote_import,
};
use crate::http::api::DatasetVersionBody;
use choices::ChoiceOptions;
use clap::{Args, ValueEnum, builder::PossibleValue};
use domain::{dataset_import::ImportChoices, name::Name};
use formats::{Choices, Fault, Format, ImportFormat, LeftOut, Options, SplitChoice};
use given::GivenFiles;
use serde_json::json;
use service::{As, ImportRequest};
use std::{path::PathBuf, sync::LazyLock};

/// Faults shown one by one; the rest is counted.
const SHOWN_FAULTS: usize = 20;

/// Reads labelled images into a new dataset version.
#[derive(Args)]
#[command(
    disable_version_flag = true,
    after_help = "Examples:\n  fovea import cells.zip --dataset cells --check\n  fovea import --format coco --images photos --annotations boxes.json --dataset cells\n  fovea import --format voc --images JPEGImages --annotations Annotations --dataset cells --split train"
)]
pub(super) struct Import {
    /// A folder, or a zip, tar or tar.gz, of images and annotations.
    #[arg(value_name = "FILES", required_unless_present_any = ["images", "annotations"], conflicts_with_all = ["images", "annotations"])]
    files: Option<PathBuf>,
    /// The form of the annotations.
    #[arg(long, value_enum, default_value = "auto")]
    format: ImportWord,
    /// Folder of the images.
    #[arg(long, value_name = "DIR", requires = "annotations")]
    images: Option<PathBuf>,
    /// COCO: the JSON file. VOC and YOLO: the folder.
    #[arg(long, value_name = "PATH", requires = "images")]
    annotations: Option<PathBuf>,
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
    #[command(flatten)]
    choices: ChoiceOptions,
    /// Only look: print the whole report, and store nothing.
    #[arg(long)]
    check: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// A format that can be written, by its word on the command line.
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

/// A format that can be read, by its word on the command line; none for the
/// one that the files look like.
#[derive(Clone, Copy, Debug)]
struct ImportWord(Option<ImportFormat>);

impl ValueEnum for ImportWord {
    fn value_variants<'a>() -> &'a [Self] {
        static WORDS: LazyLock<Vec<ImportWord>> = LazyLock::new(|| {
            [None].into_iter().chain(ImportFormat::all().map(Some)).map(ImportWord).collect()
        });
        WORDS.as_slice()
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self.0 {
            Some(format) => PossibleValue::new(format.as_str()).help(format.about()),
            None => PossibleValue::new("auto").help("What the files look like, if that is sure"),
        })
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
        let files = GivenFiles::open(self.files, self.images.zip(self.annotations))?;
        let choices = checked(self.choices)?;
        let format = match self.format.0 {
            Some(format) => format,
            None => files.format(&Options { split: self.split, choices, ..Options::default() })?,
        };
        let request = ImportRequest {
            format,
            images: files.images.clone(),
            annotations: files.annotations.clone(),
            dataset: self.dataset,
            version: self.version,
            split: self.split,
            strict: self.strict,
            choices,
        };
        if self.check {
            return checking::check(request, &files, self.json).await;
        }
        let mut progress = Progress::new("images");
        let mut step = |done, all| progress.set(done, all);
        let (version, left_out, faults, notes) = match global.target().await? {
            Target::Data(data) => {
                let report = data.service.catalogue().import(&As::system(), request, &mut step).await?;
                data.store.close().await?;
                (report.version.into(), report.left_out, report.faults, report.notes)
            }
            Target::Server(server) => remote_import::import(&server, request, &mut step).await?,
        };
        progress.finish();
        if self.json {
            return output::json(&json!({
                "version": version, "faults": faults, "notes": notes,
                "left_out": { "images": left_out.images, "boxes": left_out.boxes },
            }));
        }
        print(&version, left_out, &faults, &notes);
        Ok(())
    }
}

/// The choices, if there is an encoding of that name.
///
/// # Errors
/// There is none.
fn checked(options: ChoiceOptions) -> Result<Choices, WrongUse> {
    Choices::try_from(&ImportChoices::from(options)).map_err(|error| WrongUse(format!("--encoding: {error}")))
}

fn print(version: &DatasetVersionBody, left_out: LeftOut, faults: &[Fault], notes: &[String]) {
    show_faults(faults);
    notes.iter().for_each(|note| output::note(note));
    let splits = version.by_split.iter().map(|(split, count)| format!("{split} {count}"));
    let splits = splits.collect::<Vec<_>>().join(", ");
    let DatasetVersionBody { name, images, boxes, .. } = version;
    output::line(&format!("{name}: {images} images ({splits}), {boxes} boxes"));
    output::line(&format!("fingerprint {}", version.fingerprint));
    if left_out != LeftOut::default() {
        output::line(&format!("left out: {} images, {} boxes", left_out.images, left_out.boxes));
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
