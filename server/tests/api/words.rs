//! The words of the API: routes, parameters, answers, fields. Other people's
//! programs use them, so words come and none goes. `words.txt` has all that there
//! were; a new one is added there with the change that brings it.

use crate::bed::Bed;
use serde_json::{Map, Value};
use std::{collections::BTreeSet, sync::LazyLock};

#[tokio::test]
async fn no_word_of_the_api_goes() {
    let description = Bed::new().await.get("/api/openapi.json", "").await.json();
    let now = words(&description);
    let gone: Vec<&str> = include_str!("words.txt").lines().filter(|word| !now.contains(*word)).collect();
    assert_eq!(gone, Vec::<&str>::new());
}

fn words(description: &Value) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for (path, item) in object(&description["paths"]) {
        for (method, operation) in object(item) {
            let route = format!("{method} {path}");
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let text = |key: &str| parameter[key].as_str().unwrap_or_default().to_owned();
                words.insert(format!("{route} {} {}", text("in"), text("name")));
            }
            let taken = object(&operation["requestBody"]["content"]).keys();
            words.extend(taken.map(|kind| format!("{route} takes {kind}")));
            words
                .extend(object(&operation["responses"]).keys().map(|code| format!("{route} answers {code}")));
            words.insert(route);
        }
    }
    let schemas = object(&description["components"]["schemas"]);
    for (name, schema) in schemas {
        let fields = fields(schema, schemas);
        words.extend(fields.into_iter().map(|field| format!("{name}.{field}")));
    }
    words
}

/// Its own fields, and those of what it is made of.
fn fields(schema: &Value, schemas: &Map<String, Value>) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = object(&schema["properties"]).keys().cloned().collect();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        all.extend(fields(part, schemas));
    }
    let name = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next());
    if let Some(other) = name.and_then(|name| schemas.get(name)) {
        all.extend(fields(other, schemas));
    }
    all
}

fn object(value: &Value) -> &Map<String, Value> {
    static NOTHING: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
    value.as_object().unwrap_or(&NOTHING)
}
