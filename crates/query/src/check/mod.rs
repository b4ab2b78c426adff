//! From a syntax tree to a typed query: every name is looked up in the closed
//! list, every value read as the type of its field. What is wrong is reported
//! and left out; the rest is still understood.

mod fields;
mod values;

use super::{
    ast::{BoxOrigin, BoxTest, Boxes, Compare, Expr, Op, Test},
    error::{Faults, Problem, QueryError, Span},
    schema::{BoxField, ValueType},
    suggest,
    syntax::{BoxesNode, FieldName, Literal, Node},
    token::Operator,
};

/// The typed form of what could be understood; `None` when nothing could.
pub(super) fn check(node: &Node, faults: &mut Faults) -> Option<Expr<Test>> {
    Checker { faults }.expr(node, Checker::prediction_leaf)
}

struct Checker<'f> {
    faults: &'f mut Faults,
}

/// What a field is compared with, as written.
#[derive(Clone, Copy)]
enum Comparison<'n> {
    Is((Operator, Span), &'n Literal),
    OneOf(&'n [Literal]),
}

impl<'n> Comparison<'n> {
    fn literals(self) -> &'n [Literal] {
        match self {
            Self::Is(_, literal) => std::slice::from_ref(literal),
            Self::OneOf(literals) => literals,
        }
    }
}

/// One condition of a node.
#[derive(Clone, Copy)]
struct Condition<'n> {
    field: &'n FieldName,
    comparison: Comparison<'n>,
    negated: bool,
}

impl<'n> Condition<'n> {
    fn of(node: &'n Node) -> Option<Self> {
        match node {
            Node::Compare { field, op, value } => {
                Some(Self { field, comparison: Comparison::Is(*op, value), negated: false })
            }
            Node::OneOf { field, negated, values } => {
                Some(Self { field, comparison: Comparison::OneOf(values), negated: *negated })
            }
            _ => None,
        }
    }

    /// The field as people know it.
    fn name(self) -> String {
        let key = self.field.key.as_ref().map(|key| super::print::quote(key)).unwrap_or_default();
        format!("{}{key}", self.field.name)
    }

    fn signed<L>(self, expr: Expr<L>) -> Expr<L> {
        if self.negated { expr.negate() } else { expr }
    }
}

