//! No text makes the parser panic; what it reads, it reads again.
#![no_main]

use domain::query::{KnownValues, complete, highlight, parse, parse_lenient};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let (guess, errors) = parse_lenient(text);
    for error in &errors {
        assert!(text.get(error.span.start..error.span.end).is_some());
        let _ = error.render(text);
    }
    match parse(text) {
        Ok(query) => assert!(errors.is_empty() && query == guess),
        Err(_) => assert!(!errors.is_empty()),
    }
    let printed = guess.to_string();
    if printed.len() <= domain::query::MAX_BYTES {
        assert_eq!(parse(&printed).ok().as_ref(), Some(&guess));
    }
    let _ = highlight(text);
    let _ = complete(text, text.len() / 2, &KnownValues::default());
});
