//! What a review did, in numbers.

/// `kept 14 · moved 1`, without what is none.
pub fn counts<const N: usize>(parts: [(usize, &str); N]) -> String {
    let some = parts.into_iter().filter(|(count, _)| *count > 0);
    some.map(|(count, word)| format!("{word} {count}")).collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_none_is_left_out() {
        assert_eq!(counts([(14, "kept"), (0, "moved"), (2, "added")]), "kept 14 · added 2");
        assert_eq!(counts([(0, "kept")]), "");
    }
}