impl Checker<'_> {
    fn fault(&mut self, error: QueryError) {
        self.faults.push(error);
    }

    fn expr<L>(&mut self, node: &Node, leaf: fn(&mut Self, &Node) -> Option<Expr<L>>) -> Option<Expr<L>> {
        let mut known = |parts: &[Node]| {
            let known: Vec<_> = parts.iter().filter_map(|part| self.expr(part, leaf)).collect();
            (!known.is_empty()).then_some(known)
        };
        match node {
            Node::Any(parts) => known(parts).map(Expr::any),
            Node::All(parts) => known(parts).map(Expr::all),
            Node::Not(part) => self.expr(part, leaf).map(Expr::negate),
            Node::Broken => None,
            Node::Compare { .. } | Node::OneOf { .. } | Node::Boxes(_) => leaf(self, node),
        }
    }

    fn prediction_leaf(&mut self, node: &Node) -> Option<Expr<Test>> {
        if let Node::Boxes(boxes) = node {
            return self.boxes(boxes).map(Expr::Leaf);
        }
        let condition = Condition::of(node)?;
        if condition.field.name == BoxField::Label.word() {
            return self.any_label(condition);
        }
        let field = self.prediction_field(condition)?;
        self.field_test(field, condition).map(|expr| condition.signed(expr))
    }

    /// `label …` outside `has` asks for a box with such a label.
    fn any_label(&mut self, condition: Condition<'_>) -> Option<Expr<Test>> {
        let has = |filter| Expr::Leaf(Test::Has(Boxes { origin: BoxOrigin::Champion, filter }));
        if let Some(missing) = Self::asks_for_none(condition.comparison) {
            let any_box = has(Expr::everything());
            return Some(if missing { any_box.negate() } else { any_box });
        }
        if let Comparison::Is((Operator::Compare(Op::Ne), span), literal) = condition.comparison {
            let label = super::print::quote(&literal.text);
            let error = QueryError::new(Problem::ManyValued("label".to_owned()), span);
            self.fault(error.advise(format!(
                "write `not has(label = {label})` for images without one, or `has(label != {label})` for images with something else"
            )));
            return None;
        }
        let positive = Condition { negated: false, ..condition };
        let filter = self.box_condition(positive)?;
        Some(condition.signed(has(filter)))
    }

    fn boxes(&mut self, node: &BoxesNode) -> Option<Test> {
        let origin =
            node.origin.as_ref().map_or(Some(BoxOrigin::Champion), |(word, span)| self.origin(word, *span));
        let filter =
            node.filter.as_ref().map_or(Some(Expr::everything()), |filter| self.expr(filter, Self::box_leaf));
        let Some(((operator, span), literal)) = &node.compared else {
            return Some(Test::Has(Boxes { origin: origin?, filter: filter? }));
        };
        let Operator::Compare(op) = *operator else {
            self.operator_fault("count(…)", operator.as_str(), *span, ValueType::Number);
            return None;
        };
        let value = self.number("count(…)", literal)?;
        Some(Test::Count(Boxes { origin: origin?, filter: filter? }, op, value))
    }

    fn origin(&mut self, word: &str, span: Span) -> Option<BoxOrigin> {
        let origin = BoxOrigin::parse(word);
        if origin.is_none() {
            let error = QueryError::new(Problem::UnknownOrigin(word.to_owned()), span);
            let nearest = suggest::closest(word, BoxOrigin::ALL.map(BoxOrigin::as_str));
            self.fault(match nearest {
                Some(nearest) => error.advise(format!("did you mean `{nearest}`?")).replace(nearest),
                None => error.advise("the origins are `champion`, `shadow`, `review` and `all`"),
            });
        }
        origin
    }

    fn box_leaf(&mut self, node: &Node) -> Option<Expr<BoxTest>> {
        let condition = Condition::of(node)?;
        self.box_condition(condition).map(|expr| condition.signed(expr))
    }

    /// The condition without its sign.
    fn box_condition(&mut self, condition: Condition<'_>) -> Option<Expr<BoxTest>> {
        let field = self.box_field(condition)?;
        if let Some(missing) = Self::asks_for_none(condition.comparison) {
            let test = Expr::Leaf(BoxTest::Missing(field));
            return Some(if missing { test } else { test.negate() });
        }
        self.admits(condition, field.value_type(), false).then_some(())?;
        let test = match field {
            BoxField::Label => BoxTest::Label(self.text_test(condition)?),
            BoxField::Number(number) => {
                let name = condition.name();
                BoxTest::Number(number, self.compare(condition.comparison, |this, l| this.number(&name, l))?)
            }
        };
        Some(Expr::Leaf(test))
    }

    /// All values that could be read; one value of a list is an equality.
    fn compare<T>(
        &mut self,
        comparison: Comparison<'_>,
        mut read: impl FnMut(&mut Self, &Literal) -> Option<T>,
    ) -> Option<Compare<T>> {
        match comparison {
            Comparison::Is((Operator::Compare(op), _), literal) => {
                read(self, literal).map(|value| Compare::Is(op, value))
            }
            // `admits` refused `~` where the type has none.
            Comparison::Is((Operator::Contains, _), _) => None,
            Comparison::OneOf(literals) => {
                let mut values: Vec<T> = literals.iter().filter_map(|literal| read(self, literal)).collect();
                match values.len() {
                    0 => None,
                    1 => values.pop().map(|value| Compare::Is(Op::Eq, value)),
                    _ => Some(Compare::OneOf(values)),
                }
            }
        }
    }
}
