//! `fovea model …`.

use super::{
    global::{GlobalOptions, Target},
    output,
};
use crate::{
    client::Upload,
    http::api::{AtMost, ImportedBody, InspectedBody, ModelVersionBody, NewModelBody},
};
use anyhow::Context;
use bytes::Bytes;
use clap::{Args, Subcommand};
use domain::{
    model::ModelFormat,
    name::{Label, Name, VersionRef},
};
use service::{As, MOST_MODEL_BYTES, model_hints};
use std::path::PathBuf;

/// Models.
#[derive(Args)]
pub(super) struct Model {
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    Register(Register),
    Export(Export),
    Import(Import),
}

/// Registers a model that is served elsewhere: a version without weights,
/// whose deployment only takes reports.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea model register traffic --labels car,truck,bicycle")]
struct Register {
    /// The model's name.
    name: Name,
    /// Its classes, separated by commas.
    #[arg(long, value_delimiter = ',', required = true)]
    labels: Vec<Label>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Writes a version's weights, as they were trained or imported, and its card.
#[derive(Args)]
#[command(after_help = "Example:\n  fovea model export cells/2 --out cells-2.safetensors --card cells-2.md
  fovea model export traffic/1       writes traffic-1.onnx

Without --out the file is called after the version, with the end of its name
that its format has.")]
struct Export {
    /// Which.
    #[arg(value_name = "MODEL/NUMBER")]
    model: VersionRef,
    /// Receives the weights [default: MODEL-NUMBER.onnx or .safetensors here].
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Receives the card: labels, lineage, parameters and figures, in Markdown.
    #[arg(long, value_name = "FILE")]
    card: Option<PathBuf>,
}

/// Makes the next version of a model out of a file: an ONNX graph, or weights
/// that a Fovea exported.
#[derive(Args)]
#[command(after_help = "Examples:
  fovea model import yolo11n.onnx --model traffic
  fovea model import detr.onnx --model traffic --labels car,truck,bicycle --recipe detr.json
  fovea model import cells-2.safetensors --model cells

A graph that does not say how it is to be asked is refused with what was seen of
it and a recipe to start from: save that, change what is wrong, and give it with
--recipe. docs/models.md describes every field.")]
struct Import {
    /// The model: which of the two it is, its bytes say.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The model that receives the version; made when there is none.
    #[arg(long)]
    model: Name,
    /// How a graph is fed and read, where it does not say so itself: JSON.
    #[arg(long, value_name = "FILE")]
    recipe: Option<PathBuf>,
    /// The labels in the order of the outputs, where a graph does not name
    /// them: separated by commas, or a file with one a line.
    #[arg(long, value_name = "LABELS|FILE")]
    labels: Option<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

impl Model {
    pub(super) async fn run(self, global: &GlobalOptions) -> anyhow::Result<()> {
        let target = global.target().await?;
        match self.act {
            Act::Register(register) => register.run(target).await,
            Act::Export(export) => export.run(target).await,
            Act::Import(import) => import.run(target).await,
        }
    }
}

impl Register {
    async fn run(self, target: Target) -> anyhow::Result<()> {
        let version: ModelVersionBody = match target {
            Target::Data(data) => {
                let version =
                    data.service.catalogue().register_model(&As::system(), self.name, self.labels).await?;
                version.into()
            }
            Target::Server(server) => {
                let labels = self.labels.into_iter().map(String::from).collect();
                let body = NewModelBody { name: self.name.to_string(), labels: AtMost(labels) };
                server.post("models", &body).await?
            }
        };
        say(&version, self.json)
    }
}

impl Export {
    async fn run(self, target: Target) -> anyhow::Result<()> {
        let (format, weights, card) = match target {
            Target::Data(data) => {
                let (catalogue, who) = (data.service.catalogue(), As::system());
                let format = catalogue.model_version(&who, &self.model).await?.weights.map(|w| w.format);
                let card = Bytes::from(catalogue.model_card(&who, &self.model).await?);
                (format, catalogue.model_weights(&who, &self.model).await?, card)
            }
            Target::Server(server) => {
                let path = format!("models/{}", self.model);
                let version: ModelVersionBody = server.get(&path).await?;
                let format = version.format.as_deref().and_then(ModelFormat::parse);
                let card = server.get_bytes(&format!("{path}/card")).await?;
                (format, server.get_bytes(&format!("{path}/weights")).await?, card)
            }
        };
        let write = |path: &PathBuf, bytes: &Bytes| {
            std::fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
        };
        let out = self.out.unwrap_or_else(|| {
            let VersionRef { name, version } = &self.model;
            PathBuf::from(format!("{name}-{version}.{}", format.unwrap_or_default().extension()))
        });
        write(&out, &weights)?;
        if let Some(path) = &self.card {
            write(path, &card)?;
        }
        output::line(&format!("{} is in {}: {} bytes", self.model, out.display(), weights.len()));
        Ok(())
    }
}

impl Import {
    async fn run(self, target: Target) -> anyhow::Result<()> {
        let (recipe, labels) = (self.recipe_text()?, self.labels_text()?);
        let refused = || format!("{} cannot be imported", self.file.display());
        let body: ImportedBody = match target {
            Target::Data(data) => {
                let hints = model_hints(&recipe, &labels)?;
                let catalogue = data.service.catalogue();
                let imported =
                    catalogue.import_model(&As::system(), self.model.clone(), &self.file, hints).await;
                let imported = imported.with_context(refused)?;
                ImportedBody { version: imported.version.into(), inspected: imported.inspected.into() }
            }
            Target::Server(server) => {
                let bytes = self.read()?;
                let filename = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let file = Upload { filename, bytes: Bytes::from(bytes) };
                let fields = [("name", self.model.to_string()), ("recipe", recipe), ("labels", labels)];
                let sent = server.post_form_of("file", "models/import", file, &fields).await;
                sent.with_context(refused)?
            }
        };
        if self.json {
            return output::json(&body);
        }
        say_what_was_seen(&body.inspected);
        output::line(&body.version.name);
        Ok(())
    }

