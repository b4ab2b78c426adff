//! Whatever of a text can be read becomes a statement with a value for every
//! mark, and with no byte of the text in it.
#![no_main]

use domain::{query::parse_lenient, time::Timestamp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (query, _) = parse_lenient(text);
    for postgres in [false, true] {
        let (sql, values) = store::condition_sql(&query, Timestamp(1_795_435_200_000), postgres);
        assert_eq!(sql.matches('?').count(), values);
        assert_eq!(sql.matches('(').count(), sql.matches(')').count());
        assert!(sql.is_ascii());
    }
});
