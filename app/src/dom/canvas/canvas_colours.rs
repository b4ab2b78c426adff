//! The colours of the style sheet as a canvas takes them.

use crate::dom::colours::Probe;
use review::{PALETTE_SLOTS, Rgb, Role, Verdict};

/// One colour in both forms.
#[derive(Clone, Debug, Default)]
pub(super) struct Colour {
    pub(super) css: String,
    pub(super) rgb: Rgb,
}

/// Every colour that a scene can ask for.
#[derive(Clone, Debug, Default)]
pub(super) struct CanvasColours {
    labels: Vec<Colour>,
    on_label: Colour,
    on_pale_label: Colour,
    verdicts: [Colour; 4],
    pub(super) handle: Colour,
    guide: Colour,
    marquee: Colour,
    grid: Colour,
    view: Colour,
    pub(super) font: String,
}

/// Slots whose colour is too light for the usual text.
const PALE: std::ops::RangeInclusive<u8> = 2..=6;

impl CanvasColours {
    /// As the page has them now.
    pub(super) fn read() -> Option<Self> {
        // The canvas itself may not be part of the page yet.
        let probe = Probe::new()?;
        let read = |name: &str| {
            let css = probe.colour(name)?;
            Some(Colour { rgb: parse(&css), css })
        };
        let labels = (1..=PALETTE_SLOTS).map(|slot| read(&format!("--label-{slot}")));
        Some(Self {
            labels: labels.collect::<Option<_>>()?,
            on_label: read("--on-label")?,
            on_pale_label: read("--on-pale-label")?,
            verdicts: [
                read("--verdict-agreed")?,
                read("--verdict-differing")?,
                read("--verdict-champion")?,
                read("--verdict-shadow")?,
            ],
            handle: read("--handle")?,
            guide: read("--guide")?,
            marquee: read("--accent")?,
            grid: read("--pixel-grid")?,
            view: read("--accent")?,
            font: probe.font()?,
        })
    }

    /// The colour of a role.
    pub(super) fn of(&self, role: Role) -> &Colour {
        let [agreed, differing, champion, shadow] = &self.verdicts;
        match role {
            Role::Label(slot) | Role::Handle(slot) => {
                self.labels.get(usize::from(slot.get())).unwrap_or(&self.marquee)
            }
            Role::Verdict(Verdict::Agreed) => agreed,
            Role::Verdict(Verdict::DifferingLabel) => differing,
            Role::Verdict(Verdict::OnlyChampion) => champion,
            Role::Verdict(Verdict::OnlyShadow) => shadow,
            Role::Guide => &self.guide,
            Role::Marquee => &self.marquee,
            Role::PixelGrid => &self.grid,
            Role::View => &self.view,
        }
    }

    /// Text on the colour of a role.
    pub(super) fn on(&self, role: Role) -> &Colour {
        match role {
            Role::Label(slot) if PALE.contains(&slot.get()) => &self.on_pale_label,
            _ => &self.on_label,
        }
    }
}

/// The first three numbers of `rgb(1, 2, 3)` or `rgba(1, 2, 3, 0.5)`.
fn parse(css: &str) -> Rgb {
    let mut numbers =
        css.split(|c: char| !(c.is_ascii_digit() || c == '.')).filter(|part| !part.is_empty()).map(rounded);
    let mut next = || numbers.next().unwrap_or_default();
    [next(), next(), next()]
}

/// `12.5` as 13. Reading any number as `f64` takes tables of twelve kilobytes.
fn rounded(number: &str) -> u8 {
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    let up = u8::from(rest.starts_with(|digit: char| digit >= '5'));
    whole.parse::<u8>().map_or(0, |whole| whole.saturating_add(up))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_computed_colour_is_read() {
        assert_eq!(parse("rgb(213, 94, 0)"), [213, 94, 0]);
        assert_eq!(parse("rgba(20, 20, 22, 0.78)"), [20, 20, 22]);
        assert_eq!(parse(""), [0, 0, 0]);
    }
}
