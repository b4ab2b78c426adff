//! Trainings of the built-in detector on each data set below `FOVEA_DATA`, with
//! the defaults and one command, beside the figures of the last run that is
//! kept in `docs/detector.md`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Bed;
use super::figures::Row;
use super::server::Site;
use crate::process::{say, shown};

/// Where the figures of the last run are kept.
const KEPT: &str = "docs/detector.md";

/// How long to train, and from what.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Training {
    /// For `detector`: minutes of each training.
    #[arg(long, default_value_t = 15)]
    minutes: u64,
    /// For `detector`: steps of each training instead, on machines that others use.
    #[arg(long, conflicts_with = "minutes")]
    steps: Option<u32>,
    /// For `detector`: the file of a backbone to start from.
    #[arg(long, value_name = "FILE")]
    backbone: Option<PathBuf>,
}

/// Imports, trains and measures on one data set after another.
pub(super) fn measure(bed: &Bed, training: &Training) -> Result<Vec<Row>> {
    let data = std::env::var_os("FOVEA_DATA").context("FOVEA_DATA names no folder of data sets")?;
    let kept = std::fs::read_to_string(bed.workspace.root().join(KEPT)).unwrap_or_default();
    let mut sets: Vec<PathBuf> = std::fs::read_dir(&data)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| folder.join("coco.json").is_file())
        .collect();
    sets.sort();
    if sets.is_empty() {
        bail!("there is no coco.json in a folder of {}", Path::new(&data).display());
    }
    let mut rows = Vec::new();
    for folder in sets {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        say(&name);
        let figure = trained(bed, &folder, training).unwrap_or_else(|error| format!("{error:#}"));
        let before = kept_figure(&kept, &name, training.backbone.is_some());
        rows.push(Row::plain(&name, format!("{figure}{before}")));
    }
    Ok(rows)
}

/// What a training comes to: the test split's figures, steps and their time.
fn trained(bed: &Bed, folder: &Path, training: &Training) -> Result<String> {
    let place = tempfile::tempdir()?;
    let site = Site::new(bed, &place.path().join("data"));
    let images = folder.to_str().context("a folder with a readable name")?;
    let coco = format!("{images}/coco.json");
    let import = [
        "import",
        "--format",
        "coco",
        "--images",
        images,
        "--annotations",
        &coco,
        "--dataset",
        "set",
        "--version",
        "v1",
    ];
    site.run(&import)?;
    let mut train = vec!["train".to_owned(), "--dataset".to_owned(), "set/v1".to_owned()];
    train.extend(["--model".to_owned(), "bench".to_owned()]);
    match training.steps {
        Some(steps) => train.extend([
            "--set".to_owned(),
            format!("max_steps={steps}"),
            "--set".to_owned(),
            "epochs=10000".to_owned(),
        ]),
        None => train.extend(["--time-limit".to_owned(), format!("{}m", training.minutes)]),
    }
    if let Some(backbone) = &training.backbone {
        let file = std::path::absolute(backbone)?;
        train.extend(["--backbone".to_owned(), file.display().to_string()]);
    }
    let arguments: Vec<&str> = train.iter().map(String::as_str).collect();
    let mut command = site.command(&arguments);
    let output = command.output().with_context(|| format!("cannot start `{}`", shown(&command)))?;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        bail!("the training failed: {}", told.lines().last().unwrap_or_default());
    }
    let printed: Value = serde_json::from_slice(&output.stdout).context("the training printed no JSON")?;
    let line = |begin: &str| told.lines().filter_map(|line| line.get(line.find(begin)?..)).next_back();
    let did = line("did ").unwrap_or("steps not told");
    let profile = line("a step took ").map(|profile| format!("; {profile}")).unwrap_or_default();
    Ok(format!("{}; {did}{profile}", test_figures(&printed)))
}

/// AP and AP50 on the test split of what `fovea train` printed.
fn test_figures(printed: &Value) -> String {
    let all = printed.get("evaluations").and_then(Value::as_array);
    let test =
        all.and_then(|all| all.iter().find(|one| one.get("split").is_some_and(|split| split == "test")));
    let figure = |name: &str| test?.get("summary")?.get(name)?.as_f64();
    let interval = |name: &str| {
        let of = |end: &str| test?.get(name)?.get(end)?.as_f64();
        Some(format!(" ({:.3}–{:.3})", of("low")?, of("high")?))
    };
    let with = |name: &str| interval(name).unwrap_or_default();
    match (figure("AP"), figure("AP50")) {
        (Some(ap), Some(ap50)) => {
            format!("AP {ap:.3}{}, AP50 {ap50:.3}{}", with("ap_interval"), with("ap50_interval"))
        }
        _ => "nothing was measured on its test split".to_owned(),
    }
}

/// The figures of a data set in the table of the docs:
/// ``| `NAME` | start | AP | AP50 | … |``.
fn kept_figure(docs: &str, name: &str, with_backbone: bool) -> String {
    let start = if with_backbone { "ImageNet" } else { "nothing" };
    let row = docs.lines().find_map(|line| {
        let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        match cells.as_slice() {
            [set, begins, ap, ap50, ..] if *set == format!("`{name}`") && *begins == start => {
                Some(format!(" (kept: AP {ap}, AP50 {ap50})"))
            }
            _ => None,
        }
    });
    row.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_of_the_test_split_are_taken_from_what_a_training_prints() {
        let printed = serde_json::json!({ "evaluations": [
            { "split": "val", "summary": { "AP": 0.5, "AP50": 0.9 } },
            { "split": "test", "summary": { "AP": 0.25, "AP50": 0.75 },
                "ap50_interval": { "value": 0.75, "low": 0.7, "high": 0.8 } },
        ] });
        assert_eq!(test_figures(&printed), "AP 0.250, AP50 0.750 (0.700–0.800)");
        assert_eq!(test_figures(&Value::Null), "nothing was measured on its test split");
    }

    #[test]
    fn the_kept_figures_are_those_of_the_same_data_and_start() {
        let docs = "| `bccd` | nothing | 0.62 | 0.91 | 1900 |\n| `bccd` | ImageNet | 0.60 | 0.90 | 900 |";
        assert_eq!(kept_figure(docs, "bccd", false), " (kept: AP 0.62, AP50 0.91)");
        assert_eq!(kept_figure(docs, "bccd", true), " (kept: AP 0.60, AP50 0.90)");
        assert_eq!(kept_figure(docs, "other", true), "");
    }
}
