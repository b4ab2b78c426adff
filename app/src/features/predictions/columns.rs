//! The columns of the table: what there is, what is usual, what stands in a
//! cell. Knows one row at a time.

use crate::{
    ui::{Ago, IntoAny, Palette, day_and_time, status_badge},
    wire::Tile,
};
use charts::decimal;
use domain::listing::SortField;
use leptos::prelude::*;
use query::schema::{NumberField, NumberFormat};

/// A column. `metadata.KEY` is one for each key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// A number that a query can ask for.
    Number(NumberField),
    /// What else every deployment has.
    Field(FieldColumn),
    Metadata(String),
}

macro_rules! known {
    ($($name:ident = $word:literal, $title:literal;)*) => {
        /// A column that every deployment has, and that is no number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum FieldColumn { $($name),* }

        impl FieldColumn {
            const ALL: &[Self] = &[$(Self::$name),*];

            /// The word in the address, and what stands at its head.
            fn entry(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($word, $title)),* }
            }
        }
    };
}

known! {
    Status = "status", "Status";
    Labels = "labels", "Labels";
    Tags = "tags", "Tags";
    Source = "source", "Source";
    Model = "model", "Model";
    Size = "size", "Size";
    Created = "created", "Taken";
    Received = "received", "Arrived";
    Reviewer = "reviewed_by", "Reviewed by";
}

/// Labels of an image that have a count of their own.
const LABELS: usize = 3;

const USUAL: [Column; 8] = [
    Column::Field(FieldColumn::Status),
    Column::Number(NumberField::Objects),
    Column::Field(FieldColumn::Labels),
    Column::Number(NumberField::OutlierScore),
    Column::Number(NumberField::Confidence),
    Column::Number(NumberField::Latency),
    Column::Field(FieldColumn::Tags),
    Column::Field(FieldColumn::Received),
];

/// The numbers that lists show in columns of their own.
fn numbers() -> impl Iterator<Item = NumberField> {
    NumberField::ALL.iter().copied().filter(|field| field.row().format.is_some())
}

impl Column {
    /// The columns that an address names; the usual ones when it names none.
    pub(super) fn chosen(words: &[String]) -> Vec<Self> {
        let named: Vec<Self> = words.iter().filter_map(|word| Self::parse(word)).collect();
        if named.is_empty() { USUAL.to_vec() } else { named }
    }

    /// All that could be chosen, with these keys of metadata.
    pub(super) fn all(keys: impl IntoIterator<Item = String>) -> Vec<Self> {
        let first = [
            Self::Field(FieldColumn::Status),
            Self::Number(NumberField::Objects),
            Self::Field(FieldColumn::Labels),
        ];
        let further = numbers().map(Self::Number).chain(FieldColumn::ALL.iter().copied().map(Self::Field));
        let further: Vec<Self> = further.filter(|column| !first.contains(column)).collect();
        first.into_iter().chain(further).chain(keys.into_iter().map(Self::Metadata)).collect()
    }

    fn parse(word: &str) -> Option<Self> {
        if let Some(key) = word.strip_prefix("metadata.") {
            return Some(Self::Metadata(key.to_owned()));
        }
        let known = FieldColumn::ALL.iter().copied().map(Self::Field);
        numbers().map(Self::Number).chain(known).find(|column| column.word() == word)
    }

    /// The word in the address.
    pub(super) fn word(&self) -> String {
        match self {
            Self::Number(field) => field.as_str().to_owned(),
            Self::Field(known) => known.entry().0.to_owned(),
            Self::Metadata(key) => format!("metadata.{key}"),
        }
    }

    /// At its head.
    pub(super) fn title(&self) -> String {
        match self {
            Self::Number(field) => field.row().field.title.to_owned(),
            Self::Field(known) => known.entry().1.to_owned(),
            Self::Metadata(key) => key.clone(),
        }
    }

    /// What sorts by it.
    pub(super) fn sort(&self) -> Option<SortField> {
        let word = self.word();
        SortField::all().find(|field| field.as_str() == word)
    }

