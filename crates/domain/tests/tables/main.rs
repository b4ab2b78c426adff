//! The tables of figures and of query fields: what other people's programs
//! and stored data rely on stays, and what is written about them is true.

mod documents;
mod names;

/// Compares generated text with what is committed.
fn check(generated: &str, committed: &str, file: &str) {
    assert!(
        generated == committed,
        "{file} and the tables differ. If the change is meant, the file must say:\n----\n{generated}----"
    );
}

/// What a document says between two marks of that name.
fn between<'d>(document: &'d str, mark: &str) -> &'d str {
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- end of {mark} -->"));
    let rest = document.split_once(&begin).expect("a beginning").1;
    rest.split_once(&end).expect("an end").0
}
