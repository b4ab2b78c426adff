//! The columns of the table: what there is, what is usual, what stands in a
//! cell. Knows one row at a time.

use crate::{
    ui::{IntoAny, Palette, day_and_time, status_badge},
    wire::Tile,
};
use charts::decimal;
use domain::listing::SortField;
use leptos::prelude::*;

/// A column. `metadata.KEY` is one for each key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Known(Known),
    Metadata(String),
}

macro_rules! known {
    ($($name:ident = $word:literal, $title:literal;)*) => {
        /// A column that every deployment has.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Known { $($name),* }

        impl Known {
            const ALL: &[(Self, &'static str, &'static str)] = &[$((Self::$name, $word, $title)),*];
        }
    };
}

known! {
    Status = "status", "Status";
    Objects = "objects", "Objects";
    Labels = "labels", "Labels";
    Outlier = "outlier_score", "Outlier score";
    Confidence = "confidence", "Confidence";
    Least = "min_confidence", "Least confidence";
    Latency = "latency", "Latency";
    Disagreement = "shadow_disagreement", "Disagreement";
    Tags = "tags", "Tags";
    Source = "source", "Source";
    Model = "model", "Model";
    Size = "size", "Size";
    Created = "created", "Taken";
    Received = "received", "Arrived";
    Reviewer = "reviewed_by", "Reviewed by";
}

const USUAL: [Known; 8] = [
    Known::Status,
    Known::Objects,
    Known::Labels,
    Known::Outlier,
    Known::Confidence,
    Known::Latency,
    Known::Tags,
    Known::Received,
];

impl Column {
    /// The columns that an address names; the usual ones when it names none.
    pub(super) fn chosen(words: &[String]) -> Vec<Self> {
        let named: Vec<Self> = words.iter().filter_map(|word| Self::parse(word)).collect();
        if named.is_empty() { USUAL.map(Self::Known).to_vec() } else { named }
    }

    /// All that could be chosen, with these keys of metadata.
    pub(super) fn all(keys: impl IntoIterator<Item = String>) -> Vec<Self> {
        let known = Known::ALL.iter().map(|(known, ..)| Self::Known(*known));
        known.chain(keys.into_iter().map(Self::Metadata)).collect()
    }

    fn parse(word: &str) -> Option<Self> {
        if let Some(key) = word.strip_prefix("metadata.") {
            return Some(Self::Metadata(key.to_owned()));
        }
        Known::ALL.iter().find(|(_, w, _)| *w == word).map(|(known, ..)| Self::Known(*known))
    }

    fn entry(known: Known) -> (&'static str, &'static str) {
        Known::ALL.iter().find(|(k, ..)| *k == known).map_or(("", ""), |(_, word, title)| (word, title))
    }

    /// The word in the address.
    pub(super) fn word(&self) -> String {
        match self {
            Self::Known(known) => Self::entry(*known).0.to_owned(),
            Self::Metadata(key) => format!("metadata.{key}"),
        }
    }

    /// At its head.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Known(known) => Self::entry(*known).1.to_owned(),
            Self::Metadata(key) => key.clone(),
        }
    }

    /// What sorts by it.
    pub(super) fn sort(&self) -> Option<SortField> {
        let word = self.word();
        SortField::ALL.into_iter().find(|field| field.as_str() == word)
    }

    /// Whether figures stand in it.
    pub(super) fn is_figure(&self) -> bool {
        use Known::{Confidence, Disagreement, Latency, Least, Objects, Outlier, Size};
        let figures = [Confidence, Disagreement, Latency, Least, Objects, Outlier, Size];
        matches!(self, Self::Known(known) if figures.contains(known))
    }

    /// The words without this column, or with it at the end.
    pub(super) fn toggled(&self, shown: &[Self]) -> Vec<String> {
        let mut words: Vec<String> = shown.iter().filter(|c| *c != self).map(Self::word).collect();
        if !shown.contains(self) {
            words.push(self.word());
        }
        if words == USUAL.map(|known| Self::entry(known).0) { Vec::new() } else { words }
    }
}

fn share(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
}

/// What stands in a cell.
pub(super) fn cell(tile: &Tile, column: &Column, palette: &Palette) -> AnyView {
    let text = |text: String| text.into_any();
    let known = match column {
        Column::Metadata(key) => return text(tile.metadata.get(key).cloned().unwrap_or_default()),
        Column::Known(known) => *known,
    };
    match known {
        Known::Status => status_badge(tile.status),
        Known::Objects => text(tile.objects.to_string()),
        Known::Labels => labels(tile, palette),
        Known::Outlier => text(share(tile.outlier_score)),
        Known::Confidence => text(share(tile.confidence)),
        Known::Least => text(share(tile.min_confidence)),
        Known::Latency => text(format!("{} ms", decimal(tile.latency_ms, 1))),
        Known::Disagreement => text(share(tile.shadow_disagreement)),
        Known::Tags => tags(&tile.tags),
        Known::Source => text(tile.source.clone().unwrap_or_default()),
        Known::Model => text(tile.model.clone()),
        Known::Size => text(format!("{}×{}", tile.size.width, tile.size.height)),
        Known::Created => text(day_and_time(tile.created)),
        Known::Received => text(day_and_time(tile.received)),
        Known::Reviewer => text(tile.reviewed_by.clone().unwrap_or_default()),
    }
}

fn labels(tile: &Tile, palette: &Palette) -> AnyView {
    let labels: Vec<_> = tile
        .boxes
        .iter()
        .map(|outline| {
            let swatch = format!("swatch {}", palette.class(&outline.label));
            view! { <span class="label-count" title=outline.label.clone()><i class=swatch></i>{outline.count}</span> }
        })
        .collect();
    view! { <span class="label-counts">{labels}</span> }.into_any()
}

fn tags(tags: &[String]) -> AnyView {
    let tags: Vec<_> = tags.iter().map(|tag| view! { <span class="pill">{tag.clone()}</span> }).collect();
    view! { <span class="tags">{tags}</span> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn columns_are_read_from_the_address_and_unknown_ones_left_out() {
        let chosen = Column::chosen(&words(&["source", "nonsense", "metadata.line"]));
        assert_eq!(chosen, [Column::Known(Known::Source), Column::Metadata("line".into())]);
        assert_eq!(Column::chosen(&[]).len(), USUAL.len());
    }

    #[test]
    fn toggling_a_column_twice_leaves_the_address_as_it_was() {
        let usual = Column::chosen(&[]);
        let column = Column::Known(Known::Source);
        let more = column.toggled(&usual);
        assert_eq!(more.last().map(String::as_str), Some("source"));
        assert_eq!(column.toggled(&Column::chosen(&more)), Vec::<String>::new());
    }

    #[test]
    fn a_column_sorts_when_a_list_can_be_sorted_by_it() {
        let sorting = Column::all([]).iter().filter(|column| column.sort().is_some()).count();
        assert_eq!(sorting, SortField::ALL.len());
    }
}
