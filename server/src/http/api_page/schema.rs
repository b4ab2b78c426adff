//! What a JSON schema of the description says: its fields, and a value to
//! begin with.

use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// How far down fields are listed and examples written.
const DEEPEST: usize = 4;
/// Fields that are listed of one body.
const MOST_FIELDS: usize = 120;

/// A field of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// Where it stands, as `boxes[].label`.
    pub(super) path: String,
    /// What it is.
    pub(super) kind: String,
    pub(super) note: String,
    pub(super) needed: bool,
}

/// The entries of an object, or none.
pub(super) fn object(value: &Value) -> &Map<String, Value> {
    static NOTHING: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NOTHING)
}

/// The schema itself, where it is only named or may also be null.
pub(super) fn resolved<'a>(schema: &'a Value, description: &'a Value) -> &'a Value {
    let mut schema = schema;
    for _ in 0..8 {
        if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
            schema = &description["components"]["schemas"][name];
            continue;
        }
        let either = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array());
        match either.and_then(|all| all.iter().find(|one| one["type"] != "null")) {
            Some(first) => schema = first,
            None => break,
        }
    }
    schema
}

/// The words that it may be.
pub(super) fn choices(schema: &Value) -> Option<Vec<String>> {
    if word_of(schema) == "boolean" {
        return Some(vec!["true".to_owned(), "false".to_owned()]);
    }
    let words = schema["enum"].as_array()?.iter().filter_map(Value::as_str).map(str::to_owned);
    Some(words.collect()).filter(|words: &Vec<String>| !words.is_empty())
}

/// What it is, in a word or two.
pub(super) fn kind(schema: &Value) -> String {
    let word = word_of(schema);
    match (word, schema["format"].as_str()) {
        ("string", Some(format)) => format.to_owned(),
        ("array", _) if is_bytes(schema) => "binary".to_owned(),
        ("array", _) => match word_of(&schema["items"]) {
            "" => "list".to_owned(),
            items => format!("list of {items}"),
        },
        ("", _) if schema["allOf"].is_array() => "object".to_owned(),
        _ => word.to_owned(),
    }
}

/// Whether a field of this kind is a file.
pub(super) fn is_binary(kind: &str) -> bool {
    kind == "binary"
}

/// Bytes are described as a list of small numbers.
fn is_bytes(schema: &Value) -> bool {
    schema["items"]["format"] == "int32" && schema["items"]["minimum"] == 0
}

fn word_of(schema: &Value) -> &str {
    match &schema["type"] {
        Value::String(word) => word,
        Value::Array(words) => {
            words.iter().filter_map(Value::as_str).find(|word| *word != "null").unwrap_or_default()
        }
        _ => "",
    }
}

/// Its fields and theirs, from above.
pub(super) fn fields(schema: &Value, description: &Value) -> Vec<Field> {
    let mut all = Vec::new();
    collect(resolved(schema, description), description, "", 0, &mut all);
    all
}

fn collect(schema: &Value, description: &Value, place: &str, depth: usize, all: &mut Vec<Field>) {
    if depth == DEEPEST {
        return;
    }
    for part in schema["allOf"].as_array().into_iter().flatten() {
        collect(resolved(part, description), description, place, depth, all);
    }
    if word_of(schema) == "array" && depth == 0 {
        return collect(resolved(&schema["items"], description), description, "[]", depth + 1, all);
    }
    for (name, property) in object(&schema["properties"]) {
        if all.len() == MOST_FIELDS {
            return;
        }
        let inner = resolved(property, description);
        let path = if place.is_empty() { name.clone() } else { format!("{place}.{name}") };
        let note = [&property["description"], &inner["description"]].into_iter().find_map(Value::as_str);
        let words = choices(inner).filter(|_| word_of(inner) != "boolean").map(|words| words.join(" | "));
        let needed =
            schema["required"].as_array().is_some_and(|names| names.iter().any(|other| other == name));
        let kind = words.unwrap_or_else(|| kind(inner));
        all.push(Field { path: path.clone(), kind, note: note.unwrap_or_default().to_owned(), needed });
        if word_of(inner) == "array" {
            collect(
                resolved(&inner["items"], description),
                description,
                &format!("{path}[]"),
                depth + 1,
                all,
            );
        } else {
            collect(inner, description, &path, depth + 1, all);
        }
    }
}

/// A value of this shape to begin with: what is needed, or all where nothing is.
pub(super) fn example(schema: &Value, description: &Value) -> Value {
    example_at(schema, description, 0)
}

fn example_at(schema: &Value, description: &Value, depth: usize) -> Value {
    let schema = resolved(schema, description);
    let given = [&schema["example"], &schema["default"], &schema["examples"][0], &schema["enum"][0]];
    if let Some(given) = given.into_iter().find(|value| !value.is_null()) {
        return given.clone();
    }
    if depth > DEEPEST {
        return Value::Null;
    }
    match word_of(schema) {
        "array" => json!([example_at(&schema["items"], description, depth + 1)]),
        "boolean" => json!(false),
        "integer" => schema["minimum"].as_i64().map_or(json!(1), |least| json!(least.max(1))),
        "number" => schema["minimum"].as_f64().map_or(json!(0.5), |least| json!(least)),
        "string" => match schema["format"].as_str() {
            Some("uuid") => json!("00000000-0000-0000-0000-000000000000"),
            Some("date-time") => json!("2026-01-31T12:00:00Z"),
            _ => json!("text"),
        },
        _ => object_of(schema, description, depth),
    }
}

fn object_of(schema: &Value, description: &Value, depth: usize) -> Value {
    let mut made = Map::new();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        if let Value::Object(more) = example_at(part, description, depth + 1) {
            made.extend(more);
        }
    }
    let needed: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, property) in object(&schema["properties"]) {
        if needed.is_empty() || needed.contains(&name.as_str()) {
            made.insert(name.clone(), example_at(property, description, depth + 1));
        }
    }
    Value::Object(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes() -> Value {
        json!({ "components": { "schemas": {
            "Box": { "type": "object", "required": ["label", "x"], "properties": {
                "label": { "type": "string" }, "x": { "type": "number", "minimum": 0.0, "description": "Left" },
                "ignore": { "type": "boolean" },
            } },
            "Report": { "type": "object", "required": ["boxes"], "properties": {
                "boxes": { "type": "array", "items": { "$ref": "#/components/schemas/Box" } },
                "next": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Report" }] },
            } },
        } } })
    }

    #[test]
    fn an_example_has_what_is_needed_and_nothing_else() {
        let report = json!({ "$ref": "#/components/schemas/Report" });
        assert_eq!(example(&report, &shapes()), json!({ "boxes": [{ "label": "text", "x": 0.0 }] }));
    }

    #[test]
    fn fields_are_listed_with_their_places_and_a_shape_in_itself_comes_to_an_end() {
        let fields = fields(&json!({ "$ref": "#/components/schemas/Report" }), &shapes());
        let field_there = fields.iter().find(|field| field.path == "boxes[].x").expect("a field in a list");
        assert_eq!(
            (field_there.kind.as_str(), field_there.note.as_str(), field_there.needed),
            ("number", "Left", true)
        );
        assert!(
            fields.len() < MOST_FIELDS && fields.iter().any(|field| field.path == "next.boxes"),
            "{fields:?}"
        );
    }
}
