//! One style sheet from many: `@import`s of files beside are replaced by what
//! the files hold, comments and indentation go. Knows no more of CSS than that.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// Reads a style sheet and everything that it imports, in order.
///
/// `@import "file.css";`, `@import url("file.css");`, and either with
/// `layer(name)` or a media query behind it, are understood.
pub(crate) fn bundle(main: &Path) -> Result<String> {
    let mut trail = Vec::new();
    let bundled = expand(main, &mut trail)?;
    Ok(tighten(&bundled))
}

fn expand(file: &Path, trail: &mut Vec<PathBuf>) -> Result<String> {
    let file = file.canonicalize().with_context(|| format!("no style sheet {}", file.display()))?;
    if trail.contains(&file) {
        bail!("{} imports itself", file.display());
    }
    let source = without_comments(&fs::read_to_string(&file)?);
    let folder = file.parent().context("a file lies in a folder")?.to_path_buf();
    trail.push(file);
    let mut bundled = String::with_capacity(source.len());
    let mut rest = source.as_str();
    while let Some(at) = rest.find("@import") {
        let (before, statement) = rest.split_at(at);
        bundled.push_str(before);
        let end = statement.find(';').context("an @import without its semicolon")?;
        let (statement, after) = statement.split_at(end);
        let import = Import::parse(statement)
            .with_context(|| format!("{}: `{statement};` is no import of a file", folder.display()))?;
        bundled.push_str(&import.wrap(&expand(&folder.join(&import.file), trail)?));
        rest = after.strip_prefix(';').unwrap_or(after);
    }
    bundled.push_str(rest);
    trail.pop();
    Ok(bundled)
}

/// An import and the condition it stands under.
struct Import {
    file: String,
    condition: String,
}

impl Import {
    fn parse(statement: &str) -> Option<Self> {
        let rest = statement.strip_prefix("@import")?.trim();
        let (file, condition) = match rest.strip_prefix("url(") {
            Some(inside) => inside.split_once(')')?,
            None => {
                let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
                rest.get(1..)?.split_once(quote)?
            }
        };
        let file = file.trim().trim_matches(['"', '\'']).to_owned();
        let is_local = !file.contains("://") && !file.starts_with('/') && !file.is_empty();
        is_local.then(|| Self { file, condition: condition.trim().to_owned() })
    }

    fn wrap(&self, content: &str) -> String {
        if self.condition.is_empty() {
            return content.to_owned();
        }
        match self.condition.strip_prefix("layer(").and_then(|rest| rest.strip_suffix(')')) {
            Some(layer) => format!("@layer {layer} {{\n{content}\n}}\n"),
            None => format!("@media {} {{\n{content}\n}}\n", self.condition),
        }
    }
}

/// Leaves out comments, but none that only looks like one inside a string.
pub(crate) fn without_comments(source: &str) -> String {
    let mut rest = String::with_capacity(source.len());
    let mut quote = None;
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some(open), _) => {
                rest.push(c);
                if c == '\\' {
                    rest.extend(chars.next());
                } else if c == open {
                    quote = None;
                }
            }
            (None, '/') if chars.peek() == Some(&'*') => {
                chars.next();
                let mut last = ' ';
                for c in chars.by_ref() {
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
            }
            (None, _) => {
                if matches!(c, '"' | '\'') {
                    quote = Some(c);
                }
                rest.push(c);
            }
        }
    }
    rest
}

/// Leaves out indentation and empty lines.
fn tighten(source: &str) -> String {
    let lines = source.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.fold(String::with_capacity(source.len()), |sheet, line| sheet + line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        assert_eq!(bundle(&folder.path().join("main.css")).unwrap(), expected);
    }

    #[test]
    fn imports_are_replaced_in_their_order() {
        check(
            &[
                ("main.css", "@layer a, b;\n@import \"one.css\";\n@import url('two.css');\np { margin: 0; }"),
                ("one.css", "/* one */\n:root {\n  --x: 1px;\n}\n"),
                ("two.css", "@import 'one.css';"),
            ],
            "@layer a, b;\n:root {\n--x: 1px;\n}\n:root {\n--x: 1px;\n}\np { margin: 0; }\n",
        );
    }

    #[test]
    fn a_layer_and_a_media_query_wrap_what_they_import() {
        check(
            &[
                ("main.css", "@import \"x.css\" layer(base);@import \"x.css\" print;"),
                ("x.css", "a { color: red }"),
            ],
            "@layer base {\na { color: red }\n}\n@media print {\na { color: red }\n}\n",
        );
    }

    #[test]
    fn a_comment_inside_a_string_is_text() {
        check(
            &[("main.css", "a::before { content: '/* \\' */' } /* gone */")],
            "a::before { content: '/* \\' */' }\n",
        );
    }

    #[test]
    fn a_file_that_imports_itself_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("main.css"), "@import 'main.css';").unwrap();
        assert!(bundle(&folder.path().join("main.css")).is_err());
    }

    #[test]
    fn an_import_from_elsewhere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("main.css"), "@import 'https://example.org/x.css';").unwrap();
        assert!(bundle(&folder.path().join("main.css")).is_err());
    }
}
