//! Counts by name: one horizontal bar each, the name before it, the count
//! behind it, so that long names can be read.

use crate::{
    figures::{csv_field, grouped},
    frame::Canvas,
    ink::Ink,
    sheet::{Anchor, FONT_PX, svg},
    text::{shorten, text_width},
};

/// One count.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What was counted.
    pub name: String,
    /// How many.
    pub value: u64,
    /// How many there would be if all were as usual: a mark across the bar.
    pub expected: Option<f64>,
    /// What it is drawn with.
    pub ink: Ink,
}

/// Counts beside each other; the longest bar is as wide as there is room.
#[derive(Clone, Debug, PartialEq)]
pub struct BarChart {
    /// Read to people who cannot see it.
    pub title: String,
    /// From the top.
    pub bars: Vec<Bar>,
}

const GAP_PX: f64 = 8.0;
const MOST_NAME_SHARE: f64 = 0.36;
const THICKEST_PX: f64 = 16.0;
/// How far a mark reaches beyond its bar.
const MARK_PX: f64 = 3.0;

impl BarChart {
    /// The same as comma-separated values: name, count, and what was expected.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let line = |bar: &Bar| {
            let expected = bar.expected.map(|value| value.to_string()).unwrap_or_default();
            format!("{},{},{expected}\n", csv_field(&bar.name), bar.value)
        };
        std::iter::once("name,count,expected\n".to_owned()).chain(self.bars.iter().map(line)).collect()
    }

    /// Draws it.
    #[must_use]
    pub fn to_svg(&self, canvas: Canvas) -> String {
        let (width, height) = (f64::from(canvas.width), f64::from(canvas.height));
        let row = (height / self.bars.len().max(1) as f64).min(34.0);
        let thick = (row * 0.6).min(THICKEST_PX);
        let widest = |texts: &mut dyn Iterator<Item = String>| {
            texts.map(|text| text_width(&text, FONT_PX)).fold(0.0, f64::max)
        };
        let names = widest(&mut self.bars.iter().map(|b| b.name.clone())).min(width * MOST_NAME_SHARE);
        let counts = widest(&mut self.bars.iter().map(|b| grouped(b.value)));
        let left = names + GAP_PX;
        let room = (width - left - counts - GAP_PX).max(1.0);
        let longest = |b: &Bar| (b.value as f64).max(b.expected.unwrap_or(0.0));
        let most = self.bars.iter().map(longest).fold(1.0, f64::max);
        svg(canvas, &self.title, |sheet| {
            for (index, bar) in self.bars.iter().enumerate() {
                let middle = row * (index as f64 + 0.5);
                let length = (room * bar.value as f64 / most).max(1.0);
                let name = shorten(&bar.name, FONT_PX, names + 1.0);
                sheet.text((0.0, middle), &name, Anchor::Left)?;
                let (top, bottom) = (middle - thick / 2.0, middle + thick / 2.0);
                sheet.bar((left, top), (left + length, bottom), bar.ink, 1.0)?;
                let mut end = left + length;
                if let Some(expected) = bar.expected {
                    let x = left + room * expected / most;
                    sheet.line(&[(x, top - MARK_PX), (x, bottom + MARK_PX)], Ink::Text, 1.5)?;
                    end = end.max(x);
                }
                sheet.text((end + GAP_PX, middle), &grouped(bar.value), Anchor::Left)?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(name: &str, value: u64, index: usize) -> Bar {
        Bar { name: name.into(), value, expected: None, ink: Ink::Label(index) }
    }

    #[test]
    fn counts_by_label_look_like_this() {
        let bars = vec![bar("RBC", 1811, 0), bar("WBC", 64, 1), bar("a class with a very long name", 9, 2)];
        let chart = BarChart { title: "Labels".into(), bars };
        insta::assert_snapshot!(chart.to_svg(Canvas { width: 320, height: 120 }));
    }

    #[test]
    fn what_was_expected_is_a_mark_that_makes_room_for_itself() {
        let bars = vec![Bar { expected: Some(20.0), ..bar("RBC", 10, 0) }, bar("WBC", 10, 1)];
        let svg = BarChart { title: "Labels".into(), bars }.to_svg(Canvas { width: 320, height: 60 });
        assert_eq!(svg.matches("<polyline").count(), 1, "{svg}");
    }

    #[test]
    fn a_chart_without_bars_is_an_empty_sheet() {
        let svg = BarChart { title: "Labels".into(), bars: vec![] }.to_svg(Canvas { width: 80, height: 40 });
        assert!(!svg.contains("<rect"));
    }
}
