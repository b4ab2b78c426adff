//! Colours by role. Drawing uses sentinel colours; the finished text names the
//! style sheet's variables instead. Knows no colour that anyone sees.

use plotters::style::RGBColor;
use serde::{Deserialize, Serialize};

/// What a mark is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Ink {
    /// The figure itself.
    Accent,
    /// What it is compared with.
    Muted,
    /// The second figure of a pair.
    Second,
    /// A class, by its index into the model's labels; eight colours in turn.
    Label(usize),
    /// Hairlines.
    Grid,
    /// Letters and figures.
    Text,
}

/// Labels have this many colours before they repeat.
const LABEL_COLOURS: usize = 8;
/// Sentinels are `#01FExx`: nothing else in a chart looks like them.
const FIXED: [(Ink, &str); 5] = [
    (Ink::Accent, "var(--chart-1)"),
    (Ink::Muted, "var(--chart-muted)"),
    (Ink::Second, "var(--chart-2)"),
    (Ink::Grid, "var(--chart-grid)"),
    (Ink::Text, "var(--chart-text)"),
];

impl Ink {
    pub(crate) fn sentinel(self) -> RGBColor {
        let last = match self {
            Self::Label(index) => 0x10 + (index % LABEL_COLOURS) as u8,
            other => FIXED.iter().position(|(ink, _)| *ink == other).unwrap_or(0) as u8,
        };
        RGBColor(0x01, 0xFE, last)
    }
}

fn sentinel_text(ink: Ink) -> String {
    let RGBColor(r, g, b) = ink.sentinel();
    format!("\"#{r:02X}{g:02X}{b:02X}\"")
}

/// Puts the style sheet's variables where the sentinels stand.
pub(crate) fn with_variables(svg: &str) -> String {
    let fixed = FIXED.iter().map(|(ink, variable)| (*ink, (*variable).to_owned()));
    let labels = (0..LABEL_COLOURS).map(|i| (Ink::Label(i), format!("var(--label-{})", i + 1)));
    fixed.chain(labels).fold(svg.to_owned(), |text, (ink, variable)| {
        text.replace(&sentinel_text(ink), &format!("\"{variable}\""))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ninth_label_has_the_colour_of_the_first() {
        assert_eq!(Ink::Label(8).sentinel(), Ink::Label(0).sentinel());
        assert_ne!(Ink::Label(1).sentinel(), Ink::Label(0).sentinel());
    }

    #[test]
    fn only_sentinels_become_variables() {
        let svg = "<line stroke=\"#01FE00\"/><text fill=\"#01FE04\">#01FE00</text>";
        assert_eq!(
            with_variables(svg),
            "<line stroke=\"var(--chart-1)\"/><text fill=\"var(--chart-text)\">#01FE00</text>"
        );
    }
}
