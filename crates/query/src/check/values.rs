//! Values, read as the type of their field.

use super::{
    super::{
        ast::{Compare, Expr, MetadataTest, Op, Scalar, Test, TextTest},
        error::{Problem, QueryError},
        moment::Moment,
        print::quote,
        schema::ValueType,
        suggest,
        syntax::Literal,
        token::Operator,
        value,
    },
    Checker, Comparison, Condition,
};
use crate::status::Status;

impl Literal {
    /// The bare word `none`.
    pub(super) fn is_none(&self) -> bool {
        !self.quoted && self.text.eq_ignore_ascii_case("none")
    }

    fn shown(&self) -> String {
        if self.quoted { quote(&self.text) } else { format!("`{}`", self.text) }
    }
}

impl Checker<'_> {
    fn value_error(name: &str, wanted: ValueType, literal: &Literal) -> QueryError {
        let problem =
            Problem::Value { field: name.to_owned(), wanted: wanted.wanted(), found: literal.shown() };
        QueryError::new(problem, literal.span)
    }

    pub(super) fn number(&mut self, name: &str, literal: &Literal) -> Option<f64> {
        let number = value::number(&literal.text);
        if number.is_some() && !literal.quoted {
            return number;
        }
        let error = Self::value_error(name, ValueType::Number, literal);
        let digits = literal.text.trim_end_matches(|c: char| c.is_alphabetic());
        self.fault(match value::number(digits) {
            Some(_) if literal.quoted => error.advise("write it without quotes").replace(digits),
            Some(_) => error.advise(format!("`{name}` has no unit")).replace(digits),
            None if literal.is_none() => {
                error.advise("`none` can only be tested with `=` and `!=` of a field")
            }
            None => error,
        });
        None
    }

    pub(super) fn duration(&mut self, name: &str, literal: &Literal) -> Option<f64> {
        let duration = value::duration_ms(&literal.text);
        if duration.is_some() && !literal.quoted {
            return duration;
        }
        let error = Self::value_error(name, ValueType::Duration, literal);
        self.fault(match duration {
            Some(_) => error.advise("write it without quotes").replace(literal.text.clone()),
            None => error.advise("write `250`, `250ms` or `0.25s`"),
        });
        None
    }

    /// A time; one ago cannot be compared for equality (`equal`).
    pub(super) fn moment(&mut self, name: &str, literal: &Literal, equal: bool) -> Option<Moment> {
        let moment = Moment::parse(&literal.text);
        let error = Self::value_error(name, ValueType::Date, literal);
        match moment {
            Some(Moment::Ago { .. }) if equal => {
                self.fault(error.advise(format!(
                    "a time ago is one moment: write `{name} >= {0}` for since then, `{name} < {0}` for before",
                    literal.text
                )));
                None
            }
            None => {
                let past = format!("-{}", literal.text.trim_start_matches('+'));
                self.fault(if Moment::parse(&past).is_some() {
                    error.advise(format!("a time ago has a minus: `{past}`")).replace(past)
                } else {
                    error.advise("write `2026-11-01`, `2026-11-01T10:00` (UTC), `-7d`, `-3h` or `-30m`")
                });
                None
            }
            moment => moment,
        }
    }

    pub(super) fn status_test(&mut self, condition: Condition<'_>) -> Option<Expr<Test>> {
        let mut statuses: Vec<Status> = Vec::new();
        for literal in condition.comparison.literals() {
            match literal.text.parse() {
                Ok(status) if statuses.contains(&status) => {}
                Ok(status) => statuses.push(status),
                Err(_) => {
                    let error = Self::value_error("status", ValueType::Status, literal);
                    let nearest = suggest::closest(&literal.text, Status::ALL.map(Status::as_str));
                    self.fault(match nearest {
                        Some(nearest) => error.advise(format!("did you mean `{nearest}`?")).replace(nearest),
                        None => error.advise("use `to_review`, `reviewed`, `submitted` or `skipped`"),
                    });
                }
            }
        }
        let test = (!statuses.is_empty()).then_some(Expr::Leaf(Test::Status(statuses)))?;
        Some(if is_inequality(condition.comparison) { test.negate() } else { test })
    }

    pub(super) fn reviewed_test(&mut self, condition: Condition<'_>) -> Option<Expr<Test>> {
        let literal = condition.comparison.literals().first()?;
        let value = match literal.text.to_ascii_lowercase().as_str() {
            "true" => true,
            "false" => false,
            _ => {
                let error = Self::value_error("reviewed", ValueType::Bool, literal);
                self.fault(error.advise("write `true` or `false`"));
                return None;
            }
        };
        Some(Expr::Leaf(Test::Reviewed(value != is_inequality(condition.comparison))))
    }

    /// Any literal is a text: `tag = 2026` and `tag = "2026"` are the same.
    fn text(&mut self, name: &str, literal: &Literal) -> Option<String> {
        if literal.quoted || !(literal.text.eq_ignore_ascii_case("null") || literal.text == "nil") {
            return Some(literal.text.clone());
        }
        let error = Self::value_error(name, ValueType::Text, literal);
        let advice = format!("a missing value is tested with `{name} = none`; quote the word to mean it");
        self.fault(error.advise(advice).replace("none"));
        None
    }

    pub(super) fn text_test(&mut self, condition: Condition<'_>) -> Option<TextTest> {
        let name = condition.name();
        match condition.comparison {
            Comparison::Is((Operator::Contains, _), literal) => {
                self.text(&name, literal).map(TextTest::Contains)
            }
            comparison => self.compare(comparison, |this, l| this.text(&name, l)).map(TextTest::Compare),
        }
    }

    pub(super) fn metadata_test(&mut self, condition: Condition<'_>) -> Option<MetadataTest> {
        let name = condition.name();
        if let Comparison::Is((Operator::Contains, _), literal) = condition.comparison {
            return self.text(&name, literal).map(MetadataTest::Contains);
        }
        let compared: Compare<Scalar> = self.compare(condition.comparison, |this, literal| {
            match value::number(&literal.text).filter(|_| !literal.quoted) {
                Some(number) => Some(Scalar::Number(number)),
                None => this.text(&name, literal).map(Scalar::Text),
            }
        })?;
        Some(MetadataTest::Compare(compared))
    }
}

fn is_inequality(comparison: Comparison<'_>) -> bool {
    matches!(comparison, Comparison::Is((Operator::Compare(Op::Ne), _), _))
}