    /// How wide it is, and how it is aligned. `rows-less` goes first where there
    /// is no room for all usual columns.
    pub(super) fn class(&self) -> &'static str {
        match self {
            Self::Number(NumberField::Confidence) => "num rows-less",
            Self::Number(_) => "num",
            Self::Field(FieldColumn::Status) => "rows-status",
            Self::Field(FieldColumn::Labels | FieldColumn::Received) => "rows-short",
            Self::Field(FieldColumn::Tags) => "rows-short rows-less",
            Self::Field(FieldColumn::Size) => "num rows-wide",
            Self::Field(_) | Self::Metadata(_) => "rows-wide",
        }
    }

    /// The words without this column, or with it at the end.
    pub(super) fn toggled(&self, shown: &[Self]) -> Vec<String> {
        let mut words: Vec<String> = shown.iter().filter(|c| *c != self).map(Self::word).collect();
        if !shown.contains(self) {
            words.push(self.word());
        }
        if words == USUAL.map(|column| column.word()) { Vec::new() } else { words }
    }
}

/// A number as lists show it; a dash where it is missing.
pub(super) fn number_text(tile: &Tile, field: NumberField) -> String {
    let Some(value) = tile.numbers.get(field) else { return "–".to_owned() };
    match field.row().format.unwrap_or(NumberFormat::Count) {
        NumberFormat::Count => decimal(value, 0),
        NumberFormat::Decimals => format!("{value:.3}"),
        NumberFormat::Milliseconds => milliseconds(value),
    }
}

/// As many digits as the column is wide.
fn milliseconds(value: f64) -> String {
    format!("{} ms", decimal(value, usize::from(value < 1_000.0)))
}

/// What stands in a cell.
pub(super) fn cell(tile: &Tile, column: &Column, palette: &Palette) -> AnyView {
    let text = |text: String| text.into_any();
    let known = match column {
        Column::Number(field) => return text(number_text(tile, *field)),
        Column::Metadata(key) => return text(tile.metadata.get(key).cloned().unwrap_or_default()),
        Column::Field(known) => *known,
    };
    match known {
        FieldColumn::Status => status_badge(tile.status),
        FieldColumn::Labels => labels(tile, palette),
        FieldColumn::Tags => tags(&tile.tags),
        FieldColumn::Source => text(tile.source.clone().unwrap_or_default()),
        FieldColumn::Model => text(tile.model.clone()),
        FieldColumn::Size => text(format!("{}×{}", tile.size.width, tile.size.height)),
        FieldColumn::Created => text(day_and_time(tile.created)),
        FieldColumn::Received => view! { <Ago at=tile.received /> }.into_any(),
        FieldColumn::Reviewer => text(tile.reviewed_by.clone().unwrap_or_default()),
    }
}

/// In the order of the model's labels, so that rows can be compared.
fn labels(tile: &Tile, palette: &Palette) -> AnyView {
    let mut outlines = tile.boxes.clone();
    outlines.sort_by_cached_key(|outline| (palette.index(&outline.label), outline.label.clone()));
    let labels: Vec<_> = outlines
        .iter()
        .take(LABELS)
        .map(|outline| {
            let swatch = format!("swatch {}", palette.class(&outline.label));
            view! { <span class="label-count" title=outline.label.clone()><i class=swatch></i>{outline.count}</span> }
        })
        .collect();
    let more = outlines.get(LABELS..).filter(|more| !more.is_empty()).map(|more| {
        let names: Vec<String> = more.iter().map(|o| format!("{} {}", o.count, o.label)).collect();
        view! { <span class="dim" title=names.join(", ")>"+"{more.len()}</span> }
    });
    view! { <span class="label-counts">{labels}{more}</span> }.into_any()
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
        assert_eq!(chosen, [Column::Field(FieldColumn::Source), Column::Metadata("line".into())]);
        assert_eq!(Column::chosen(&[]).len(), USUAL.len());
    }

    #[test]
    fn toggling_a_column_twice_leaves_the_address_as_it_was() {
        let usual = Column::chosen(&[]);
        let column = Column::Field(FieldColumn::Source);
        let more = column.toggled(&usual);
        assert_eq!(more.last().map(String::as_str), Some("source"));
        assert_eq!(column.toggled(&Column::chosen(&more)), Vec::<String>::new());
    }

    #[test]
    fn no_latency_is_wider_than_its_column() {
        let texts = [0.04, 12.34, 999.9, 1_000.4, 12_345.6].map(milliseconds);
        assert_eq!(texts, ["0 ms", "12.3 ms", "999.9 ms", "1000 ms", "12346 ms"]);
    }

    #[test]
    fn a_column_sorts_when_a_list_can_be_sorted_by_it() {
        let sorting = Column::all([]).iter().filter(|column| column.sort().is_some()).count();
        assert_eq!(sorting, SortField::all().count());
    }
}
