//! Settings on the wire: their bodies and the description of these come from
//! the tables in `domain::settings`, so that a new setting needs no line here.

use crate::http::problem::Problem;
use domain::{
    learning::{ContinuousDeployment, ContinuousTraining},
    retention::Retention,
    review::ReviewSettings,
    settings::{InvalidSetting, Kind, Null, Setting, SettingsGroup, SettingsMap, SubmissionSettings, lines},
};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::{borrow::Cow, marker::PhantomData};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, Object, ObjectBuilder, RefOr, Schema, SchemaFormat, Type,
        schema::{AdditionalProperties, SchemaType},
    },
};

/// A group that has a name in the description.
pub(super) trait DescribedGroup: SettingsGroup {
    /// The schema's name.
    const SCHEMA: &'static str;
}

impl DescribedGroup for ReviewSettings {
    const SCHEMA: &'static str = "ReviewSettingsBody";
}

impl DescribedGroup for ContinuousTraining {
    const SCHEMA: &'static str = "TrainingSettingsBody";
}

impl DescribedGroup for ContinuousDeployment {
    const SCHEMA: &'static str = "DeployingBody";
}

impl DescribedGroup for Retention {
    const SCHEMA: &'static str = "RetentionBody";
}

impl DescribedGroup for SubmissionSettings {
    const SCHEMA: &'static str = "SubmissionSettingsBody";
}

/// The settings `G` as they are sent.
#[derive(Deserialize)]
#[serde(bound = "G: SettingsGroup")]
pub(super) struct SettingsBody<G>(SettingsMap<G>);

impl<G: SettingsGroup> SettingsBody<G> {
    /// The settings.
    ///
    /// # Errors
    /// Names the first one that is missing or out of its range.
    pub(super) fn settings(self) -> Result<G, Problem> {
        self.0.group().map_err(invalid)
    }
}

/// The settings `G` as they are sent together with the fields of `T`, whose
/// keys are the group's [`SettingsGroup::BESIDE`].
pub(super) struct SettingsBodyWith<G, T> {
    map: SettingsMap<G>,
    beside: PhantomData<fn() -> T>,
}

impl<'de, G: SettingsGroup, T> Deserialize<'de> for SettingsBodyWith<G, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self { map: SettingsMap::deserialize(deserializer)?, beside: PhantomData })
    }
}

impl<G: SettingsGroup, T: DeserializeOwned> SettingsBodyWith<G, T> {
    /// The settings, and what is said beside them.
    ///
    /// # Errors
    /// Names the first setting that is missing or out of its range.
    pub(super) fn parts(self) -> Result<(G, T), Problem> {
        let beside = serde_json::from_value(self.map.beside());
        let beside = beside.map_err(|error| Problem::invalid("body", error.to_string()))?;
        Ok((self.map.group().map_err(invalid)?, beside))
    }
}

/// The settings `G` as they are answered together with the fields of `T`.
#[derive(Serialize)]
pub(super) struct WithSettings<G, T> {
    #[serde(flatten)]
    pub settings: G,
    #[serde(flatten)]
    pub more: T,
}

fn invalid(error: InvalidSetting) -> Problem {
    Problem::invalid(&error.key, error.message)
}

/// In which direction a body goes.
#[derive(Clone, Copy, PartialEq)]
enum Direction {
    /// What is left out is as usual.
    Sent,
    /// All of it is there.
    Answered,
}

impl<G: DescribedGroup> PartialSchema for SettingsBody<G> {
    fn schema() -> RefOr<Schema> {
        let object = ObjectBuilder::new()
            .description(Some(lines(G::ABOUT)))
            .additional_properties(Some(AdditionalProperties::FreeForm(false)))
            .build();
        RefOr::T(Schema::Object(described(object, G::TABLE, Direction::Sent)))
    }
}

impl<G: DescribedGroup> ToSchema for SettingsBody<G> {
    fn name() -> Cow<'static, str> {
        G::SCHEMA.into()
    }
}

impl<G: DescribedGroup, T: ToSchema> PartialSchema for SettingsBodyWith<G, T> {
    fn schema() -> RefOr<Schema> {
        together::<G, T>(Direction::Sent)
    }
}

impl<G: DescribedGroup, T: ToSchema> ToSchema for SettingsBodyWith<G, T> {
    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}

impl<G: DescribedGroup, T: ToSchema> PartialSchema for WithSettings<G, T> {
    fn schema() -> RefOr<Schema> {
        together::<G, T>(Direction::Answered)
    }
}

impl<G: DescribedGroup, T: ToSchema> ToSchema for WithSettings<G, T> {
    fn name() -> Cow<'static, str> {
        T::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}

fn together<G: SettingsGroup, T: PartialSchema>(direction: Direction) -> RefOr<Schema> {
    match T::schema() {
        RefOr::T(Schema::Object(object)) => RefOr::T(Schema::Object(described(object, G::TABLE, direction))),
        other => other,
    }
}

/// `object` with a property for each row.
fn described(mut object: Object, table: &[Setting], direction: Direction) -> Object {
    for row in table {
        if row.required || direction == Direction::Answered {
            object.required.push(row.key.to_owned());
        }
        object.properties.insert(row.key.to_owned(), RefOr::T(Schema::Object(property(row, direction))));
    }
    object
}

#[allow(
    deprecated,
    reason = "`example`, as all other fields have it: their examples are read by tools of OpenAPI 3.0, too"
)]
fn property(row: &Setting, direction: Direction) -> Object {
    let known = |format| Some(SchemaFormat::KnownFormat(format));
    let object = ObjectBuilder::new().description(Some(lines(row.help)));
    let (kind, object) = match row.kind {
        Kind::Flag => (Type::Boolean, object),
        Kind::Whole { least, most } => {
            let object = object.format(known(KnownFormat::Int32));
            (Type::Integer, object.minimum(Some(whole(least))).maximum(Some(whole(most))))
        }
        Kind::Number { least, most } => {
            (Type::Number, object.format(known(KnownFormat::Double)).minimum(Some(least)).maximum(Some(most)))
        }
        Kind::Share => {
            (Type::Number, object.format(known(KnownFormat::Double)).minimum(Some(0.0)).maximum(Some(1.0)))
        }
        Kind::Bytes { least } => {
            (Type::Integer, object.format(known(KnownFormat::Int64)).minimum(Some(whole(least))))
        }
        Kind::Choice(choices) => {
            let words = choices.iter().map(|(word, _)| match *word {
                "" => Value::Null,
                word => Value::from(word),
            });
            (Type::String, object.enum_values(Some(words.collect::<Vec<_>>())))
        }
        Kind::Trainer => (Type::String, object),
        Kind::Parameters => (Type::Object, object),
    };
    let nullable = row.null == Null::Nothing || (row.null == Null::Usual && direction == Direction::Sent);
    let kind = if nullable { SchemaType::Array(vec![kind, Type::Null]) } else { SchemaType::Type(kind) };
    let example = (!row.example.is_empty()).then(|| match row.kind {
        Kind::Choice(_) => Value::from(row.example),
        _ => serde_json::from_str(row.example).unwrap_or_default(),
    });
    object.schema_type(kind).example(example).build()
}

fn whole(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use domain::settings::handbook;

    #[test]
    fn the_page_on_settings_is_what_the_tables_say() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/settings.md");
        if std::env::var_os("FOVEA_WRITE_DOCS").is_some() {
            std::fs::write(path, handbook()).expect("writes");
        }
        let page = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            page == handbook(),
            "make it anew: FOVEA_WRITE_DOCS=1 cargo test -p server the_page_on_settings"
        );
    }
}
