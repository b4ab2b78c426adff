//! The query language and the cursors of lists.

use domain::{
    listing::{SortField, SortOrder},
    time::Timestamp,
};
use query::{KnownValues, MAX_BYTES, complete, highlight, parse, parse_lenient};

/// Any text: the parser ends without a panic, places lie inside the text, the
/// strict and the lenient parser agree, and what was read prints as itself.
pub(crate) fn parser(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    let (guess, errors) = parse_lenient(text);
    for error in &errors {
        assert!(text.get(error.span.start..error.span.end).is_some());
        assert!(error.fix.as_ref().is_none_or(|fix| fix.apply(text).is_some()));
        let _ = error.render(text);
    }
    match parse(text) {
        Ok(query) => assert!(errors.is_empty() && query == guess),
        Err(refused) => assert_eq!(refused.errors, errors),
    }
    let printed = guess.to_string();
    if printed.len() <= MAX_BYTES {
        assert_eq!(parse(&printed).as_ref(), Ok(&guess));
    }
    let _ = guess.driving_conditions(Timestamp(0));
    let _ = highlight(text);
    let _ = complete(text, text.len() / 2, &KnownValues::default());
}

/// Whatever of a text can be read becomes a statement with a value for every
/// mark, and with no byte of the text in it.
pub(crate) fn to_sql(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    let (query, _) = parse_lenient(text);
    for postgres in [false, true] {
        let (sql, values) = store::condition_sql(&query, Timestamp(1_795_435_200_000), postgres);
        assert_eq!(sql.matches('?').count(), values);
        assert_eq!(sql.matches('(').count(), sql.matches(')').count());
        assert!(sql.is_ascii());
    }
}

/// A cursor that is taken is written as it was read.
pub(crate) fn cursor(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    for field in SortField::all() {
        let order = SortOrder::descending(field);
        for order in [order, order.reversed()] {
            if let Some(written) = store::rewritten_cursor(text, order) {
                assert_eq!(store::rewritten_cursor(&written, order).as_ref(), Some(&written));
            }
        }
    }
}

/// A query has an end of its own; what it becomes grows with its square at
/// most while a fault is told about each word.
pub(crate) fn memory_bytes(input: usize) -> usize {
    (16 << 20) + 4_000 * input
}
