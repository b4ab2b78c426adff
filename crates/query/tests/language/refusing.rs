//! What is refused, where, and what is offered instead.

use insta::assert_snapshot;
use query::{MAX_BYTES, MAX_CONDITIONS, Problem, QueryError, parse, parse_lenient};

fn refusal(query: &str) -> String {
    parse(query).map_or_else(|errors| errors.to_string(), |query| panic!("accepted as {query}"))
}

fn errors(query: &str) -> Vec<QueryError> {
    parse_lenient(query).1
}

/// The only error's fix, applied.
fn repaired(query: &str) -> String {
    let errors = errors(query);
    assert_eq!(errors.len(), 1, "{query}: {errors:?}");
    errors[0].fix.as_ref().and_then(|fix| fix.apply(query)).unwrap_or_else(|| panic!("no fix: {}", errors[0]))
}

#[test]
fn a_misspelt_field_is_shown_with_a_suggestion() {
    assert_snapshot!(refusal("objects > 5 and statsu = to_review"), @r"
    there is no field `statsu`
      objects > 5 and statsu = to_review
                      ^^^^^^
      did you mean `status`?
    ");
}

#[test]
fn an_inequality_of_labels_is_refused_with_advice() {
    assert_snapshot!(refusal("label != \"car\""), @r#"
    `label` can have several values, so `!=` could mean two things
      label != "car"
            ^^
      write `not has(label = "car")` for images without one, or `has(label != "car")` for images with something else
    "#);
}

#[test]
fn an_inequality_of_tags_is_refused_with_advice() {
    assert_snapshot!(refusal("tag != night"), @r#"
    `tag` can have several values, so `!=` could mean two things
      tag != night
          ^^
      write `not tag = "night"` for predictions without it
    "#);
}

#[test]
fn all_errors_are_told_at_once() {
    assert_snapshot!(refusal("objcts > 5 and status = revewed or (latency > 3d and tag ="), @r"
    there is no field `objcts`
      objcts > 5 and status = revewed or (latency > 3d and tag =
      ^^^^^^
      did you mean `objects`?
    `status` is compared with a status; `revewed` is not one
      objcts > 5 and status = revewed or (latency > 3d and tag =
                              ^^^^^^^
      did you mean `reviewed`?
    this parenthesis is never closed
      objcts > 5 and status = revewed or (latency > 3d and tag =
                                         ^
    `latency` is compared with a number of `ms` or `s`; `3d` is not one
      objcts > 5 and status = revewed or (latency > 3d and tag =
                                                    ^^
      write `250`, `250ms` or `0.25s`
    expected a value, found the end
      objcts > 5 and status = revewed or (latency > 3d and tag =
                                                                ^
    ");
}

#[test]
fn fixes_repair() {
    for (query, expected) in [
        ("statsu = reviewed", "status = reviewed"),
        ("status = to_reveiw", "status = to_review"),
        ("Objects > 5", "objects > 5"),
        ("boxes > 5", "objects > 5"),
        ("objects == 5", "objects = 5"),
        ("objects<>5", "objects!=5"),
        ("objects ≥ 5", "objects >= 5"),
        ("objects > 5&&width > 3", "objects > 5 and width > 3"),
        ("objects > 5 || width > 3", "objects > 5  or  width > 3"),
        ("!has()", " not has()"),
        ("objects > 5 width > 3", "objects > 5 and width > 3"),
        ("objects > \"5\"", "objects > 5"),
        ("objects > 5px", "objects > 5"),
        ("latency > \"5ms\"", "latency > 5ms"),
        ("created > 7d", "created > -7d"),
        ("tag = night shift", "tag = \"night shift\""),
        ("source like cam", "source ~ cam"),
        ("source is none", "source = none"),
        ("source = null", "source = none"),
        ("(objects > 5", "(objects > 5)"),
        ("objects > 5)", "objects > 5"),
        ("tag = \"night", "tag = \"night\""),
        ("has(label = car) >= 2", "count(label = car) >= 2"),
        ("has(shadw: label = car)", "has(shadow: label = car)"),
        ("has(lable = car)", "has(label = car)"),
        ("created = 2026-11-01 10:00", "created = \"2026-11-01 10:00\""),
    ] {
        let fixed = repaired(query);
        assert_eq!(fixed, expected, "{query}");
        assert!(parse(&fixed).is_ok(), "{fixed}: {}", refusal(&fixed));
    }
}

#[test]
fn what_makes_no_sense_is_refused_at_its_place() {
    for (query, place, problem) in [
        ("objects", "", "expected an operator after `objects`, found the end"),
        ("objects >", "", "expected a value, found the end"),
        ("objects > and width > 3", "and", "expected a value, found `and`"),
        ("objects > abc", "abc", "`objects` is compared with a number; `abc` is not one"),
        ("objects > nan", "nan", "`objects` is compared with a number; `nan` is not one"),
        ("objects > 1e999", "1e999", "`objects` is compared with a number; `1e999` is not one"),
        ("objects ~ 5", "~", "`objects` cannot be compared with `~`"),
        ("status < reviewed", "<", "`status` cannot be compared with `<`"),
        ("reviewed in (true)", "reviewed", "`reviewed` cannot be compared with `in`"),
        ("reviewed = yes", "yes", "`reviewed` is compared with `true` or `false`; `yes` is not one"),
        ("created ~ \"2026\"", "~", "`created` cannot be compared with `~`"),
        ("created = -7d", "-7d", "`created` is compared with a date; `-7d` is not one"),
        ("created > 2026-02-30", "2026-02-30", "`created` is compared with a date; `2026-02-30` is not one"),
        ("outlier_score > none", "none", "`none` can only be tested with `=` and `!=`"),
        ("source in (a, none)", "none", "`none` can only be tested with `=` and `!=`"),
        ("count() = none", "none", "`count(…)` is compared with a number; `none` is not one"),
        ("count(label = car)", "", "expected an operator after `count(…)`, found the end"),
        ("count() ~ 3", "~", "`count(…)` cannot be compared with `~`"),
        ("score > 0.5", "score", "`score` is a field of a box, not of a prediction"),
        ("has(tag = x)", "tag", "`tag` is a field of a prediction, not of a box"),
        ("has(metadata.k = x)", "metadata.k", "`metadata.k` is a field of a prediction, not of a box"),
        ("has(has())", "has", "`has` and `count` cannot stand inside one another"),
        ("has(foo: label = x)", "foo", "there are no boxes of origin `foo`"),
        ("metadata = x", "metadata", "there is no field `metadata`"),
        ("metadata. = x", "metadata.", "there is no field `metadata.`"),
        ("password_hash = x", "password_hash", "there is no field `password_hash`"),
        ("users.email = x", "users.email", "there is no field `users.email`"),
        ("id = 5", "id", "there is no field `id`"),
        ("5 < objects", "5", "there is no field `5`"),
        ("\"car\"", "\"car\"", "expected a condition, found a quoted text"),
        ("tag in ()", ")", "expected a value, found `)`"),
        ("tag in \"a\"", "\"a\"", "expected `(` after `in`, found a quoted text"),
        ("tag in (\"a\" \"b\")", "\"b\"", "expected `)`, found a quoted text"),
        ("()", ")", "expected a condition, found `)`"),
        ("not", "", "expected a condition, found the end"),
        ("objects > 5 and", "", "expected a condition, found the end"),
        ("and objects > 5", "and", "expected a condition, found `and`"),
        ("objects > 5, width > 3", ",", "expected `and`, `or` or the end, found `,`"),
        ("tag = \"a\\q\"", "\\q", "`\\q` is not an escape"),
        ("tag = \"\\u{110000}\"", "\\u{110000}", "`\\u{110000}` is not an escape"),
        ("tag = \"\\u{0}\"", "\\u{0}", "a NUL character cannot stand in a query"),
        ("tag = \"a\0b\"", "\0", "a NUL character cannot stand in a query"),
        ("tag = a\0", "\0", "a NUL character cannot stand in a query"),
        ("tag = a;", ";", "\";\" means nothing here"),
        ("tag = “night”", "“", "\"“\" means nothing here"),
        ("has", "", "expected an operator after `has`, found the end"),
    ] {
        let errors = errors(query);
        let first = errors.first().unwrap_or_else(|| panic!("accepted: {query}"));
        assert_eq!((first.span.of(query), first.problem.to_string().as_str()), (place, problem), "{query}");
    }
}

#[test]
fn sql_is_a_wrong_query_like_any_other() {
    for query in [
        "' or 1=1 --",
        "\"; drop table predictions; --",
        "objects > 5; select * from users",
        "objects > (select 1)",
        "tag = 'a' union select password from users",
        "1=1",
        "objects > 5 /* x */",
    ] {
        assert!(parse(query).is_err(), "{query}");
    }
}

#[test]
fn five_hundred_parentheses_are_an_error_with_a_place() {
    let query = format!("{}objects > 5{}", "(".repeat(500), ")".repeat(500));
    let errors = errors(&query);
    assert_eq!(errors.len(), 1, "{errors:?}");
    assert_eq!(errors[0].problem, Problem::TooDeep);
    assert_eq!((errors[0].span.start, errors[0].span.end), (64, 65));
    let fits = format!("{}objects > 5{}", "(".repeat(64), ")".repeat(64));
    assert!(parse(&fits).is_ok());
}

#[test]
fn hostile_nesting_does_not_overflow_the_stack() {
    for query in [
        "(".repeat(MAX_BYTES),
        ")".repeat(MAX_BYTES),
        "not ".repeat(MAX_BYTES / 4),
        "not(".repeat(MAX_BYTES / 4),
        "has(".repeat(MAX_BYTES / 4),
        "count(not ".repeat(MAX_BYTES / 10),
        "!".repeat(MAX_BYTES),
        "a in (".repeat(MAX_BYTES / 6),
        "\"".repeat(MAX_BYTES),
        "\\".repeat(MAX_BYTES),
    ] {
        assert!(parse(&query).is_err());
    }
}

#[test]
fn a_long_query_is_refused_by_its_length() {
    let long = |bytes: usize| format!("tag = \"{}\"", "é".repeat((bytes - 8) / 2));
    assert!(parse(&long(MAX_BYTES)).is_ok());
    for query in [long(MAX_BYTES + 2), long(10_240), "(".repeat(100_000)] {
        let errors = errors(&query);
        assert!(
            matches!(errors.as_slice(), [QueryError { problem: Problem::TooLong(n), .. }] if *n == query.len())
        );
        assert!(query.is_char_boundary(errors[0].span.start));
        assert!(errors[0].render(&query).len() < 1000);
    }
}

#[test]
fn too_many_conditions_are_refused_at_the_first_too_many() {
    let or = |n: usize| vec!["width = 1"; n].join(" or ");
    assert!(parse(&or(MAX_CONDITIONS)).is_ok());
    let listed = |n: usize| format!("width in ({})", vec!["1"; n].join(", "));
    assert!(parse(&listed(MAX_CONDITIONS)).is_ok());
    for query in [or(MAX_CONDITIONS + 1), or(500), listed(MAX_CONDITIONS + 1), listed(2000)] {
        let errors = errors(&query);
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert_eq!(errors[0].problem, Problem::TooManyConditions);
    }
}

#[test]
fn the_lenient_parser_keeps_what_is_right() {
    for (query, kept) in [
        ("objects > 5 and statsu = reviewed", "objects > 5"),
        ("objects > 5 and", "objects > 5"),
        ("(objects > 5 or", "objects > 5"),
        ("tag in (a, ", ""),
        ("width = 3 or status in (reviewed, revewed)", "width = 3 or status = reviewed"),
        ("not has(label = \"car", "not has(label = \"car\")"),
        ("objects = 5 and has(foo = 1 or label = x)", "objects = 5 and has(label = \"x\")"),
        ("objects == 5", "objects = 5"),
        ("garbage", ""),
    ] {
        let (parsed, errors) = parse_lenient(query);
        assert_eq!(parsed.to_string(), kept, "{query}");
        assert!(!errors.is_empty(), "{query}");
    }
}

#[test]
fn the_caret_stands_below_its_characters() {
    let query = "source = \"日本\" or source =\n  \"é\" and statsu = reviewed and objects > 5";
    assert_snapshot!(refusal(query), @r#"
    there is no field `statsu`
        "é" and statsu = reviewed and objects > 5
                ^^^^^^
      did you mean `status`?
    "#);
}

#[test]
fn a_long_line_is_cut_around_the_place() {
    let query =
        format!("{}statsu = reviewed and {}", "width = 1 and ".repeat(20), "height = 1 and ".repeat(20));
    let error = errors(&query).into_iter().next().expect("an error");
    let rendered = error.render(&query);
    let lines: Vec<&str> = rendered.lines().collect();
    let caret = lines[2].find('^').expect("a caret");
    let below: String =
        lines[1].chars().skip(lines[2].chars().take_while(|c| *c == ' ').count()).take(6).collect();
    assert!(caret < 100 && lines[1].chars().count() < 90, "{rendered}");
    assert_eq!(below, "statsu", "{rendered}");
    assert_eq!(lines[2].matches('^').count(), 6);
}

#[test]
fn rendering_shows_no_control_characters() {
    let rendered = refusal("tag = \u{1b}[31m \u{7}");
    assert!(rendered.chars().all(|c| c == '\n' || !c.is_control()), "{rendered:?}");
}

#[test]
fn at_most_sixteen_errors_are_told() {
    let query = "foo = 1 and ".repeat(100);
    assert_eq!(errors(&query).len(), 16);
}
