//! Colours are named in one place, `style/tokens.css`, so that light and dark
//! stay two columns of one table.

use super::{Finding, SourceFile};
use crate::site::css::without_comments;

/// Functions that make a colour out of figures.
const COLOUR_FUNCTIONS: [&str; 9] =
    ["rgb(", "rgba(", "hsl(", "hsla(", "hwb(", "lab(", "oklab(", "lch(", "oklch("];

/// Names of colours that someone might type.
const COLOUR_NAMES: [&str; 12] = [
    "black", "white", "red", "green", "blue", "gray", "grey", "silver", "orange", "yellow", "purple", "navy",
];

/// Every declaration outside the tokens that spells a colour out.
pub(super) fn check(files: &[SourceFile]) -> Vec<Finding> {
    let sheets = files.iter().filter(|file| file.path.starts_with("style/") && file.path.ends_with(".css"));
    sheets.filter(|file| !file.path.ends_with("/tokens.css")).flat_map(check_sheet).collect()
}

fn check_sheet(file: &SourceFile) -> Vec<Finding> {
    let text = without_comments(&file.text);
    // A declaration ends at `;` or `}`; what ends at `{` is a selector.
    let parts = text.split_inclusive([';', '{', '}']).filter(|part| !part.ends_with('{'));
    let declarations = parts.filter_map(|part| part.split_once(':'));
    declarations
        .filter(|(_, value)| spells_a_colour(value))
        .map(|(property, value)| {
            let declared = format!("{}:{}", property.trim(), value.trim_end_matches([';', '}']).trim_end());
            Finding::new(&file.path, format!("`{declared}` spells a colour out; name it in tokens.css"))
        })
        .collect()
}

fn spells_a_colour(value: &str) -> bool {
    let mut words = value.split(|c: char| c.is_whitespace() || ",;})".contains(c));
    COLOUR_FUNCTIONS.iter().any(|function| calls(value, function))
        || words.any(|word| is_hex_colour(word.trim_start_matches('(')) || COLOUR_NAMES.contains(&word))
}

/// Whether a function is called, by its whole name.
fn calls(value: &str, function: &str) -> bool {
    value.match_indices(function).any(|(at, _)| {
        let before = value.get(..at).and_then(|text| text.chars().next_back());
        before.is_none_or(|c| !(c.is_alphanumeric() || c == '-'))
    })
}

fn is_hex_colour(word: &str) -> bool {
    word.strip_prefix('#').is_some_and(|digits| {
        matches!(digits.len(), 3 | 4 | 6 | 8) && digits.chars().all(|c| c.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    fn check_one(css: &str) -> usize {
        check(&[file("style/cards.css", css)]).len()
    }

    #[test]
    fn a_colour_spelled_out_is_found_in_every_notation() {
        assert_eq!(check_one(".card { color: #fff; border: 1px solid #3d63dd }"), 2);
        assert_eq!(check_one(".card { background: rgb(0 0 0 / 10%); color: oklch(0.5 0.1 200); }"), 2);
        assert_eq!(check_one(".card { color: white; }"), 1);
    }

    #[test]
    fn a_token_a_mix_of_tokens_and_an_id_in_a_selector_pass() {
        assert_eq!(
            check_one(
                "#fade:hover { color: var(--white); background: color-mix(in oklab, var(--a) 10%, transparent); }"
            ),
            0
        );
        assert_eq!(check_one("a { color: currentColor; &:hover #abc { margin: 0 } } /* #fff */"), 0);
    }

    #[test]
    fn the_tokens_may_spell_colours_out() {
        assert_eq!(check(&[file("style/tokens.css", ":root { --accent: #3d63dd; }")]), []);
    }
}
