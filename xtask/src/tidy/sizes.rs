//! How long a file may be, and that a module opens by saying what it is.

use super::{Finding, SourceFile, is_test};

/// Lines of a module, its tests apart.
const MODULE_LINES: usize = 300;
/// Lines of a file of server functions: they hold no logic.
const SERVER_FN_LINES: usize = 40;
/// Lines of the browser's entry point, which stays below.
const FRONTEND_LINES: usize = 15;

/// What is too long or does not introduce itself.
pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    files.iter().filter(|file| file.is_rust()).flat_map(check_file).collect()
}

fn check_file(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !file.text.starts_with("//!") && !is_test(&file.path) {
        findings.push(Finding::at(
            file,
            1,
            "a module opens with `//!`: what it is and what it does not know",
        ));
    }
    if let Some(limit) = limit(&file.path) {
        let lines = lines_without_tests(&file.text);
        if lines > limit {
            findings.push(Finding::new(&file.path, format!("{lines} lines without tests, {limit} at most")));
        }
    }
    findings
}

/// The lines that a file may have.
fn limit(path: &str) -> Option<usize> {
    if is_test(path) {
        None
    } else if path == "frontend/src/lib.rs" {
        Some(FRONTEND_LINES - 1)
    } else if path.starts_with("app/src/server_fns/") {
        Some(SERVER_FN_LINES)
    } else {
        Some(MODULE_LINES)
    }
}

/// Counts lines, leaving out modules under `#[cfg(test)]`.
fn lines_without_tests(text: &str) -> usize {
    let mut lines = text.lines().peekable();
    let mut count = 0;
    while let Some(line) = lines.next() {
        if line != "#[cfg(test)]" {
            count += 1;
            continue;
        }
        while lines.next_if(|line| line.starts_with("#[")).is_some() {}
        if lines.peek().is_some_and(|line| line.starts_with("mod ") && line.ends_with('{')) {
            let _tests = lines.by_ref().take_while(|line| *line != "}").count();
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use super::super::{file, places};
    use super::*;

    fn long(path: &str, lines: usize) -> SourceFile {
        file(path, &format!("//! A module.\n{}", "// line\n".repeat(lines - 1)))
    }

    #[test]
    fn a_module_of_three_hundred_lines_passes_and_one_more_does_not() {
        let files = [long("crates/a/src/x.rs", 300), long("crates/a/src/y.rs", 301)];
        assert_eq!(places(&check(&files)), ["crates/a/src/y.rs"]);
    }

    #[test]
    fn lines_of_tests_do_not_count_but_what_follows_them_does() {
        let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "    // line\n".repeat(400));
        let text = format!("//! A module.\n{tests}");
        assert_eq!(lines_without_tests(&text), 1);
        assert_eq!(lines_without_tests(&format!("{text}fn after() {{}}\n")), 2);
        assert_eq!(lines_without_tests("#[cfg(test)]\nmod tests;\nfn x() {}\n"), 2);
    }

    #[test]
    fn server_functions_and_the_browsers_entry_have_tighter_limits() {
        let files = [
            long("app/src/server_fns/models.rs", 40),
            long("app/src/server_fns/users.rs", 41),
            long("frontend/src/lib.rs", 15),
        ];
        assert_eq!(places(&check(&files)), ["app/src/server_fns/users.rs", "frontend/src/lib.rs"]);
    }

    #[test]
    fn a_module_without_an_introduction_is_found() {
        let files = [
            file("server/src/x.rs", "use std::fs;\n"),
            file("server/src/x/tests.rs", "use super::*;\n"),
            file("README.md", "# Title\n"),
        ];
        assert_eq!(places(&check(&files)), ["server/src/x.rs:1"]);
    }
}
