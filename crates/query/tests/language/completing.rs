//! What a search bar offers and colours.

use query::{CandidateKind, HighlightKind, KnownValues, complete, highlight, parse};
use std::collections::BTreeMap;

fn known() -> KnownValues {
    let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    KnownValues {
        labels: texts(&["car", "bus", "traffic light"]),
        tags: texts(&["night", "rain"]),
        sources: texts(&["cam-1", "cam-2"]),
        models: texts(&["blood/1", "blood/2"]),
        reviewers: texts(&["ana@example.org"]),
        metadata: BTreeMap::from([
            ("site".to_owned(), texts(&["berlin"])),
            ("my key".to_owned(), Vec::new()),
        ]),
    }
}

/// What is offered at the `|` of `query`.
fn offered(query: &str) -> Vec<String> {
    let cursor = query.find('|').expect("a cursor");
    let completion = complete(&query.replacen('|', "", 1), cursor, &known());
    completion.candidates.into_iter().map(|candidate| candidate.text).collect()
}

fn check(query: &str, expected: &[&str]) {
    assert_eq!(offered(query), expected, "{query}");
}

#[test]
fn fields_come_first() {
    let fields = offered("|");
    for field in [
        "status",
        "objects",
        "created",
        "metadata.site",
        "metadata.\"my key\"",
        "label",
        "has(",
        "count(",
        "not",
    ] {
        assert!(fields.iter().any(|offer| offer == field), "{field}");
    }
    assert!(!fields.iter().any(|offer| offer == "score"));
    check("sta|", &["status"]);
    check("objects > 5 and out|", &["outlier_score"]);
    check("not REV|", &["reviewed", "reviewed_by"]);
    check("review|", &["reviewed", "reviewed_by"]);
    check("score|", &["outlier_score"]);
    check("metadata.s|", &["metadata.site"]);
}

#[test]
fn inside_has_the_fields_of_a_box_are_offered() {
    check(
        "has(|",
        &["label", "score", "area", "width", "height", "not", "champion:", "shadow:", "review:", "all:"],
    );
    check("has(label = car and |", &["label", "score", "area", "width", "height", "not"]);
    check("has(sh|", &["shadow:"]);
    check("has(shadow: sc|", &["score"]);
}

#[test]
fn operators_of_the_type_follow_a_field() {
    check("status |", &["=", "!=", "in (", "not in ("]);
    check("reviewed |", &["=", "!="]);
    check("tag |", &["=", "~", "in (", "not in (", "<", "<=", ">", ">="]);
    check("objects |", &[">", ">=", "<", "<=", "=", "!=", "in (", "not in ("]);
    check("has(label i|", &["in (", "not in ("]);
    check("tag not |", &["in ("]);
    check("count(label = car) |", &["=", "!=", "<", "<=", ">", ">="]);
}

#[test]
fn known_values_follow_an_operator() {
    check("status = |", &["to_review", "reviewed", "submitted", "skipped"]);
    check("status = s|", &["submitted", "skipped"]);
    check("tag = |", &["\"night\"", "\"rain\"", "none"]);
    check("tag in (\"rain\", |", &["\"night\"", "\"rain\""]);
    check("source ~ |", &["\"cam-1\"", "\"cam-2\""]);
    check("source = cam-|", &["\"cam-1\"", "\"cam-2\""]);
    check("model=|", &["\"blood/1\"", "\"blood/2\""]);
    check("reviewed_by = |", &["\"ana@example.org\"", "none"]);
    check("metadata.site = |", &["\"berlin\"", "none"]);
    check("label = \"tra|", &["\"traffic light\""]);
    check("has(label = C|", &["\"car\"", "\"traffic light\""]);
    check("reviewed = |", &["true", "false"]);
    check("created > |", &["-1h", "-24h", "-7d", "-30d"]);
    check("outlier_score = |", &["none"]);
    check("objects > |", &[]);
}

#[test]
fn and_or_and_parentheses_follow_a_condition() {
    check("objects > 5 |", &["and", "or"]);
    check("(objects > 5 |", &[")", "and", "or"]);
    check("has(label = car |", &[")", "and", "or"]);
    check("has(label = car) |", &["and", "or"]);
    check("tag in (night |", &[",", ")"]);
    check("tag in (night) |", &["and", "or"]);
}

#[test]
fn a_candidate_replaces_the_word_at_the_cursor() {
    for (query, cursor, taken, expected) in [
        ("statsu = reviewed", 3, "status", "status = reviewed"),
        ("tag = ni and objects > 5", 8, "\"night\"", "tag = \"night\" and objects > 5"),
        ("label = \"tra", 12, "\"traffic light\"", "label = \"traffic light\""),
        ("objects > 5 ", 12, "and", "objects > 5 and"),
    ] {
        let completion = complete(query, cursor, &known());
        assert!(completion.candidates.iter().any(|candidate| candidate.text == taken), "{completion:?}");
        let (start, end) = (completion.span.start, completion.span.end);
        assert_eq!(format!("{}{taken}{}", &query[..start], &query[end..]), expected);
    }
}

#[test]
fn every_offered_value_makes_a_right_query() {
    for start in ["status = ", "tag = ", "source ~ ", "model != ", "label = ", "created > ", "reviewed = "] {
        let completion = complete(start, start.len(), &known());
        assert!(!completion.candidates.is_empty(), "{start}");
        for candidate in completion.candidates {
            assert_eq!(candidate.kind, CandidateKind::Value);
            let query = format!("{start}{}", candidate.text);
            assert!(parse(&query).is_ok(), "{query}");
        }
    }
}

#[test]
fn words_are_coloured_by_what_they_are_there_for() {
    use HighlightKind as K;
    let query = "not has(shadow: label = \"car\" and score>=.5) or foo in (1, x) and tag = and created > -7d and latency<5ms";
    let shown: Vec<(&str, K)> = highlight(query).into_iter().map(|h| (h.span.of(query), h.kind)).collect();
    assert_eq!(
        shown,
        [
            ("not", K::Keyword),
            ("has", K::Function),
            ("(", K::Punctuation),
            ("shadow", K::Origin),
            (":", K::Punctuation),
            ("label", K::Field),
            ("=", K::Operator),
            ("\"car\"", K::Text),
            ("and", K::Keyword),
            ("score", K::Field),
            (">=", K::Operator),
            (".5", K::Number),
            (")", K::Punctuation),
            ("or", K::Keyword),
            ("foo", K::UnknownField),
            ("in", K::Keyword),
            ("(", K::Punctuation),
            ("1", K::Number),
            (",", K::Punctuation),
            ("x", K::Word),
            (")", K::Punctuation),
            ("and", K::Keyword),
            ("tag", K::Field),
            ("=", K::Operator),
            ("and", K::Keyword),
            ("created", K::Field),
            (">", K::Operator),
            ("-7d", K::Date),
            ("and", K::Keyword),
            ("latency", K::Field),
            ("<", K::Operator),
            ("5ms", K::Number),
        ]
    );
}