    /// The whole file, unless it is larger than any model.
    fn read(&self) -> anyhow::Result<Vec<u8>> {
        let unreadable = || format!("{} cannot be read", self.file.display());
        let length = std::fs::metadata(&self.file).with_context(unreadable)?.len();
        anyhow::ensure!(
            length <= MOST_MODEL_BYTES,
            "{} has {length} bytes; at most {MOST_MODEL_BYTES} are read",
            self.file.display()
        );
        std::fs::read(&self.file).with_context(unreadable)
    }

    fn recipe_text(&self) -> anyhow::Result<String> {
        let Some(path) = &self.recipe else { return Ok(String::new()) };
        std::fs::read_to_string(path).with_context(|| format!("the recipe {} cannot be read", path.display()))
    }

    /// What `--labels` names: the text of a file that is there, or itself.
    fn labels_text(&self) -> anyhow::Result<String> {
        let Some(text) = &self.labels else { return Ok(String::new()) };
        let path = std::path::Path::new(text);
        if !path.is_file() {
            return Ok(text.clone());
        }
        std::fs::read_to_string(path).with_context(|| format!("the labels {text} cannot be read"))
    }
}

/// What a file turned out to be, for who imports it by hand.
fn say_what_was_seen(inspected: &InspectedBody) {
    let InspectedBody { format, labels, explanation, notes, trainable, .. } = inspected;
    output::note(&format!("{}, {} labels: {}", format_words(format), labels.len(), some_of(labels)));
    for sentence in explanation.iter().chain(notes) {
        output::note(sentence);
    }
    if !trainable {
        output::note("It predicts here; the built-in trainer cannot go on from it.");
    }
}

fn format_words(format: &str) -> &str {
    ModelFormat::parse(format).map_or(format, |known| known.label())
}

/// The first of many words.
fn some_of(words: &[String]) -> String {
    /// As many as a line holds.
    const SHOWN: usize = 12;
    let shown = words.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if words.len() > SHOWN { format!("{shown} …") } else { shown }
}

/// The version that was made.
fn say(version: &ModelVersionBody, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return output::json(version);
    }
    output::line(&version.name);
    Ok(())
}
