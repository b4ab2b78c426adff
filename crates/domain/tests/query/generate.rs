//! Random queries, random predictions, and random text that looks like
//! queries. Words and numbers come from small sets, so that they meet.

use super::sample::{DAY_MS, NOW, Sample, drawn, predicted, rect, score};
use domain::{
    dataset::Annotation,
    geometry::Size,
    prediction::{PredictedBox, Status},
    time::Timestamp,
};
use proptest::{
    collection::{btree_map, vec},
    option,
    prelude::*,
    sample::select,
};
use query::{
    Moment, Precision, TimeUnit,
    ast::{BoxOrigin, BoxTest, Boxes, Compare, Expr, MetadataTest, Op, Scalar, Test, TextTest},
    schema::{BoxField, BoxNumber, DateField, Field, NumberField, TextField},
};

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(vec!["a", "b", "car", "Car", "night", "7", "007", "1e3", "none", "and", "5.5"]).prop_map(str::to_owned),
        1 => "[a-c\"'\\\\ %_()日ß\u{1}\n~,.-]{0,5}",
    ]
}

fn label() -> impl Strategy<Value = String> {
    select(vec!["a", "b", "car", "Car", "night"]).prop_map(str::to_owned)
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => select(vec![0.0, 1.0, 2.0, 3.0, 0.25, 0.5, 0.9, 200.0, 5.5, 7.0, -1.0, 1000.0]),
        1 => any::<f64>().prop_filter("finite", |n| n.is_finite()).prop_map(|n| n + 0.0),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    select(Op::ALL.to_vec())
}

fn compare<T: Clone + std::fmt::Debug + 'static>(
    value: impl Strategy<Value = T> + Clone + 'static,
) -> impl Strategy<Value = Compare<T>> {
    prop_oneof![
        3 => (op(), value.clone()).prop_map(|(op, value)| Compare::Is(op, value)),
        1 => vec(value, 2..4).prop_map(Compare::OneOf),
    ]
}

fn text_test() -> impl Strategy<Value = TextTest> {
    prop_oneof![
        3 => compare(word().boxed()).prop_map(TextTest::Compare),
        1 => word().prop_map(TextTest::Contains),
    ]
}

fn calendar() -> impl Strategy<Value = Moment> {
    let precision =
        select(vec![Precision::Day, Precision::Minute, Precision::Second, Precision::Millisecond]);
    (-3_i64 * DAY_MS..3 * DAY_MS, precision).prop_map(|(offset, precision)| {
        let width = match precision {
            Precision::Day => DAY_MS,
            Precision::Minute => 60_000,
            Precision::Second => 1_000,
            Precision::Millisecond => 1,
        };
        let moment = NOW.0 + offset;
        Moment::At { start: Timestamp(moment - moment.rem_euclid(width)), precision }
    })
}

fn date_compare() -> impl Strategy<Value = Compare<Moment>> {
    let unit =
        select(vec![TimeUnit::Second, TimeUnit::Minute, TimeUnit::Hour, TimeUnit::Day, TimeUnit::Week]);
    let ago = (0_u32..60, unit).prop_map(|(amount, unit)| Moment::Ago { amount, unit });
    let order = select(vec![Op::Lt, Op::Le, Op::Gt, Op::Ge]);
    prop_oneof![compare(calendar().boxed()), (order, ago).prop_map(|(op, moment)| Compare::Is(op, moment)),]
}

fn metadata_test() -> impl Strategy<Value = MetadataTest> {
    let scalar = prop_oneof![number().prop_map(Scalar::Number), word().prop_map(Scalar::Text)];
    prop_oneof![
        3 => compare(scalar.boxed()).prop_map(MetadataTest::Compare),
        1 => word().prop_map(MetadataTest::Contains),
    ]
}

/// In the normal form that the constructors give.
fn expr<L: Clone + std::fmt::Debug + 'static>(
    leaf: impl Strategy<Value = L> + 'static,
    depth: u32,
) -> BoxedStrategy<Expr<L>> {
    leaf.prop_map(Expr::Leaf)
        .prop_recursive(depth, 16, 3, |inner| {
            prop_oneof![
                vec(inner.clone(), 2..4).prop_map(Expr::all),
                vec(inner.clone(), 2..4).prop_map(Expr::any),
                inner.prop_map(Expr::negate),
            ]
        })
        .boxed()
}

fn box_test() -> impl Strategy<Value = BoxTest> {
    let field = select(BoxField::all().collect::<Vec<_>>());
    prop_oneof![
        4 => text_test().prop_map(BoxTest::Label),
        4 => (select(BoxNumber::ALL.to_vec()), compare(number().boxed())).prop_map(|(f, c)| BoxTest::Number(f, c)),
        1 => field.prop_map(BoxTest::Missing),
    ]
}

fn boxes() -> impl Strategy<Value = Boxes> {
    let filter = prop_oneof![1 => Just(Expr::everything()), 4 => expr(box_test(), 2)];
    (select(BoxOrigin::ALL.to_vec()), filter).prop_map(|(origin, filter)| Boxes { origin, filter })
}

