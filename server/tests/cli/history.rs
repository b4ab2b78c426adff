//! What a model saw before anybody watched becomes predictions of that time.

use crate::{
    interrupted::Running,
    program::{Program, told},
};
use serde_json::Value;
use std::fs;

/// A deployment that only takes reports, and a table of a year: 400 images, a
/// box in every second one.
fn prepared(program: &Program) -> String {
    program.good(&["model", "register", "analyser", "--labels", "red"]);
    program.good(&["deploy", "--name", "cells", "--model", "analyser/1"]);
    let mut table = "image,label,score,xmin,ymin,xmax,ymax,width,height,when\n".to_owned();
    for number in 0..400 {
        let (month, day) = (number / 28 % 12 + 1, number % 28 + 1);
        let seen = if number % 2 == 0 { "red,0.9,1,1,9,9" } else { ",,,,," };
        table += &format!("{number}.jpg,{seen},64,64,2025-{month:02}-{day:02} 12:00:{:02}\n", number / 336);
    }
    let file = program.path("year.csv");
    fs::write(&file, table).expect("written");
    file.to_str().expect("UTF-8").to_owned()
}

fn import(program: &Program, more: &[&str]) -> Value {
    let file = program.path("year.csv");
    let file = file.to_str().expect("UTF-8");
    let fixed = ["import-predictions", "--deployment", "cells", "--format", "csv", "--detections", file];
    program.json(&[&fixed, ["--time", "when", "--json"].as_slice(), more].concat())
}

#[test]
fn a_year_is_stored_once_and_counted_at_its_time() {
    let program = Program::new();
    let file = prepared(&program);
    let checked = import(&program, &["--check"]);
    assert_eq!(
        (&checked["images"], &checked["boxes"], &checked["stored"]),
        (&400.into(), &200.into(), &0.into())
    );
    assert_eq!(checked["from"], "2025-01-01T12:00:00.000Z");
    let first = import(&program, &[]);
    assert_eq!(
        (&first["stored"], &first["repeated"], &first["refused"]),
        (&400.into(), &0.into(), &0.into())
    );
    // What was cut off goes on: the rest of a file that was imported in part.
    let text = fs::read_to_string(&file).expect("readable");
    fs::write(&file, format!("{text}new.jpg,red,0.8,1,1,9,9,64,64,2025-12-31 12:00:00\n")).expect("written");
    let second = import(&program, &[]);
    assert_eq!((&second["stored"], &second["repeated"]), (&1.into(), &400.into()));
    let count =
        |query: &str| program.good(&["query", "--deployment", "cells", "--count", query]).trim().to_owned();
    // 28 in their turn, and 8 that begin again.
    assert_eq!(count("received >= 2025-03-01 and received < 2025-04-01"), "36");
    assert_eq!(count("objects = 1"), "201");
}

#[test]
fn a_running_server_takes_the_same_history() {
    let program = Program::new();
    prepared(&program);
    let token = program.json(&["token", "create", "--name", "t", "--role", "admin", "--json"]);
    let token = token["secret"].as_str().expect("a secret").to_owned();
    let mut server = Running::start(&program, &["serve", "--addr", "127.0.0.1:0", "--no-worker"]);
    let url = server.line_with("listens on").rsplit_once(' ').expect("a URL").1.to_owned();
    let file = program.path("year.csv");
    let file = file.to_str().expect("UTF-8");
    let arguments = [
        "import-predictions",
        "--deployment",
        "cells",
        "--format",
        "csv",
        "--detections",
        file,
        "--time",
        "when",
        "--json",
        "--url",
        &url,
    ];
    for stored in [400, 0] {
        let output = program.run_with(&arguments, &[("FOVEA_TOKEN", &token)]);
        assert!(output.status.success(), "{:?}", told(&output));
        let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!((&answer["stored"], &answer["repeated"]), (&stored.into(), &(400 - stored).into()));
    }
}

#[test]
fn what_cannot_be_stored_is_said() {
    let program = Program::new();
    let file = prepared(&program);
    let import = |more: &[&str]| {
        let fixed = ["import-predictions", "--deployment", "cells", "--format", "csv", "--detections", &file];
        told(&program.run(&[&fixed, more].concat()))
    };
    let (code, words) = import(&[]);
    assert_eq!(code, Some(2), "{words}");
    assert!(words.contains("--from and --every"), "{words}");
    let (code, words) = import(&["--time", "never"]);
    assert!(code == Some(1) && words.contains("never"), "{words}");
    fs::write(&file, "image,label,score,x,y,w,h,width,height\na.jpg,blue,0.9,1,1,9,9,64,64\n")
        .expect("written");
    let (code, words) = import(&["--from", "2025-01-01T00:00:00Z", "--every", "5m"]);
    assert!(code == Some(1) && words.contains("blue"), "{words}");
}
