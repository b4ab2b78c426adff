//! Writes a typed query so that reading it again gives the same one.

use super::{
    Query,
    ast::{BoxOrigin, BoxTest, Boxes, Compare, Expr, MetadataTest, Op, Scalar, Test, TextTest},
    schema::{Field, NumberField, ValueType},
    token::{METADATA, is_atom_char},
};
use std::fmt::{self, Display, Formatter, Write};

/// `text` in double quotes, escaped, so that it is read as it is.
#[must_use]
pub fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ if c.is_control() => quoted.extend(c.escape_unicode()),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.condition().fmt(f)
    }
}

/// How a leaf is written, and how its complement is when that has a form of
/// its own.
trait Leaf {
    fn print(&self, negated: bool, f: &mut Formatter<'_>) -> fmt::Result;
}

impl Display for Expr<Test> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        print(self, f)
    }
}

impl Display for Expr<BoxTest> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        print(self, f)
    }
}

fn print<L: Leaf>(expr: &Expr<L>, f: &mut Formatter<'_>) -> fmt::Result {
    match expr {
        Expr::Any(parts) => joined(parts, " or ", print, f),
        Expr::All(parts) => joined(parts, " and ", part_of_all, f),
        Expr::Not(part) => match part.as_ref() {
            Expr::Leaf(leaf) => leaf.print(true, f),
            other => {
                f.write_str("not (")?;
                print(other, f)?;
                f.write_char(')')
            }
        },
        Expr::Leaf(leaf) => leaf.print(false, f),
    }
}

fn joined<L>(
    parts: &[Expr<L>],
    joint: &str,
    print_part: impl Fn(&Expr<L>, &mut Formatter<'_>) -> fmt::Result,
    f: &mut Formatter<'_>,
) -> fmt::Result {
    for (i, part) in parts.iter().enumerate() {
        f.write_str(if i > 0 { joint } else { "" })?;
        print_part(part, f)?;
    }
    Ok(())
}

/// In parentheses only where they are needed: a printed query never nests
/// deeper than the one it was read from.
fn part_of_all<L: Leaf>(expr: &Expr<L>, f: &mut Formatter<'_>) -> fmt::Result {
    if !matches!(expr, Expr::Any(_)) {
        return print(expr, f);
    }
    f.write_char('(')?;
    print(expr, f)?;
    f.write_char(')')
}

impl Leaf for Test {
    fn print(&self, negated: bool, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(any) => match any.as_slice() {
                [one] => write!(f, "status {} {one}", if negated { "!=" } else { "=" }),
                several => list("status", negated, several, f),
            },
            Self::Missing(field) => write!(f, "{field} {} none", if negated { "!=" } else { "=" }),
            Self::Number(field, Compare::OneOf(values)) => {
                list(field.as_str(), negated, &numbers(values, lasts(*field)), f)
            }
            Self::Text(field, TextTest::Compare(Compare::OneOf(values))) => {
                list(field.as_str(), negated, &values.iter().map(|v| quote(v)).collect::<Vec<_>>(), f)
            }
            Self::Date(field, Compare::OneOf(values)) => list(field.as_str(), negated, values, f),
            Self::Metadata(key, MetadataTest::Compare(Compare::OneOf(values))) => {
                list(&Field::Metadata(key.clone()).to_string(), negated, values, f)
            }
            other => {
                f.write_str(if negated { "not " } else { "" })?;
                plain(other, f)
            }
        }
    }
}

/// Whether its numbers are printed with their unit.
fn lasts(field: NumberField) -> bool {
    field.row().field.value_type == ValueType::Duration
}

