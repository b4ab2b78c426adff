//! Who may import whom among the crates, and what must never come along: read
//! from `cargo tree -e normal`, which knows about features.

use anyhow::Result;

use super::Finding;
use crate::process::{capture, cargo};
use crate::workspace::Workspace;

/// One crate, built with some features, and what it may know.
struct Rule {
    name: &'static str,
    features: &'static str,
    /// Crates of this workspace that it may import itself.
    may_import: &'static [&'static str],
    /// Crates that must not come along, however far down.
    never: &'static [&'static str],
}

/// Crates to which time is an argument.
const PURE: &[&str] = &["units", "measures", "query", "domain"];
/// What a pure crate must never drag in.
const IMPURE: &[&str] = &["leptos", "web-sys", "tokio", "sea-orm", "sqlx", "burn", "axum"];
/// What no page may wait for.
const HEAVY: &[&str] = &["burn", "burn-flex"];
/// What must never reach a browser.
const SERVER_ONLY: &[&str] = &["tokio", "sea-orm", "sqlx", "burn", "axum", "leptos_axum"];

const RULES: [Rule; 21] = [
    Rule { name: "units", features: "", may_import: &[], never: IMPURE },
    Rule { name: "measures", features: "", may_import: &["units"], never: IMPURE },
    Rule { name: "query", features: "", may_import: &["units"], never: IMPURE },
    Rule { name: "domain", features: "", may_import: &["measures", "query", "units"], never: IMPURE },
    Rule { name: "imaging", features: "", may_import: &["domain"], never: IMPURE },
    Rule { name: "book", features: "", may_import: &[], never: IMPURE },
    Rule { name: "review", features: "", may_import: &["domain"], never: IMPURE },
    Rule { name: "charts", features: "", may_import: &["domain"], never: IMPURE },
    Rule { name: "formats", features: "", may_import: &["domain", "imaging", "measures"], never: IMPURE },
    Rule { name: "migration", features: "", may_import: &[], never: &["leptos", "burn", "axum"] },
    Rule {
        name: "store",
        features: "",
        may_import: &["domain", "measures", "migration", "query"],
        never: &["leptos", "burn", "axum"],
    },
    Rule {
        name: "engine",
        features: "",
        may_import: &["domain", "imaging"],
        never: &["leptos", "tokio", "sea-orm", "sqlx", "burn", "axum"],
    },
    Rule {
        name: "vision",
        features: "",
        may_import: &["domain", "engine", "imaging", "measures"],
        never: &["leptos", "sea-orm", "sqlx", "axum"],
    },
    Rule {
        name: "service",
        features: "",
        may_import: &["domain", "formats", "imaging", "measures", "query", "store"],
        never: &["leptos", "burn", "axum"],
    },
    // Development dependencies: no other rule lets anybody import them.
    Rule { name: "test_postgres", features: "", may_import: &[], never: &["leptos", "burn", "axum"] },
    Rule {
        name: "fuzzing",
        features: "",
        may_import: &["domain", "formats", "imaging", "query", "store"],
        never: &["leptos", "burn"],
    },
    Rule {
        name: "test_support",
        features: "",
        may_import: &["domain", "imaging", "service", "store"],
        never: &["leptos", "burn", "axum"],
    },
    Rule {
        name: "app",
        features: "hydrate",
        may_import: &["domain", "measures", "query", "review", "charts"],
        never: SERVER_ONLY,
    },
    Rule {
        name: "app",
        features: "ssr",
        may_import: &["domain", "measures", "query", "review", "charts", "service"],
        never: HEAVY,
    },
    Rule { name: "frontend", features: "", may_import: &["app"], never: SERVER_ONLY },
    Rule {
        name: "server",
        features: "",
        may_import: &[
            "app",
            "book",
            "domain",
            "engine",
            "formats",
            "imaging",
            "measures",
            "migration",
            "query",
            "service",
            "store",
            "vision",
        ],
        never: &["xtask"],
    },
];

/// Crates of others that only some of ours may import themselves.
const KEPT_INSIDE: [(&str, &[&str]); 6] = [
    ("pulldown-cmark", &["book"]),
    ("sea-orm", &["store"]),
    ("sea-orm-migration", &["migration", "store"]),
    ("burn", &["vision"]),
    ("rten", &["engine"]),
    ("object_store", &["store"]),
];

/// One line of the tree: how far down, which crate, with which features.
#[derive(Debug, PartialEq, Eq)]
struct Node {
    depth: usize,
    name: String,
    features: Vec<String>,
    /// A crate of this workspace.
    ours: bool,
}

/// Every arrow that must not be there.
pub(super) fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for rule in &RULES {
        let mut tree = cargo(workspace);
        tree.args([
            "tree",
            "--edges",
            "normal",
            "--prefix",
            "depth",
            "--format",
            "|{p}|{f}",
            "--package",
            rule.name,
        ]);
        tree.args(["--target", target_of(rule)]);
        if !rule.features.is_empty() {
            tree.args(["--no-default-features", "--features", rule.features]);
        }
        let nodes: Vec<Node> = capture(&mut tree)?.lines().filter_map(Node::parse).collect();
        findings.extend(breaches(rule, &nodes));
    }
    Ok(findings)
}

