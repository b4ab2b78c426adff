//! Monitored figures as answers say them: a field for each row of their table,
//! described by it.

use domain::monitor::{figures::Figure, scale::Reduce, values::Figures};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use std::{borrow::Cow, collections::BTreeMap};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, RefOr, Schema, SchemaFormat,
        schema::{Object, ObjectBuilder, SchemaType, Type},
    },
};

/// The figures of a whole range, by name; null where there is none.
pub(super) struct RangeFigures(BTreeMap<&'static str, Value>);

/// The figures that are made for each bucket, by their names there.
pub(super) struct BucketFigures(BTreeMap<&'static str, Value>);

impl RangeFigures {
    pub(super) fn new(figures: &Figures) -> Self {
        Self(range_names().map(|(name, figure)| (name, value(figures, figure))).collect())
    }
}

impl BucketFigures {
    /// Out of those that move with every prediction and those of the page.
    pub(super) fn new(live: &Figures, page: &Figures) -> Self {
        let is_live = |figure| Figure::live().any(|one| one == figure);
        let of = |figure| value(if is_live(figure) { live } else { page }, figure);
        Self(bucket_names().map(|(name, figure)| (name, of(figure))).collect())
    }
}

fn range_names() -> impl Iterator<Item = (&'static str, Figure)> {
    Figure::all().map(|figure| (figure.name(), figure))
}

fn bucket_names() -> impl Iterator<Item = (&'static str, Figure)> {
    Figure::all().filter_map(|figure| Some((figure.name_in_bucket()?, figure)))
}

fn is_count(figure: Figure) -> bool {
    figure.row().reduce == Reduce::Count
}

fn value(figures: &Figures, figure: Figure) -> Value {
    if is_count(figure) { json!(figures.count(figure)) } else { json!(figures.get(figure)) }
}

/// An object with a field for each figure.
fn described(figures: impl Iterator<Item = (&'static str, Figure)>) -> RefOr<Schema> {
    let field = |figure: Figure| -> Object {
        let whole = SchemaFormat::KnownFormat(KnownFormat::Int64);
        let real = SchemaFormat::KnownFormat(KnownFormat::Double);
        let (types, format): (SchemaType, _) = if is_count(figure) {
            (Type::Integer.into(), whole)
        } else {
            ([Type::Number, Type::Null].into_iter().collect(), real)
        };
        let field = ObjectBuilder::new().schema_type(types).format(Some(format));
        field.description(Some(figure.row().help)).build()
    };
    let object = figures.fold(ObjectBuilder::new(), |object, (name, figure)| {
        object.property(name, field(figure)).required(name)
    });
    object.into()
}

impl Serialize for RangeFigures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Serialize for BucketFigures {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl PartialSchema for RangeFigures {
    fn schema() -> RefOr<Schema> {
        described(range_names())
    }
}

impl PartialSchema for BucketFigures {
    fn schema() -> RefOr<Schema> {
        described(bucket_names())
    }
}

impl ToSchema for RangeFigures {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("RangeFigures")
    }
}

impl ToSchema for BucketFigures {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("BucketFigures")
    }
}
