//! Words that do not belong into the repository: leftovers of work, and paths
//! of one developer's machine.

use super::{Finding, SourceFile};

/// What is left over from work, and what to do about it. Written in two halves
/// so that this file does not hold them itself.
const LEFTOVERS: [(&str, &str, &str); 5] = [
    ("todo", "!(", "write it, or leave it out"),
    ("unimplemented", "!(", "write it, or leave it out"),
    ("dbg", "!(", "use tracing, or a test"),
    ("#[ign", "ore", "a test runs always, or is not there"),
    (
        "thread::sl",
        "eep",
        "wait for the thing itself; where a pause is the purpose, say `// paced:` on the line",
    ),
];

/// Folders that lie elsewhere on every other machine.
const MACHINE_FOLDERS: [(&str, &str); 4] =
    [("/wo", "rk/"), ("/ro", "ot/"), ("/ho", "me/"), ("../sha", "red")];

/// Lock files say what tools wrote, not what we did.
const LOCK_FILES: [&str; 2] = ["Cargo.lock", "package-lock.json"];

/// What is left over, and where.
pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let ours = files.iter().filter(|file| !LOCK_FILES.iter().any(|name| file.path.ends_with(name)));
    ours.flat_map(|file| {
        let mut findings = machine_folders(file);
        if file.is_rust() {
            findings.extend(leftovers(file));
        }
        findings
    })
    .collect()
}

fn leftovers(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in file.code_lines() {
        if line.contains("// paced:") {
            continue;
        }
        for (first, second, advice) in LEFTOVERS {
            let word = format!("{first}{second}");
            if line.contains(&word) {
                findings.push(Finding::at(file, number, format!("`{word}`: {advice}")));
            }
        }
    }
    findings
}

fn machine_folders(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in file.lines() {
        for (first, second) in MACHINE_FOLDERS {
            let folder = format!("{first}{second}");
            // A route with a place for an id is no folder.
            if starts_a_path(line, &folder) && !line.contains(&format!("{folder}{{")) {
                findings.push(Finding::at(
                    file,
                    number,
                    format!("`{folder}` lies elsewhere on other machines"),
                ));
            }
        }
    }
    findings
}

/// Whether the text stands at the start of a path, not inside a longer one.
fn starts_a_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        before.is_none_or(|c| !(c.is_alphanumeric() || "_-.}/".contains(c)))
    })
}

#[cfg(test)]
mod tests {
    use super::super::{file, places};
    use super::*;

    #[test]
    fn a_leftover_in_code_is_found_and_one_in_a_comment_is_not() {
        let text = format!("//! X.\nfn f() {{\n    {}{}x);\n    // {}{}\n}}\n", "dbg", "!(", "todo", "!(");
        assert_eq!(places(&check(&[file("a/src/x.rs", &text)])), ["a/src/x.rs:3"]);
    }

    #[test]
    fn a_pause_must_say_that_it_paces() {
        let pause = format!("{}{}", "std::thread::sl", "eep(d);");
        let text = format!("//! X.\n{pause}\n{pause} // paced: the demo's stream\n");
        assert_eq!(places(&check(&[file("a/src/x.rs", &text)])), ["a/src/x.rs:2"]);
    }

    #[test]
    fn a_path_of_one_machine_is_found_in_any_text() {
        let path = |first: &str, second: &str| format!("see `{first}{second}x`\n");
        let text = path("/wo", "rk/") + &path("src/wo", "rk/") + &path("../sha", "red/");
        assert_eq!(places(&check(&[file("README.md", &text)])), ["README.md:1", "README.md:3"]);
        assert_eq!(check(&[file("end2end/package-lock.json", &text)]), []);
    }
}
