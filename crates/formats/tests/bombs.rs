//! Small files that would grow: each is refused or read within a second, in a
//! process that may not grow either.

#![cfg(target_os = "linux")]

mod common;

use common::{png, write};
use formats::{Format, Options};
use std::{
    env, fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// What a process of this test may hold at its peak, the test program itself
/// included.
const PEAK_KB: u64 = 100 << 10;

/// Is set in the process that reads.
const INSIDE: &str = "FOVEA_TEST_READS_BOMBS";

fn nested(open: &str, close: &str, depth: usize) -> String {
    open.repeat(depth) + &close.repeat(depth)
}

fn billion_laughs_of_yaml() -> String {
    let mut text = "names: [cup]\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        text += &format!("a{level}: &a{level} [{items}]\n");
    }
    text
}

fn billion_laughs_of_xml() -> String {
    let mut text = "<?xml version=\"1.0\"?><!DOCTYPE annotation [<!ENTITY a0 \"lol\">".to_owned();
    for level in 1..30 {
        let inner = format!("&a{};", level - 1).repeat(10);
        text += &format!("<!ENTITY a{level} \"{inner}\">");
    }
    text + "]><annotation><filename>a.png</filename><object><name>&a29;</name></object></annotation>"
}

/// Format, annotation file, content.
fn bombs() -> Vec<(Format, &'static str, String)> {
    const DEEP: usize = 100_000;
    let json = |annotation: &str| {
        format!(
            "{{\"images\": [{{\"id\": 1, \"file_name\": \"a.png\"}}], \"categories\": [{{\"id\": 1, \"name\": \"c\"}}], \
             \"annotations\": [{{\"image_id\": 1, \"category_id\": 1, {annotation}}}]}}"
        )
    };
    vec![
        (Format::Yolo, "data.yaml", billion_laughs_of_yaml()),
        (Format::Yolo, "data.yaml", format!("names: {}", nested("[", "]", DEEP))),
        (Format::Yolo, "data.yaml", "- ".repeat(DEEP)),
        (Format::Yolo, "data.yaml", format!("names: {}", nested("{a: ", "}", DEEP))),
        (Format::Yolo, "data.yaml", format!("names: [{}]", "x, ".repeat(1_000_000))),
        (
            Format::Yolo,
            "data.yaml",
            format!("a: &a {}\nb: [{}]", "x".repeat(1 << 20), "*a, ".repeat(100_000)),
        ),
        (Format::Coco, "boxes.json", nested("[", "]", DEEP)),
        (Format::Coco, "boxes.json", format!("{{\"images\": {}}}", nested("[", "]", DEEP))),
        (Format::Coco, "boxes.json", format!("{{\"other\": {}}}", nested("{\"a\": ", "}", DEEP))),
        (Format::Coco, "boxes.json", json(&format!("\"segmentation\": {}", nested("[", "]", DEEP)))),
        (Format::Coco, "boxes.json", json(&format!("\"bbox\": {}", nested("[", "]", DEEP)))),
        (
            Format::Coco,
            "boxes.json",
            json(
                "\"segmentation\": {\"size\": [4294967295, 4294967295], \"counts\": [1, 18446744073709551615]}",
            ),
        ),
        (Format::Voc, "a.xml", billion_laughs_of_xml()),
        (Format::Voc, "a.xml", nested("<a>", "</a>", DEEP)),
        (Format::Voc, "a.xml", format!("<annotation>{}</annotation>", "<object/>".repeat(1_000_000))),
    ]
}

fn read_all(folder: &Path) {
    for (index, (format, name, content)) in bombs().into_iter().enumerate() {
        let folder = folder.join(index.to_string());
        write(&folder, "a.png", png(64, 48, 1));
        write(&folder, name, content);
        let began = Instant::now();
        let read = formats::read(format, &folder, &folder.join(name), &Options::default(), &mut |_| {});
        let took = began.elapsed();
        assert!(took < Duration::from_secs(5), "{index} {format}: {took:?}");
        let boxes = read.map(|import| import.boxes()).unwrap_or_default();
        assert_eq!(boxes, 0, "{index}");
    }
    let status = fs::read_to_string("/proc/self/status").expect("a process of Linux");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak: u64 = peak.and_then(|peak| peak.trim().trim_end_matches(" kB").parse().ok()).expect("a number");
    assert!(peak < PEAK_KB, "{peak} kB");
}

#[test]
fn files_that_would_grow_are_refused_in_small_memory() {
    if env::var_os(INSIDE).is_some() {
        return;
    }
    // Should a bound fail, the process ends, and not the machine.
    let program = env::current_exe().expect("this program");
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 1500000; exec \"$0\" --exact the_process_that_reads --nocapture"])
        .arg(program)
        .env(INSIDE, "1")
        .env("MALLOC_ARENA_MAX", "2")
        .output()
        .expect("started");
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn the_process_that_reads() {
    if env::var_os(INSIDE).is_some() {
        let folder = tempfile::tempdir().expect("a folder");
        read_all(folder.path());
    }
}