/// A test that has no form of its own for its complement.
fn plain(test: &Test, f: &mut Formatter<'_>) -> fmt::Result {
    match test {
        Test::Reviewed(value) => write!(f, "reviewed = {value}"),
        Test::Number(field, Compare::Is(op, value)) => {
            write!(f, "{} {} ", field.as_str(), op.as_str())?;
            number(*value, lasts(*field), f)
        }
        Test::Text(field, TextTest::Compare(Compare::Is(op, value))) => {
            is(field.as_str(), *op, &quote(value), f)
        }
        Test::Text(field, TextTest::Contains(value)) => write!(f, "{} ~ {}", field.as_str(), quote(value)),
        Test::Date(field, Compare::Is(op, value)) => is(field.as_str(), *op, value, f),
        Test::Metadata(key, MetadataTest::Compare(Compare::Is(op, value))) => {
            is(&Field::Metadata(key.clone()).to_string(), *op, value, f)
        }
        Test::Metadata(key, MetadataTest::Contains(value)) => {
            write!(f, "{} ~ {}", Field::Metadata(key.clone()), quote(value))
        }
        Test::Has(boxes) => write!(f, "has({boxes})"),
        Test::Count(boxes, op, value) => {
            write!(f, "count({boxes}) {} ", op.as_str())?;
            number(*value, false, f)
        }
        // Written by `Leaf::print`.
        Test::Status(_)
        | Test::Missing(_)
        | Test::Number(_, Compare::OneOf(_))
        | Test::Text(_, TextTest::Compare(Compare::OneOf(_)))
        | Test::Date(_, Compare::OneOf(_))
        | Test::Metadata(_, MetadataTest::Compare(Compare::OneOf(_))) => test.print(false, f),
    }
}

impl Leaf for BoxTest {
    fn print(&self, negated: bool, f: &mut Formatter<'_>) -> fmt::Result {
        let not = if negated { "not " } else { "" };
        match self {
            Self::Missing(field) => write!(f, "{} {} none", field.word(), if negated { "!=" } else { "=" }),
            Self::Label(TextTest::Compare(Compare::OneOf(values))) => {
                list("label", negated, &values.iter().map(|v| quote(v)).collect::<Vec<_>>(), f)
            }
            Self::Number(field, Compare::OneOf(values)) => {
                list(field.as_str(), negated, &numbers(values, false), f)
            }
            Self::Label(TextTest::Compare(Compare::Is(op, value))) => {
                write!(f, "{not}label {} {}", op.as_str(), quote(value))
            }
            Self::Label(TextTest::Contains(value)) => write!(f, "{not}label ~ {}", quote(value)),
            Self::Number(field, Compare::Is(op, value)) => {
                write!(f, "{not}{} {} ", field.as_str(), op.as_str())?;
                number(*value, false, f)
            }
        }
    }
}

fn is(field: &str, op: Op, value: &dyn Display, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "{field} {} {value}", op.as_str())
}

fn list(field: &str, negated: bool, values: &[impl Display], f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "{field} {}in (", if negated { "not " } else { "" })?;
    for (i, value) in values.iter().enumerate() {
        write!(f, "{}{value}", if i == 0 { "" } else { ", " })?;
    }
    f.write_char(')')
}

fn numbers(values: &[f64], milliseconds: bool) -> Vec<String> {
    values.iter().map(|value| Number(*value, milliseconds).to_string()).collect()
}

fn number(value: f64, milliseconds: bool, f: &mut Formatter<'_>) -> fmt::Result {
    Number(value, milliseconds).fmt(f)
}

/// A number, and whether it is one of milliseconds. The shortest form that
/// reads back as the same number.
struct Number(f64, bool);

impl Display for Number {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let size = self.0.abs();
        if size == 0.0 || (1e-5..1e15).contains(&size) {
            write!(f, "{}", self.0)?;
        } else {
            write!(f, "{:e}", self.0)?;
        }
        f.write_str(if self.1 { "ms" } else { "" })
    }
}

impl Display for Scalar {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) => number(*value, false, f),
            Self::Text(text) => f.write_str(&quote(text)),
        }
    }
}

impl Display for Boxes {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.origin != BoxOrigin::Champion {
            let gap = if self.filter.is_everything() { "" } else { " " };
            write!(f, "{}:{gap}", self.origin.as_str())?;
        }
        self.filter.fmt(f)
    }
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Metadata(key) if !key.is_empty() && key.chars().all(is_atom_char) => {
                write!(f, "{METADATA}{key}")
            }
            Self::Metadata(key) => write!(f, "{METADATA}{}", quote(key)),
            other => f.write_str(other.word()),
        }
    }
}
