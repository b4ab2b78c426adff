//! The commands and programs of the docs, run as they stand there: one after
//! the other, in one shell, as a reader would who follows them.

use crate::{program::Program, story::write_pictures};
use std::{
    fs,
    net::TcpListener,
    process::{Command, Stdio},
};

const USUAL_ADDRESS: &str = "127.0.0.1:3000";

/// The blocks of a document in a language.
fn blocks(document: &str, language: &str) -> Vec<String> {
    let start = format!("{language}\n");
    let all = document.split("\n```").skip(1).step_by(2);
    all.filter_map(|block| block.strip_prefix(&start).map(str::to_owned)).collect()
}

/// The lines as a script in which the server runs beside what follows, at an
/// address that is free. Only a training is made shorter.
fn script(documents: &[&str], addr: &str) -> String {
    let mut script = String::from("set -e\ntrap '[ -z \"$SERVER\" ] || kill \"$SERVER\"' EXIT\n");
    for block in documents.iter().flat_map(|document| blocks(document, "sh")) {
        for line in block.lines() {
            let line = line.replace(USUAL_ADDRESS, addr);
            let short = "--set max_steps=6 --set batch_size=2 --set input_width=64 --set input_height=64 --set width=0.25";
            let line = line.replace("--time-limit 15m", short);
            if line.starts_with("fovea serve") {
                script.push_str(&format!("{line} --addr {addr} &\nSERVER=$!\n"));
                let ready = format!("fovea healthcheck --addr {addr} 2>/dev/null");
                script.push_str(&format!("for try in $(seq 150); do {ready} && break; sleep 0.2; done\n"));
            } else {
                script.push_str(&line);
                script.push('\n');
            }
        }
    }
    script
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

#[test]
fn what_the_docs_tell_a_reader_to_type_works_as_it_stands() {
    let program = Program::new();
    write_pictures(&program);
    let photos = program.path("photos");
    fs::rename(program.path("pictures"), &photos).expect("renamed");
    fs::rename(program.path("boxes.json"), photos.join("coco.json")).expect("renamed");
    let bin = program.path("bin");
    fs::create_dir(&bin).expect("made");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_fovea"), bin.join("fovea")).expect("linked");
    let clients = include_str!("../../../docs/clients.md");
    for (language, name) in [("python", "client.py"), ("js", "client.mjs")] {
        fs::write(program.path(name), blocks(clients, language).concat()).expect("written");
    }
    let documents = [
        include_str!("../../../docs/first-model.md"),
        include_str!("../../../docs/api.md"),
        clients,
        "\n```sh\necho \"python: $(python3 client.py | wc -l)\"\necho \"node: $(node client.mjs)\"\n```\n",
    ];
    let addr = free_address();
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("bash")
        .arg("-c")
        .arg(script(&documents, &addr))
        .current_dir(program.path(""))
        .env_clear()
        .env("HOME", program.path(""))
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("FOVEA_DATA_DIR", program.path("data"))
        .envs(program.environment())
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{errors}\n{said}");
    for expected in ["\"name\":\"ward\"", "\"count\":2", "\"status\":404", "python: ", "node: "] {
        assert!(said.contains(expected), "no {expected} in {said}\n{errors}");
    }
    assert!(!errors.contains("Traceback") && !errors.contains("Error:"), "{errors}");
}

#[test]
fn what_the_docs_say_of_backups_works_as_it_stands() {
    let program = Program::new();
    program.good(&["user", "add", "ada@example.org", "--role", "admin"]);
    for block in blocks(include_str!("../../../docs/operations.md"), "sh") {
        for line in block.lines() {
            let words: Vec<&str> = line.split_whitespace().skip(1).collect();
            program.good(&words);
        }
    }
    assert!(program.path("restored/fovea.db").exists());
}
