//! What a fuzzer does with bytes: a function for each thing here that takes
//! bytes from strangers. It panics when something that must hold does not.
//!
//! `fuzz/` has a libFuzzer target for each of [`TARGETS`]; the tests of this
//! crate run the same functions over samples that [`mutation`] damages, on the
//! stable compiler. A new target is a function and a line in the list, and a
//! file of three lines in `fuzz/fuzz_targets`.

mod archives;
mod datasets;
mod forms;
mod images;
pub mod mutation;
mod queries;
mod samples;

/// Something that takes bytes.
#[derive(Clone, Copy)]
pub struct Target {
    /// As the file in `fuzz/fuzz_targets` is called.
    pub name: &'static str,
    /// What is done with an input.
    pub run: fn(&[u8]),
    /// Sound inputs to begin with.
    pub samples: fn() -> Vec<Vec<u8>>,
    /// Bytes that may be held at once for an input of so many bytes.
    pub memory_bytes: fn(usize) -> usize,
}

/// All of them.
pub const TARGETS: [Target; 26] = [
    Target { name: "jpeg", run: images::jpeg, samples: samples::jpegs, memory_bytes: images::memory_bytes },
    Target { name: "png", run: images::png, samples: samples::pngs, memory_bytes: images::memory_bytes },
    Target { name: "webp", run: images::webp, samples: samples::webps, memory_bytes: images::memory_bytes },
    Target { name: "tiff", run: images::tiff, samples: samples::tiffs, memory_bytes: images::memory_bytes },
    Target { name: "bmp", run: images::bmp, samples: samples::bmps, memory_bytes: images::memory_bytes },
    Target { name: "gif", run: images::gif, samples: samples::gifs, memory_bytes: images::memory_bytes },
    Target {
        name: "archive",
        run: archives::archive,
        samples: samples::archives,
        memory_bytes: archives::memory_bytes,
    },
    Target {
        name: "coco",
        run: datasets::coco,
        samples: samples::cocos,
        memory_bytes: datasets::memory_bytes,
    },
    Target {
        name: "coco_eval",
        run: datasets::coco_eval,
        samples: samples::evaluations,
        memory_bytes: datasets::memory_bytes,
    },
    Target { name: "voc", run: datasets::voc, samples: samples::vocs, memory_bytes: datasets::memory_bytes },
    Target {
        name: "yolo_labels",
        run: datasets::yolo_labels,
        samples: samples::yolo_labels,
        memory_bytes: datasets::memory_bytes,
    },
    Target {
        name: "data_yaml",
        run: datasets::data_yaml,
        samples: samples::data_yamls,
        memory_bytes: datasets::memory_bytes,
    },
    Target {
        name: "cvat",
        run: datasets::cvat,
        samples: samples::cvats,
        memory_bytes: datasets::memory_bytes,
    },
    Target {
        name: "label_studio",
        run: datasets::label_studio,
        samples: samples::label_studios,
        memory_bytes: datasets::memory_bytes,
    },
    Target {
        name: "labelme",
        run: datasets::labelme,
        samples: samples::labelmes,
        memory_bytes: datasets::memory_bytes,
    },
    Target {
        name: "via_json",
        run: datasets::via_json,
        samples: samples::via_jsons,
        memory_bytes: datasets::memory_bytes,
    },
    Target {
        name: "via_csv",
        run: datasets::via_csv,
        samples: samples::via_csvs,
        memory_bytes: datasets::memory_bytes,
    },
    Target {
        name: "createml",
        run: datasets::createml,
        samples: samples::createmls,
        memory_bytes: datasets::memory_bytes,
    },
    Target {
        name: "vott",
        run: datasets::vott,
        samples: samples::votts,
        memory_bytes: datasets::memory_bytes,
    },
    Target {
        name: "fiftyone",
        run: datasets::fiftyone,
        samples: samples::fiftyones,
        memory_bytes: datasets::memory_bytes,
    },
    Target {
        name: "tables",
        run: datasets::tables,
        samples: samples::tables,
        memory_bytes: datasets::memory_bytes,
    },
    Target {
        name: "detections",
        run: datasets::detections,
        samples: samples::detections,
        memory_bytes: datasets::memory_bytes,
    },
    Target {
        name: "query_parser",
        run: queries::parser,
        samples: samples::queries,
        memory_bytes: queries::memory_bytes,
    },
    Target {
        name: "query_to_sql",
        run: queries::to_sql,
        samples: samples::queries,
        memory_bytes: queries::memory_bytes,
    },
    Target {
        name: "cursor",
        run: queries::cursor,
        samples: samples::cursors,
        memory_bytes: queries::memory_bytes,
    },
    Target { name: "form", run: forms::form, samples: samples::forms, memory_bytes: forms::memory_bytes },
];

/// Runs the target of that name.
///
/// # Panics
/// When there is none, and when the target finds something.
pub fn run(name: &str, input: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target of the list").run)(input);
}