/// The browser's half is looked at as it is built for the browser.
fn target_of(rule: &Rule) -> &'static str {
    if rule.features == "hydrate" || rule.name == "frontend" {
        crate::setup::wasm::TARGET
    } else {
        "x86_64-unknown-linux-gnu"
    }
}

impl Node {
    /// Reads `2|serde v1.0.0 (proc-macro)|std,derive (*)`.
    fn parse(line: &str) -> Option<Self> {
        let mut columns = line.split('|');
        let depth = columns.next()?.parse().ok()?;
        let package = columns.next()?;
        let features = columns.next().unwrap_or("").trim_end_matches(" (*)");
        Some(Self {
            depth,
            name: package.split(' ').next()?.to_owned(),
            features: features.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            ours: package.contains(" (/"),
        })
    }
}

fn breaches(rule: &Rule, nodes: &[Node]) -> Vec<Finding> {
    let place = if rule.features.is_empty() {
        rule.name.to_owned()
    } else {
        format!("{}[{}]", rule.name, rule.features)
    };
    let mut messages = Vec::new();
    for node in nodes.iter().filter(|node| node.depth > 0) {
        let direct = node.depth == 1;
        if direct && node.ours && !rule.may_import.contains(&node.name.as_str()) {
            messages.push(format!("must not import `{}`", node.name));
        }
        if rule.never.contains(&node.name.as_str()) {
            messages.push(format!("must not bring `{}` along", node.name));
        }
        let keepers = KEPT_INSIDE.iter().find(|(name, _)| *name == node.name).map(|(_, keepers)| *keepers);
        if direct && keepers.is_some_and(|keepers| !keepers.contains(&rule.name)) {
            messages.push(format!("must not import `{}` itself", node.name));
        }
        let for_browser = rule.name == "frontend" || rule.features == "hydrate";
        if for_browser && node.name == "leptos" && node.features.iter().any(|feature| feature == "ssr") {
            messages.push("`leptos/ssr` leaks into the browser's build".to_owned());
        }
        if PURE.contains(&rule.name)
            && node.name == "chrono"
            && node.features.iter().any(|feature| feature == "clock")
        {
            messages.push("must not know a clock (`chrono/clock`)".to_owned());
        }
    }
    messages.sort();
    messages.dedup();
    messages.into_iter().map(|message| Finding::new(&place, message)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_tree(name: &str, features: &str, tree: &str) -> Vec<String> {
        let rule = RULES.iter().find(|rule| rule.name == name && rule.features == features).unwrap();
        let nodes: Vec<Node> = tree.lines().filter_map(Node::parse).collect();
        breaches(rule, &nodes)
            .into_iter()
            .map(|finding| format!("{}: {}", finding.place, finding.message))
            .collect()
    }

    #[test]
    fn a_line_of_the_tree_is_read() {
        let node = Node::parse("1|store v0.1.0 (/src/crates/store)|a,b (*)").unwrap();
        assert_eq!((node.depth, node.name.as_str(), node.ours), (1, "store", true));
        assert_eq!(node.features, ["a", "b"]);
        assert!(!Node::parse("2|serde_derive v1.0.0 (proc-macro)|").unwrap().ours);
        assert_eq!(Node::parse(""), None);
    }

    #[test]
    fn an_import_against_the_arrows_is_found() {
        let tree = "0|formats v0.1.0 (/x)|\n1|domain v0.1.0 (/y)|\n1|store v0.1.0 (/z)|\n2|bytes v1.0.0|";
        assert_eq!(check_tree("formats", "", tree), ["formats: must not import `store`"]);
    }

    #[test]
    fn what_must_never_come_along_is_found_however_deep() {
        let tree = "0|domain v0.1.0 (/x)|\n1|serde v1.0.0|\n2|innocent v1.0.0|\n3|tokio v1.0.0|";
        assert_eq!(check_tree("domain", "", tree), ["domain: must not bring `tokio` along"]);
    }

    #[test]
    fn a_clock_in_the_domain_and_rendering_in_the_browser_are_found() {
        let clock = "0|domain v0.1.0 (/x)|\n1|chrono v0.4.0|std,clock";
        assert_eq!(check_tree("domain", "", clock), ["domain: must not know a clock (`chrono/clock`)"]);
        let leak = "0|app v0.1.0 (/x)|hydrate\n1|leptos v0.8.0|hydrate,ssr";
        assert_eq!(
            check_tree("app", "hydrate", leak),
            ["app[hydrate]: `leptos/ssr` leaks into the browser's build"]
        );
    }

    #[test]
    fn tables_and_tensors_stay_where_they_are_kept() {
        let tree = "0|server v0.1.0 (/x)|\n1|vision v0.1.0 (/y)|\n2|burn v0.22.0|\n1|sea-orm v2.0.0|";
        assert_eq!(check_tree("server", "", tree), ["server: must not import `sea-orm` itself"]);
    }
}
