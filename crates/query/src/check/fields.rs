//! Fields by name, and which operators their types have.

use super::{
    super::{
        ast::{Expr, Op, Test},
        error::{Problem, QueryError, Span},
        print::quote,
        schema::{BoxField, Field, ValueType, likely_field},
        token::{METADATA, Operator},
        value,
    },
    Checker, Comparison, Condition,
};

impl Checker<'_> {
    pub(super) fn prediction_field(&mut self, condition: Condition<'_>) -> Option<Field> {
        let written = condition.field;
        if let Some(key) = &written.key {
            return Some(Field::Metadata(key.clone()));
        }
        if let Some(key) = written.name.strip_prefix(METADATA).filter(|key| !key.is_empty()) {
            return Some(Field::Metadata(key.to_owned()));
        }
        let field = Field::named(&written.name);
        if field.is_none() {
            let error = match BoxField::named(&written.name) {
                Some(field) => wrong_scope(condition, "box", "prediction")
                    .advise(format!("ask for a box: `has({} …)`", field.word())),
                None => unknown(condition, false),
            };
            self.fault(error);
        }
        field
    }

    pub(super) fn box_field(&mut self, condition: Condition<'_>) -> Option<BoxField> {
        let written = condition.field;
        let field = BoxField::named(&written.name);
        if field.is_none() {
            let of_prediction = Field::named(&written.name).is_some() || written.name.starts_with(METADATA);
            let error = if of_prediction {
                wrong_scope(condition, "prediction", "box")
                    .advise(format!("move it out of the parentheses: `has(…) and {} …`", condition.name()))
            } else {
                unknown(condition, true)
            };
            self.fault(error);
        }
        field
    }

    /// Whether it asks for a missing value (`Some(true)`), for one that is
    /// there (`Some(false)`), or for neither.
    pub(super) fn asks_for_none(comparison: Comparison<'_>) -> Option<bool> {
        match comparison {
            Comparison::Is((Operator::Compare(Op::Eq), _), literal) if literal.is_none() => Some(true),
            Comparison::Is((Operator::Compare(Op::Ne), _), literal) if literal.is_none() => Some(false),
            _ => None,
        }
    }

    /// Whether the type has the operator and no `none` stands where it cannot;
    /// reports what does not fit. Asked after [`Self::asks_for_none`].
    pub(super) fn admits(&mut self, condition: Condition<'_>, of: ValueType, many_valued: bool) -> bool {
        let name = condition.name();
        let (operator, span) = match condition.comparison {
            Comparison::Is((operator, span), _) => (operator.as_str(), span),
            Comparison::OneOf(_) => ("in", condition.field.span),
        };
        if many_valued && operator == "!=" {
            let value = condition
                .comparison
                .literals()
                .first()
                .map(|literal| quote(&literal.text))
                .unwrap_or_default();
            let error = QueryError::new(Problem::ManyValued(name.clone()), span);
            self.fault(error.advise(format!("write `not {name} = {value}` for predictions without it")));
            return false;
        }
        let known = match condition.comparison {
            Comparison::Is((Operator::Compare(op), _), _) => of.allows(op.as_str()),
            Comparison::Is((Operator::Contains, _), _) => of.has_contains(),
            Comparison::OneOf(_) => of.operators().contains(&"in"),
        };
        if !known {
            self.operator_fault(&name, operator, span, of);
            return false;
        }
        let none = condition.comparison.literals().iter().find(|literal| literal.is_none());
        if let Some(literal) = none {
            let error = QueryError::new(Problem::MisplacedNone, literal.span);
            self.fault(error.advise(format!("write `{name} = none` apart, or \"none\" to mean the word")));
        }
        none.is_none()
    }

    pub(super) fn operator_fault(&mut self, field: &str, operator: &str, span: Span, of: ValueType) {
        let problem = Problem::Operator { field: field.to_owned(), operator: operator.to_owned() };
        let known: Vec<String> = of.operators().iter().map(|op| format!("`{op}`")).collect();
        self.fault(QueryError::new(problem, span).advise(format!("use {}", known.join(" "))));
    }

    /// The test of a field of a prediction, without the condition's sign.
    pub(super) fn field_test(&mut self, field: Field, condition: Condition<'_>) -> Option<Expr<Test>> {
        if let Some(missing) = Self::asks_for_none(condition.comparison) {
            let test = Expr::Leaf(Test::Missing(field));
            return Some(if missing { test } else { test.negate() });
        }
        let many_valued = field.is_many_valued();
        self.admits(condition, field.value_type(), many_valued).then_some(())?;
        let name = condition.name();
        let test = match field {
            Field::Status => return self.status_test(condition),
            Field::Reviewed => return self.reviewed_test(condition),
            Field::Number(number) if field.value_type() == ValueType::Duration => {
                Test::Number(number, self.compare(condition.comparison, |this, l| this.duration(&name, l))?)
            }
            Field::Number(number) => {
                Test::Number(number, self.compare(condition.comparison, |this, l| this.number(&name, l))?)
            }
            Field::Text(text) => Test::Text(text, self.text_test(condition)?),
            Field::Date(date) => {
                let equal = match condition.comparison {
                    Comparison::Is((Operator::Compare(op), _), _) => matches!(op, Op::Eq | Op::Ne),
                    _ => true,
                };
                Test::Date(date, self.compare(condition.comparison, |this, l| this.moment(&name, l, equal))?)
            }
            Field::Metadata(key) => Test::Metadata(key, self.metadata_test(condition)?),
        };
        Some(Expr::Leaf(test))
    }
}

fn wrong_scope(condition: Condition<'_>, of: &'static str, here: &'static str) -> QueryError {
    QueryError::new(Problem::WrongScope { field: condition.name(), of, here }, condition.field.span)
}

fn unknown(condition: Condition<'_>, of_box: bool) -> QueryError {
    let name = &condition.field.name;
    let error = QueryError::new(Problem::UnknownField(name.clone()), condition.field.span);
    if name == "metadata" || name == METADATA {
        return error.advise("name the key: `metadata.KEY`, or `metadata.\"any key\"`");
    }
    if value::number(name).is_some() {
        return error.advise("a condition begins with its field: `objects > 5`");
    }
    match likely_field(name, of_box) {
        Some(likely) => error.advise(format!("did you mean `{likely}`?")).replace(likely),
        None => {
            let known: Vec<String> = if of_box {
                BoxField::all().map(|field| field.word().to_owned()).collect()
            } else {
                let words = Field::all().map(|field| field.word().to_owned());
                words.chain(["metadata.KEY", "label", "has(…)", "count(…)"].map(str::to_owned)).collect()
            };
            error.advise(format!("there are {}", known.join(", ")))
        }
    }
}
