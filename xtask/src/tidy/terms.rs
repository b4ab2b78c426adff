//! One concept, one word: what pages and commands say holds no word that the
//! list of terms gives up for another one.

use super::{Finding, SourceFile};

/// The list, whose last column has the words that stand nowhere.
const LIST: &str = "docs/glossary.md";

/// A word that is given up, and the term that stands for it.
#[derive(Debug, PartialEq, Eq)]
struct GivenUp {
    word: String,
    term: String,
}

/// Words that are given up, wherever people read them.
pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let Some(list) = files.iter().find(|file| file.path == LIST) else {
        return vec![Finding::new(LIST, "the list of terms is missing")];
    };
    let given_up = given_up(&list.text);
    if given_up.is_empty() {
        return vec![Finding::new(LIST, "the list of terms gives up no word: is its table as it was?")];
    }
    files.iter().flat_map(|file| look(file, &given_up)).collect()
}

/// The rows of the table that have a third cell.
fn given_up(list: &str) -> Vec<GivenUp> {
    let row = |line: &str| -> Option<(String, String)> {
        let cells: Vec<&str> = line.trim().strip_prefix('|')?.strip_suffix('|')?.split('|').collect();
        let [term, _, not] = cells.as_slice() else { return None };
        Some((term.trim().to_owned(), not.trim().to_lowercase()))
    };
    let rows = list.lines().filter_map(row).skip_while(|(term, _)| term != "---" && !term.starts_with("--"));
    rows.skip(1)
        .flat_map(|(term, not)| {
            let words: Vec<&str> = not.split(',').map(str::trim).filter(|word| !word.is_empty()).collect();
            words
                .iter()
                .map(|word| GivenUp { word: (*word).to_owned(), term: term.clone() })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn look(file: &SourceFile, given_up: &[GivenUp]) -> Vec<Finding> {
    let says_to_people = file.path.starts_with("app/src/")
        || file.path.starts_with("server/src/cli/")
        || file.path == "crates/domain/src/settings/table.rs";
    if !(says_to_people && file.is_rust()) || super::is_test(&file.path) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let code = file.code_lines().take_while(|(_, line)| line.trim() != "#[cfg(test)]");
    for (number, line) in code {
        for text in texts(line).filter(|text| is_for_people(text)) {
            let text = text.to_lowercase();
            let held = given_up.iter().filter(|one| has_word(&text, &one.word));
            findings.extend(held.map(|one| {
                let message = format!("`{}` is called `{}` ({LIST})", one.word, one.term);
                Finding::at(file, number, message)
            }));
        }
    }
    findings
}

/// What stands between quotes on a line.
fn texts(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let (_, from) = rest.split_once('"')?;
        let mut is_escaped = false;
        let end = from.find(|c| {
            let ends = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            ends
        })?;
        let (text, after) = from.split_at(end);
        rest = after.strip_prefix('"')?;
        Some(text)
    })
}

/// A sentence, a label: not a class, a route or a key.
fn is_for_people(text: &str) -> bool {
    text.contains(' ') || text.starts_with(|c: char| c.is_uppercase())
}

/// Whether `word` stands in `text`, by itself or with an s.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let is_letter = |c: char| c.is_alphanumeric() || c == '_';
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text.get(at + word.len()..).unwrap_or_default();
        let after = after.strip_prefix('s').unwrap_or(after).chars().next();
        !before.is_some_and(is_letter) && !after.is_some_and(is_letter)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{file, places};
    use super::*;

    const TABLE: &str = "# Terms\n\n| term | what it is | not |\n|---|---|---|\n\
                         | champion | answers | production model |\n| threshold | a score | cutoff, cut-off |\n\
                         | split | a side | |\n";

    #[test]
    fn a_word_that_is_given_up_is_found_in_what_people_read() {
        let page = "//! The cutoff.\nlet label = \"The Cutoffs of a box\";\nlet class = \"cutoff\";\n\
                    let words = \"a \\\"production model\\\" answers\";\nlet fine = \"cutoffice hours\";\n\
                    #[cfg(test)]\nlet tested = \"Cutoff\";\n";
        let files = [file(LIST, TABLE), file("app/src/pages/x.rs", page), file("crates/x/src/lib.rs", page)];
        let findings = check(&files);
        assert_eq!(places(&findings), ["app/src/pages/x.rs:2", "app/src/pages/x.rs:4"]);
        assert!(findings[0].message.contains("`threshold`"), "{findings:?}");
    }

    #[test]
    fn a_list_that_cannot_be_read_is_a_finding() {
        assert_eq!(check(&[]).len(), 1);
        assert_eq!(check(&[file(LIST, "# Terms\n\nNo table.\n")]).len(), 1);
    }
}
