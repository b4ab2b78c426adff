//! `fovea import --check`: the whole report, and nothing stored. Needs no data
//! folder and no server.

use super::given::GivenFiles;
use crate::cli::output;
use domain::dataset::Split;
use formats::{Import, Options};
use serde_json::json;
use service::ImportRequest;
use std::collections::BTreeMap;

/// Reads the files and tells all that was found.
pub(super) async fn check(request: ImportRequest, files: &GivenFiles, as_json: bool) -> anyhow::Result<()> {
    let ImportRequest { format, images, annotations, split, strict, choices, .. } = request;
    let options = Options { strict, split, choices, ..Options::default() };
    let read = tokio::task::spawn_blocking(move || {
        formats::read(format, &images, &annotations, &options, &mut |_| {})
    });
    let read = read.await??;
    let refused = read.check(choices.keep_going).err();
    let (by_split, by_label) = counts(&read);
    if as_json {
        output::json(&json!({
            "format": format.as_str(),
            "notes": read.notes,
            "problems": read.problems,
            "images": read.images.len(),
            "boxes": read.boxes(),
            "by_split": by_split,
            "by_label": by_label,
            "left_out": { "images": read.left_out.images, "boxes": read.left_out.boxes },
            "left_out_members": files.left_out,
            "faults": read.faults,
            "fault_counts": read.fault_counts,
        }))?;
    } else {
        print(&read, files, &by_split, &by_label);
    }
    refused.map_or(Ok(()), |error| Err(error.into()))
}

fn counts(read: &Import) -> (BTreeMap<&'static str, u64>, BTreeMap<&str, u64>) {
    let (mut by_split, mut by_label) = (BTreeMap::new(), BTreeMap::new());
    for label in &read.labels {
        by_label.insert(label.as_str(), 0);
    }
    for image in &read.images {
        *by_split.entry(image.split.unwrap_or(Split::Train).as_str()).or_default() += 1;
        for annotation in &image.annotations {
            *by_label.entry(annotation.label.as_str()).or_default() += 1;
        }
    }
    (by_split, by_label)
}

fn print(
    read: &Import,
    files: &GivenFiles,
    by_split: &BTreeMap<&'static str, u64>,
    by_label: &BTreeMap<&str, u64>,
) {
    for line in &files.left_out {
        output::line(line);
    }
    for fault in &read.faults {
        output::line(&fault.to_string());
    }
    let more = read.fault_counts.values().sum::<u64>().saturating_sub(read.faults.len() as u64);
    if more > 0 {
        output::line(&format!("… and {more} more faults"));
    }
    for line in read.notes.iter().chain(&read.problems) {
        output::line(line);
    }
    let words = |counts: Vec<String>| counts.join(", ");
    let splits = words(by_split.iter().map(|(split, count)| format!("{split} {count}")).collect());
    let labels = words(by_label.iter().map(|(label, count)| format!("{label} {count}")).collect());
    output::line(&format!("{} images ({splits}), {} boxes ({labels})", read.images.len(), read.boxes()));
    let left_out = read.left_out;
    output::line(&format!("left out as faulty: {} images, {} boxes", left_out.images, left_out.boxes));
    output::line("nothing was stored");
}
