//! A prediction as one line: of JSON, or of CSV.

use super::rows::ExportedRow;
use crate::{Result, ServiceError};
use query::schema::NumberField;
use serde_json::json;

pub(super) fn json_line(row: &ExportedRow) -> Result<String> {
    let mut value = serde_json::to_value(&row.listed.prediction).map_err(broken)?;
    if let Some(object) = value.as_object_mut() {
        object.extend(row.listed.numbers.beside().map(|(name, value)| (name.to_owned(), value)));
        object.insert("reviewed_by".to_owned(), json!(row.listed.reviewed_by));
        object.insert("revision".to_owned(), json!(row.listed.revision));
        object.insert("boxes".to_owned(), serde_json::to_value(&row.boxes).map_err(broken)?);
        object.insert("boxes_from".to_owned(), json!(boxes_from(row)));
        object.remove("shadow");
    }
    Ok(format!("{value}\n"))
}

fn boxes_from(row: &ExportedRow) -> &'static str {
    if row.reviewed { "review" } else { "champion" }
}

/// Numbers in the middle of a line of CSV, where scripts look for them.
const FIRST_NUMBERS: [NumberField; 5] = [
    NumberField::Objects,
    NumberField::Confidence,
    NumberField::MinConfidence,
    NumberField::OutlierScore,
    NumberField::ShadowDisagreement,
];

/// What came to be asked for since stands at the end.
fn further_numbers() -> impl Iterator<Item = NumberField> {
    let is_further = |field: &NumberField| field.row().beside.is_some() && !FIRST_NUMBERS.contains(field);
    NumberField::ALL.iter().copied().filter(is_further)
}

pub(super) fn csv_head() -> String {
    let head = ["id", "received", "created", "status", "filename", "source", "model", "width", "height"];
    let tail = ["reviewed_by", "tags", "metadata", "boxes_from", "boxes"];
    let names = head
        .into_iter()
        .chain(["latency_ms", "threshold"])
        .chain(FIRST_NUMBERS.into_iter().map(NumberField::as_str))
        .chain(tail)
        .chain(further_numbers().map(NumberField::as_str));
    format!("{}\r\n", names.collect::<Vec<_>>().join(","))
}

pub(super) fn csv_line(row: &ExportedRow) -> Result<String> {
    let (listed, one) = (&row.listed, &row.listed.prediction);
    let number = |field| listed.numbers.get(field).map(|n| n.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut fields = vec![
        one.id.to_string(),
        one.received.to_string(),
        one.created.to_string(),
        one.status.to_string(),
        text(&one.filename),
        text(&one.source),
        one.model.clone(),
        one.size.width.to_string(),
        one.size.height.to_string(),
        one.latency_ms.to_string(),
        one.threshold.get().to_string(),
    ];
    fields.extend(FIRST_NUMBERS.map(number));
    fields.extend([
        text(&listed.reviewed_by),
        serde_json::to_string(&one.tags).map_err(broken)?,
        serde_json::to_string(&one.metadata).map_err(broken)?,
        boxes_from(row).to_owned(),
        serde_json::to_string(&row.boxes).map_err(broken)?,
    ]);
    fields.extend(further_numbers().map(number));
    let quoted: Vec<String> = fields.iter().map(|field| quoted(field)).collect();
    Ok(format!("{}\r\n", quoted.join(",")))
}

/// RFC 4180. A text that a spreadsheet would run as a formula gets a quote
/// before it, as OWASP advises.
fn quoted(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']) && field.parse::<f64>().is_err();
    let field = if formula { format!("'{field}") } else { field.to_owned() };
    if field.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

fn broken(error: impl std::fmt::Display) -> ServiceError {
    ServiceError::Internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_with_commas_or_quotes_is_quoted_and_a_formula_is_disarmed() {
        for (field, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "'=1+1"),
            ("-0.5", "-0.5"),
            ("@cmd", "'@cmd"),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(quoted(field), written);
        }
    }

    #[test]
    fn the_columns_that_scripts_read_keep_their_places() {
        let head = csv_head();
        let known = "id,received,created,status,filename,source,model,width,height,latency_ms,threshold,objects,\
                     confidence,min_confidence,outlier_score,shadow_disagreement,reviewed_by,tags,metadata,\
                     boxes_from,boxes";
        assert!(head.starts_with(known) && head.ends_with("\r\n"), "{head}");
    }
}
