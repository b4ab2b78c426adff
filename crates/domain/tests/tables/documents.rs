//! What the handbook says of figures and of query fields.

use super::{between, check};
use domain::{
    alert::WatchedFigure,
    drift::Feature,
    listing::SortField,
    monitor::{figures::Figure, shown::Unit},
};
use query::schema::{BoxField, Field, FieldRow, ValueType};
use std::fmt::Write;

const QUERIES: &str = include_str!("../../../../docs/queries.md");
const FIGURES: &str = include_str!("../../../../docs/figures.md");

fn type_name(of: ValueType) -> &'static str {
    match of {
        ValueType::Status => "status",
        ValueType::Bool => "`true` or `false`",
        ValueType::Number => "number",
        ValueType::Duration => "time span",
        ValueType::Text => "text",
        ValueType::Date => "date",
        ValueType::Metadata => "text or number",
    }
}

fn fields<'r>(rows: impl Iterator<Item = (&'r FieldRow, bool)>) -> String {
    let mut text = "| field | type | operators | sorts | what it is |\n|---|---|---|---|---|\n".to_owned();
    for (row, sorts) in rows {
        let operators: Vec<String> =
            row.value_type.operators().iter().map(|operator| format!("`{operator}`")).collect();
        let sorts = if sorts { "yes" } else { "" };
        let (of, operators) = (type_name(row.value_type), operators.join(" "));
        writeln!(text, "| `{}` | {of} | {operators} | {sorts} | {} |", row.word, row.help).expect("writes");
    }
    text
}

fn unit(of: Unit) -> &'static str {
    match of {
        Unit::Count => "number",
        Unit::Milliseconds => "ms",
        Unit::Pixels | Unit::Megapixels => "px",
        Unit::Percent => "share, 0 to 1",
        Unit::Estimate | Unit::Plain => "",
    }
}

fn figures() -> String {
    let watched: Vec<WatchedFigure> = WatchedFigure::all().collect();
    let mut text =
        "| figure | unit | in buckets as | alerts | what it is |\n|---|---|---|---|---|\n".to_owned();
    for figure in Figure::all() {
        let row = figure.row();
        let bucket = figure.name_in_bucket().map(|name| format!("`{name}`")).unwrap_or_default();
        let alerts = if watched.contains(&WatchedFigure::Counted(figure)) { "yes" } else { "" };
        let (name, unit) = (figure.name(), unit(row.unit));
        writeln!(text, "| `{name}` | {unit} | {bucket} | {alerts} | {} |", row.help).expect("writes");
    }
    text
}

#[test]
fn the_fields_of_a_prediction_are_documented() {
    let sorts = |field: &Field| SortField::all().any(|sort| sort.as_str() == field.word());
    let all: Vec<Field> = Field::all().chain([Field::Metadata(String::new())]).collect();
    let text = fields(all.iter().map(|field| (field.row(), sorts(field))));
    check(&text, between(QUERIES, "fields of a prediction"), "docs/queries.md");
}

#[test]
fn the_fields_of_a_box_are_documented() {
    let text = fields(BoxField::all().map(|field| (field.row(), false)));
    check(&text, between(QUERIES, "fields of a box"), "docs/queries.md");
}

#[test]
fn the_figures_are_documented() {
    check(&figures(), between(FIGURES, "figures"), "docs/figures.md");
}

#[test]
fn the_features_of_drift_are_documented() {
    let features: Vec<String> = Feature::all().map(|feature| format!("`{feature}`")).collect();
    check(&format!("{}\n", features.join(", ")), between(FIGURES, "features of drift"), "docs/figures.md");
}