fn test() -> impl Strategy<Value = Test> {
    let text = (select(TextField::ALL.to_vec()), text_test())
        .prop_filter("`!=` of a tag is refused", |(field, test)| {
            *field != TextField::Tag || !matches!(test, TextTest::Compare(Compare::Is(Op::Ne, _)))
        })
        .prop_map(|(field, test)| Test::Text(field, test));
    let statuses = proptest::sample::subsequence(Status::ALL.to_vec(), 1..=4);
    let missing = prop_oneof![
        4 => select(Field::all().collect::<Vec<_>>()),
        1 => word().prop_map(Field::Metadata),
    ];
    prop_oneof![
        statuses.prop_map(Test::Status),
        any::<bool>().prop_map(Test::Reviewed),
        (select(NumberField::ALL.to_vec()), compare(number().boxed())).prop_map(|(f, c)| Test::Number(f, c)),
        text,
        (select(DateField::ALL.to_vec()), date_compare()).prop_map(|(f, c)| Test::Date(f, c)),
        (word(), metadata_test()).prop_map(|(key, test)| Test::Metadata(key, test)),
        missing.prop_map(Test::Missing),
        boxes().prop_map(Test::Has),
        (boxes(), op(), number()).prop_map(|(boxes, op, n)| Test::Count(boxes, op, n)),
    ]
}

/// What a query asks, in normal form.
pub(crate) fn condition() -> BoxedStrategy<Expr<Test>> {
    prop_oneof![1 => Just(Expr::everything()), 20 => expr(test(), 3)].boxed()
}

fn predicted_box() -> impl Strategy<Value = PredictedBox> {
    let score = select(vec![0.01, 0.1, 0.25, 0.5, 0.9, 1.0]);
    let side = select(vec![1.0, 2.0, 10.0, 20.0, 200.0]);
    (label(), score, side.clone(), side)
        .prop_map(|(label, score, w, h)| PredictedBox { rect: rect(w, h), ..predicted(&label, score) })
}

fn review_box() -> impl Strategy<Value = Annotation> {
    (label(), any::<bool>()).prop_map(|(label, ignore)| Annotation { ignore, ..drawn(&label) })
}

/// A prediction.
pub(crate) fn sample() -> impl Strategy<Value = Sample> {
    let texts = (word(), option::of(word()), option::of(word()), option::of(word()), vec(word(), 0..3));
    let number = || option::of(select(vec![0.0, 0.25, 0.5, 0.9, 1.0, f64::NAN]));
    let time = || (-3 * DAY_MS..DAY_MS).prop_map(|offset| NOW.plus_ms(offset));
    let numbers = (number(), number(), select(vec![0.0, 3.0, 5.5, 1000.0, f64::NAN]), time(), time());
    let size = (select(vec![1_u32, 3, 200, 1000]), select(vec![1_u32, 3, 200, 1000]));
    let boxes = (vec(predicted_box(), 0..5), vec(predicted_box(), 0..3), vec(review_box(), 0..3));
    let rest = (select(Status::ALL.to_vec()), select(vec![0.0, 0.25, 0.5]), btree_map(word(), word(), 0..3));
    (texts, numbers, size, boxes, rest).prop_map(|(texts, numbers, size, boxes, rest)| Sample {
        model: texts.0,
        source: texts.1,
        filename: texts.2,
        reviewed_by: texts.3,
        tags: texts.4,
        outlier_score: numbers.0,
        shadow_disagreement: numbers.1,
        latency_ms: numbers.2,
        created: numbers.3,
        received: numbers.4,
        size: Size { width: size.0, height: size.1 },
        boxes: boxes.0,
        shadow: boxes.1,
        review: boxes.2,
        status: rest.0,
        threshold: score(rest.1),
        metadata: rest.2,
    })
}

/// Pieces of queries in any order.
pub(crate) fn soup() -> impl Strategy<Value = String> {
    let piece = select(vec![
        "(",
        ")",
        ",",
        ":",
        "and",
        "or",
        "not",
        "in",
        "has(",
        "count(",
        "=",
        "!=",
        "<",
        ">=",
        "~",
        "!",
        "&&",
        "label",
        "tag",
        "objects",
        "status",
        "statsu",
        "created",
        "metadata.k",
        "metadata.",
        "metadata.\"k\"",
        "score",
        "5",
        "0.5",
        "-7d",
        "2026-11-01",
        "2026-11-01T10:00",
        "\"a\"",
        "'",
        "\"",
        "\\",
        "none",
        "reviewed",
        "true",
        "shadow:",
        "ms",
        "s",
        "日本",
        "\0",
        "%",
        "\n",
        "é",
        "\"\\u{41}\"",
        "latency",
    ]);
    (vec((piece, select(vec![" ", "", "  "])), 0..25))
        .prop_map(|pieces| pieces.into_iter().flat_map(|(piece, gap)| [piece, gap]).collect())
}
