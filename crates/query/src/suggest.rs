//! Which known word was probably meant. Knows words only.

/// The word of `known` nearest to `word`, if it is within two edits (one for
/// words of three letters or less). Letters' case does not count; among equals
/// the first wins.
pub(super) fn closest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let written: Vec<char> = word.chars().flat_map(char::to_lowercase).take(65).collect();
    let limit = if written.len() <= 3 { 1 } else { 2 };
    known
        .into_iter()
        .map(|candidate| {
            (distance(&written, &candidate.to_lowercase().chars().collect::<Vec<_>>()), candidate)
        })
        .filter(|(edits, _)| *edits <= limit)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a`
/// into `b`, no part edited twice (optimal string alignment, Boytsov 2011).
fn distance(a: &[char], b: &[char]) -> usize {
    if a.len().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    // Rows of the table: two back, one back, and the one being filled.
    let mut older: Vec<usize> = Vec::new();
    let mut old: Vec<usize> = (0..=b.len()).collect();
    let mut before_a = None;
    for (i, &ca) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        let mut before_b = None;
        for (j, &cb) in b.iter().enumerate() {
            let at = |row: &[usize], k: usize| row.get(k).copied().unwrap_or(usize::MAX - 1);
            let mut best =
                (at(&old, j) + usize::from(ca != cb)).min(at(&old, j + 1) + 1).min(at(&row, j) + 1);
            if j > 0 && before_a == Some(cb) && before_b == Some(ca) {
                best = best.min(at(&older, j - 1) + 1);
            }
            row.push(best);
            before_b = Some(cb);
        }
        before_a = Some(ca);
        older = std::mem::replace(&mut old, row);
    }
    old.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::closest;

    const WORDS: [&str; 4] = ["status", "source", "tag", "objects"];

    #[test]
    fn up_to_two_edits_are_forgiven() {
        for (word, expected) in [
            ("statsu", Some("status")),
            ("Status", Some("status")),
            ("sttus", Some("status")),
            ("sorce", Some("source")),
            ("tags", Some("tag")),
            ("tga", Some("tag")),
            ("xyz", None),
            ("obj", None),
            ("stxtxx", None),
            ("", None),
        ] {
            assert_eq!(closest(word, WORDS), expected, "{word}");
        }
    }

    #[test]
    fn the_nearest_wins() {
        assert_eq!(closest("width2", ["height", "widths", "width2x"]), Some("widths"));
    }
}
