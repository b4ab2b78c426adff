//! Any text: the parser ends without a panic, places lie inside the text, the
//! strict and the lenient parser agree, and what was read prints as itself.
#![no_main]

use domain::{
    query::{KnownValues, MAX_BYTES, complete, highlight, parse, parse_lenient},
    time::Timestamp,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
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
});
