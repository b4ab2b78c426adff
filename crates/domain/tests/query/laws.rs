//! What holds for every query, every prediction and every text.

use super::{
    generate::{condition, sample, soup},
    sample::NOW,
};
use proptest::prelude::*;
use query::{KnownValues, Query, ast::Expr, complete, highlight, parse, parse_lenient};

/// What must hold for any text at all.
fn check_any_text(text: &str) -> Result<(), TestCaseError> {
    let (guess, errors) = parse_lenient(text);
    match parse(text) {
        Ok(query) => {
            prop_assert!(errors.is_empty());
            prop_assert_eq!(&query, &guess);
            prop_assert_eq!(
                parse(&query.to_string()).map_err(|e| TestCaseError::fail(e.to_string()))?,
                query
            );
        }
        Err(refused) => {
            prop_assert!(!errors.is_empty());
            prop_assert_eq!(&refused.errors, &errors);
            for error in &errors {
                prop_assert!(text.get(error.span.start..error.span.end).is_some(), "{:?}", error);
                prop_assert!(error.render(text).contains('^'));
                prop_assert!(error.fix.as_ref().is_none_or(|fix| fix.apply(text).is_some()));
            }
            // What was understood is itself a query.
            prop_assert_eq!(
                parse(&guess.to_string()).map_err(|e| TestCaseError::fail(e.to_string()))?,
                guess
            );
        }
    }
    let mut end = 0;
    for part in highlight(text) {
        prop_assert!(part.span.start >= end && part.span.end > part.span.start);
        prop_assert!(text.get(part.span.start..part.span.end).is_some());
        end = part.span.end;
    }
    for cursor in 0..=text.len() + 1 {
        let completion = complete(text, cursor, &KnownValues::default());
        prop_assert!(text.get(completion.span.start..completion.span.end).is_some());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_what_was_printed_gives_the_same_query(condition in condition()) {
        let query = Query::new(condition);
        let printed = query.to_string();
        let read = parse(&printed).map_err(|errors| TestCaseError::fail(errors.to_string()))?;
        prop_assert_eq!(&read, &query, "{}", printed);
        prop_assert_eq!(read.to_string(), printed);
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}") {
        check_any_text(&text)?;
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        check_any_text(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn no_pieces_of_queries_make_the_parser_panic(text in soup()) {
        check_any_text(&text)?;
    }

    #[test]
    fn a_query_cut_anywhere_is_still_read(condition in condition(), at in any::<proptest::sample::Index>()) {
        let printed = condition.to_string();
        let cut = at.index(printed.len() + 1);
        let cut = (0..=cut).rev().find(|&i| printed.is_char_boundary(i)).unwrap_or(0);
        check_any_text(&printed[..cut])?;
    }

    #[test]
    fn not_is_the_exact_complement(condition in condition(), sample in sample()) {
        let facts = sample.facts();
        let holds = Query::new(condition.clone()).matches(&facts, NOW);
        let negated = Query::new(condition.negate());
        prop_assert_eq!(negated.matches(&facts, NOW), !holds);
    }

    #[test]
    fn not_moves_through_and_and_or(a in condition(), b in condition(), sample in sample()) {
        let facts = sample.facts();
        let matches = |condition: Expr<_>| Query::new(condition).matches(&facts, NOW);
        let both = Expr::all([a.clone(), b.clone()]).negate();
        prop_assert_eq!(matches(both), matches(Expr::any([a.clone().negate(), b.clone().negate()])));
        let either = Expr::any([a.clone(), b.clone()]).negate();
        prop_assert_eq!(matches(either), matches(Expr::all([a.negate(), b.negate()])));
    }

    #[test]
    fn printing_keeps_the_meaning(condition in condition(), sample in sample()) {
        let query = Query::new(condition);
        let read = parse(&query.to_string()).map_err(|errors| TestCaseError::fail(errors.to_string()))?;
        prop_assert_eq!(read.matches(&sample.facts(), NOW), query.matches(&sample.facts(), NOW));
    }

    #[test]
    fn what_a_query_implies_is_true_of_every_match(condition in condition(), sample in sample()) {
        let query = Query::new(condition);
        let implied = query.driving_conditions(NOW);
        if query.matches(&sample.facts(), NOW) {
            prop_assert!(implied.admits(&sample.facts()), "{} does not imply {:?}", query, implied);
        }
    }
}
