//! The numbers of a prediction in a list that the prediction itself does not
//! say: a field for each row of the query language's table, described by it.

use domain::listing::Numbers;
use query::schema::{NumberField, NumberRow};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{borrow::Cow, collections::BTreeMap};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema,
        schema::{Object, ObjectBuilder, SchemaType, Type},
    },
};

/// By name; null where one is missing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListedNumbers(BTreeMap<Cow<'static, str>, Value>);

impl ListedNumbers {
    pub(super) fn new(numbers: &Numbers) -> Self {
        let listed = numbers.beside().filter(|(name, _)| is_listed(name));
        Self(listed.map(|(name, value)| (Cow::Borrowed(name), value)).collect())
    }
}

/// `objects` is one that the body of a prediction says.
fn is_listed(name: &str) -> bool {
    NumberField::Objects.row().beside != Some(name)
}

impl PartialSchema for ListedNumbers {
    fn schema() -> RefOr<Schema> {
        let field = |row: &NumberRow| -> Object {
            let kind = if row.is_whole { Type::Integer } else { Type::Number };
            let types: SchemaType =
                if row.field.may_miss { [kind, Type::Null].into_iter().collect() } else { kind.into() };
            ObjectBuilder::new().schema_type(types).description(Some(row.field.help)).build()
        };
        let rows = NumberField::ALL.iter().map(|field| field.row());
        let listed = rows.filter_map(|row| Some((row.beside.filter(|name| is_listed(name))?, row)));
        let object = listed.fold(ObjectBuilder::new(), |object, (name, row)| {
            object.property(name, field(row)).required(name)
        });
        object.into()
    }
}

impl ToSchema for ListedNumbers {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("ListedNumbers")
    }
}
