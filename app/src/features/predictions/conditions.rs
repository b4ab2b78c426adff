//! A condition found in a query and taken from it: what a second click on a
//! facet does. Knows the language, not the page.

use query::{
    Query,
    ast::{Expr, Test},
    parse,
};

/// Whether `text` demands `condition`, alone or beside others.
pub(super) fn has(text: &str, condition: &str) -> bool {
    let (Ok(query), Ok(condition)) = (parse(text), parse(condition)) else { return false };
    parts(&query).contains(condition.condition())
}

/// `text` without `condition`, written anew.
pub(super) fn without(text: &str, condition: &str) -> String {
    let (Ok(query), Ok(condition)) = (parse(text), parse(condition)) else { return text.to_owned() };
    let rest = parts(&query).iter().filter(|part| *part != condition.condition()).cloned();
    Query::new(Expr::all(rest)).to_string()
}

fn parts(query: &Query) -> &[Expr<Test>] {
    match query.condition() {
        Expr::All(parts) => parts,
        one => std::slice::from_ref(one),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_can_be_taken_back() {
        for (text, condition, rest) in [
            ("status = reviewed", "status = reviewed", ""),
            (r#"objects>5 and label = "car""#, r#"label = "car""#, "objects > 5"),
            ("(objects > 5 or reviewed = true) and tag = a", "tag = a", "objects > 5 or reviewed = true"),
            ("objects > 5", "tag = a", "objects > 5"),
        ] {
            assert_eq!(has(text, condition), rest != text);
            assert_eq!(without(text, condition), rest);
        }
    }

    #[test]
    fn the_same_condition_in_other_words_is_the_same() {
        assert!(has(r#"has(label = "car") and objects > 3"#, "label = car"));
        assert!(!has("objects > 3 or tag = a", "tag = a"), "an alternative demands nothing");
    }
}
