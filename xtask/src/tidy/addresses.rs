//! Addresses of the app come from `routes` and `addresses`, which put the base
//! path before them: one that is spelled out elsewhere leads out of a server
//! below a path.

use super::{Finding, SourceFile};

/// Besides `addresses`, who makes addresses.
const OWN: [&str; 2] = ["app/src/routes.rs", "app/src/base_path.rs"];

/// What makes an address of a path.
const MAKERS: [&str; 2] = ["at(", "at(format!("];

/// Every absolute path that is spelled out and not made an address.
pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let own = |path: &str| path.starts_with("app/src/addresses") || OWN.contains(&path);
    let app = files.iter().filter(|file| file.is_rust() && file.path.starts_with("app/src/"));
    app.filter(|file| !own(&file.path)).flat_map(check_file).collect()
}

fn check_file(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A call may be broken into lines.
    let mut before = String::new();
    for (number, line) in file.code_lines().take_while(|(_, line)| !line.trim().starts_with("#[cfg(test)]")) {
        let mut rest = line;
        while let Some(offset) = rest.find("\"/") {
            let (passed, at) = rest.split_at(offset);
            before.push_str(passed.trim_start());
            if is_spelled_out(&before, at) {
                let message = "an address is spelled out; name its `Route`, or use `addresses::at`";
                findings.push(Finding::at(file, number, message));
            }
            let (quote, after) = at.split_at(2);
            before.push_str(quote);
            rest = after;
        }
        before.push_str(rest.trim());
    }
    findings
}

/// Whether `text`, which begins with a quote and a slash, is an address of its
/// own after `before`.
fn is_spelled_out(before: &str, text: &str) -> bool {
    let before = before.trim_end();
    match text.chars().nth(2) {
        Some(c) if c.is_ascii_lowercase() || c == '{' => !MAKERS.iter().any(|maker| before.ends_with(maker)),
        // The root: elsewhere it is a key, or what parts words.
        Some('"') => before.ends_with('='),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{file, places};
    use super::*;

    fn check_one(path: &str, text: &str) -> Vec<String> {
        places(&check(&[file(path, text)])).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn an_address_that_is_spelled_out_is_found() {
        let text = "//! X.\nlet a = view! { <a href=\"/\">\"x\"</a> };\nlet b = \"/models\";\nlet c = format!(\"/{x}\");\n";
        assert_eq!(
            check_one("app/src/pages/models.rs", text),
            [2, 3, 4].map(|n| format!("app/src/pages/models.rs:{n}"))
        );
    }

    #[test]
    fn what_is_made_an_address_a_key_and_a_test_pass() {
        let text = "//! X.\n// \"/models\"\nat(\"/models\"); base.at(format!(\n    \"/api/{x}\"\n));\nmatch key { \"/\" => 1 }\n\
                    #[cfg(test)]\nmod tests { const A: &str = \"/models\"; }\n";
        assert_eq!(check_one("app/src/ui/card.rs", text), Vec::<String>::new());
    }

    #[test]
    fn the_table_of_pages_and_other_crates_may_spell_them_out() {
        for path in
            ["app/src/routes.rs", "app/src/addresses.rs", "app/src/base_path.rs", "server/src/http/mod.rs"]
        {
            assert_eq!(check_one(path, "//! X.\nlet a = \"/models\";\n"), Vec::<String>::new());
        }
    }
}
