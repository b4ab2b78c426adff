//! Who may name whom inside a crate, as far as cargo cannot see it.

use super::{Finding, SourceFile};

/// A rule on the text of some files.
struct Rule {
    /// Whether a file is under the rule.
    applies: fn(&str) -> bool,
    /// The text that must not stand there.
    forbidden: &'static str,
    message: &'static str,
}

const RULES: [Rule; 8] = [
    Rule {
        applies: |path| in_source(path) && !path.starts_with("app/src/dom") && !path.starts_with("xtask/"),
        forbidden: "web_sys",
        message: "the browser's own interfaces stay inside `app::dom`",
    },
    Rule {
        applies: |path| path.starts_with("app/src/ui/"),
        forbidden: "crate::features",
        message: "the building blocks know no feature",
    },
    Rule {
        applies: |path| path.starts_with("app/src/ui/") || path.starts_with("app/src/features/"),
        forbidden: "crate::pages",
        message: "pages import features, never the other way",
    },
    Rule {
        applies: |path| path == "crates/store/src/lib.rs",
        forbidden: "pub mod entit",
        message: "entities never leave `store`",
    },
    Rule {
        applies: |path| path == "crates/store/src/lib.rs",
        forbidden: "pub use entit",
        message: "entities never leave `store`",
    },
    Rule {
        applies: |path| path == "crates/vision/src/lib.rs",
        forbidden: "pub use burn",
        message: "tensors never leave `vision`",
    },
    Rule {
        applies: |path| path.starts_with("server/src/http/"),
        forbidden: "vision::",
        message: "`vision` is known in the composition root only",
    },
    Rule {
        applies: |path| {
            ["domain", "measures", "query", "units"]
                .iter()
                .any(|name| path.starts_with(&format!("crates/{name}/src/")))
                && !path.ends_with("/tests.rs")
        },
        forbidden: "SystemTime::now",
        message: "time is an argument of the pure crates",
    },
];

fn in_source(path: &str) -> bool {
    path.ends_with(".rs") && path.contains("src/")
}

/// What names something that it must not know.
pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let rust = || files.iter().filter(|file| file.is_rust());
    let mut findings: Vec<Finding> = rust().flat_map(check_rules).collect();
    findings.extend(rust().flat_map(foreign_features));
    findings
}

fn check_rules(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES.iter().filter(|rule| (rule.applies)(&file.path)) {
        let lines = file.code_lines().filter(|(_, line)| line.contains(rule.forbidden));
        findings.extend(lines.map(|(number, _)| Finding::at(file, number, rule.message)));
    }
    findings
}

/// A feature of the app that names another.
fn foreign_features(file: &SourceFile) -> Vec<Finding> {
    const FEATURES: &str = "crate::features::";
    let Some(own) = file.path.strip_prefix("app/src/features/").map(first_name) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for (number, line) in file.code_lines() {
        let named =
            line.match_indices(FEATURES).filter_map(|(at, text)| line.get(at + text.len()..)).map(first_name);
        for other in named.filter(|other| *other != own) {
            findings.push(Finding::at(file, number, format!("feature `{own}` imports feature `{other}`")));
        }
    }
    findings
}

/// The leading name of a path of modules or files.
fn first_name(path: &str) -> &str {
    path.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::super::{file, places};
    use super::*;

    #[test]
    fn the_browsers_interfaces_are_allowed_in_one_module_only() {
        let files = [
            file("app/src/dom/events.rs", "//! X.\nuse web_sys::Event;\n"),
            file("app/src/dom.rs", "//! X.\nuse web_sys::Event;\n"),
            file("app/src/ui/drop_zone.rs", "//! X.\n// not web_sys\nuse web_sys::Event;\n"),
        ];
        assert_eq!(places(&check(&files)), ["app/src/ui/drop_zone.rs:3"]);
    }

    #[test]
    fn features_do_not_import_each_other() {
        let files = [
            file(
                "app/src/features/grid/mod.rs",
                "//! X.\nuse crate::features::grid::Row;\nuse crate::ui::Card;\n",
            ),
            file("app/src/features/upload.rs", "//! X.\nuse crate::features::grid::Row;\n"),
        ];
        assert_eq!(places(&check(&files)), ["app/src/features/upload.rs:2"]);
    }

    #[test]
    fn the_layers_of_the_app_point_downwards() {
        let files = [
            file("app/src/ui/card.rs", "//! X.\nuse crate::features::grid;\n"),
            file("app/src/features/grid.rs", "//! X.\nuse crate::pages::Home;\n"),
            file("app/src/pages/home.rs", "//! X.\nuse crate::features::grid;\nuse crate::ui::card;\n"),
        ];
        assert_eq!(places(&check(&files)), ["app/src/ui/card.rs:2", "app/src/features/grid.rs:2"]);
    }

    #[test]
    fn entities_stay_private() {
        let files = [file("crates/store/src/lib.rs", "//! X.\nmod entities;\npub use entities::user;\n")];
        assert_eq!(places(&check(&files)), ["crates/store/src/lib.rs:3"]);
    }
}
