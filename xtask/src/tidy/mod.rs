//! The rules of this repository, as checks. Each check is a function from what
//! there is to what is wrong with it, and is tested on small examples.

mod addresses;
mod arrows;
mod colours;
mod functions;
mod layers;
mod sizes;
mod terms;
mod words;

use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{capture, say};
use crate::workspace::Workspace;

/// A file under version control, as text.
#[derive(Debug, Clone)]
struct SourceFile {
    /// From the checkout's root, with `/`.
    path: String,
    text: String,
}

/// One breach of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    /// The file, with the line where there is one, or the crate.
    place: String,
    message: String,
}

impl Finding {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }

    /// A breach at a line, counted from one.
    fn at(file: &SourceFile, line: usize, message: impl Into<String>) -> Self {
        Self::new(format!("{}:{line}", file.path), message)
    }
}

impl SourceFile {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Lines with their numbers, counted from one.
    fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Lines of Rust that are no comment, with their numbers.
    fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.lines().filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

/// Files of tests may be of any length, and their names say what they are.
fn is_test(path: &str) -> bool {
    path.contains("/tests/") || path.ends_with("/tests.rs") || path.ends_with("_tests.rs")
}

/// Checks the checkout against every rule; gives the number of rules that hold.
pub(crate) fn tidy(workspace: &Workspace) -> Result<()> {
    let files = source_files(workspace)?;
    let mut findings = Vec::new();
    findings.extend(sizes::check(&files));
    findings.extend(functions::check(&files));
    findings.extend(functions::check_roles(&files));
    findings.extend(words::check(&files));
    findings.extend(terms::check(&files));
    findings.extend(layers::check(&files));
    findings.extend(addresses::check(&files));
    findings.extend(colours::check(&files));
    findings.extend(arrows::check(workspace)?);
    findings.sort();
    for finding in &findings {
        println!("{}: {}", finding.place, finding.message);
    }
    if !findings.is_empty() {
        bail!("{} breaches of the repository's rules", findings.len());
    }
    say(&format!("  tidy           {} files keep the rules", files.len()));
    Ok(())
}

/// Everything that is, or would be, under version control and is text.
fn source_files(workspace: &Workspace) -> Result<Vec<SourceFile>> {
    let listed = capture(Command::new("git").current_dir(workspace.root()).args([
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let paths = listed.split('\0').filter(|path| !path.is_empty());
    // A listed file that cannot be read was deleted, or is no text.
    let texts = paths.filter_map(|path| {
        let text = std::fs::read_to_string(workspace.root().join(path)).ok()?;
        Some(SourceFile { path: path.to_owned(), text })
    });
    Ok(texts.collect())
}

#[cfg(test)]
fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), text: text.to_owned() }
}

#[cfg(test)]
fn places(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.place.as_str()).collect()
}
