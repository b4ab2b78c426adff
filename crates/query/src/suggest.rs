//! Which known word was probably meant. Knows words only.

use strsim::osa_distance;
use units::text::lowercase;

/// No word of the language is as long: what somebody pasted is not compared.
const LONGEST: usize = 65;

/// The word of `known` nearest to `word`, if it is within two edits (one for
/// words of three letters or less). Letters' case does not count; among equals
/// the first wins.
pub(super) fn closest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let written = lowercase(&word.chars().take(LONGEST).collect::<String>());
    let letters = written.chars().count();
    let limit = if letters <= 3 { 1 } else { 2 };
    known
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(letters) <= limit)
        .map(|candidate| (osa_distance(&written, &lowercase(candidate)), candidate))
        .filter(|(edits, _)| *edits <= limit)
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
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
