//! The typed query: what can be asked, with nothing left to check. Knows
//! neither text nor predictions.
//!
//! Queries are kept in a normal form, which the constructors of [`Expr`] give:
//! no `All` directly in an `All`, no `Any` directly in an `Any`, neither with
//! one part, no `Not` of a `Not`. Printing and parsing again gives the same
//! value.

use super::{
    moment::Moment,
    schema::{BoxField, BoxNumber, DateField, Field, NumberField, TextField},
};
use crate::status::Status;

/// Conditions joined by `and`, `or` and `not`, over leaves of one kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr<L> {
    /// Every part holds; without parts: true.
    All(Vec<Expr<L>>),
    /// Some part holds; without parts: false.
    Any(Vec<Expr<L>>),
    /// The part does not hold.
    Not(Box<Expr<L>>),
    /// One condition.
    Leaf(L),
}

impl<L> Expr<L> {
    /// True, whatever it is asked of.
    #[must_use]
    pub fn everything() -> Self {
        Self::All(Vec::new())
    }

    /// All of `parts`, in normal form.
    #[must_use]
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::All(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            1 => flat.swap_remove(0),
            _ => Self::All(flat),
        }
    }

    /// Any of `parts`, in normal form.
    #[must_use]
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::Any(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        match flat.len() {
            1 => flat.swap_remove(0),
            _ => Self::Any(flat),
        }
    }

    /// The exact complement, in normal form.
    #[must_use]
    pub fn negate(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            other => Self::Not(Box::new(other)),
        }
    }

    /// Whether it is [`Self::everything`].
    #[must_use]
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::All(parts) if parts.is_empty())
    }

    /// Whether it holds, when `leaf` says so of each leaf.
    pub fn holds(&self, leaf: &mut impl FnMut(&L) -> bool) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.holds(leaf)),
            Self::Any(parts) => parts.iter().any(|part| part.holds(leaf)),
            Self::Not(part) => !part.holds(leaf),
            Self::Leaf(test) => leaf(test),
        }
    }
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// `=`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl Op {
    /// All six.
    pub const ALL: [Self; 6] = [Self::Eq, Self::Ne, Self::Lt, Self::Le, Self::Gt, Self::Ge];

    /// As it is written, here and in SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eq => "=",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }

    /// Whether `left op right`.
    pub fn holds<T: PartialOrd + ?Sized>(self, left: &T, right: &T) -> bool {
        match self {
            Self::Eq => left == right,
            Self::Ne => left != right,
            Self::Lt => left < right,
            Self::Le => left <= right,
            Self::Gt => left > right,
            Self::Ge => left >= right,
        }
    }

    /// The operator that holds where this one does not, for two values that
    /// are there.
    #[must_use]
    pub fn complement(self) -> Self {
        match self {
            Self::Eq => Self::Ne,
            Self::Ne => Self::Eq,
            Self::Lt => Self::Ge,
            Self::Le => Self::Gt,
            Self::Gt => Self::Le,
            Self::Ge => Self::Lt,
        }
    }
}

/// A value against one or several others of its type. False when it is missing.
#[derive(Clone, Debug, PartialEq)]
pub enum Compare<T> {
    /// `op value`
    Is(Op, T),
    /// `in (…)`: equal to one of at least two.
    OneOf(Vec<T>),
}

/// A text against others. Bytewise; false when the text is missing.
#[derive(Clone, Debug, PartialEq)]
pub enum TextTest {
    /// `= < in …`
    Compare(Compare<String>),
    /// `~`: contains it, upper and lower ASCII letters being the same.
    Contains(String),
}

/// What a metadata value is compared with.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A bare number: the value is read as one by
    /// [`metadata_number`](super::metadata_number), and counts as missing when it is none.
    Number(f64),
    /// Anything else: bytewise.
    Text(String),
}

/// A metadata value against others.
#[derive(Clone, Debug, PartialEq)]
pub enum MetadataTest {
    /// `= < in …`
    Compare(Compare<Scalar>),
    /// `~`, of the text.
    Contains(String),
}

/// A condition on a prediction.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// The status is one of these, at least one.
    Status(Vec<Status>),
    /// Whether a person has reviewed it (status reviewed or submitted).
    Reviewed(bool),
    /// A number.
    Number(NumberField, Compare<f64>),
    /// A text; of [`TextField::Tag`] one tag is enough, and `!=` is never made.
    Text(TextField, TextTest),
    /// A time; `=` means within it.
    Date(DateField, Compare<Moment>),
    /// The value of a metadata key.
    Metadata(String, MetadataTest),
    /// `= none`
    Missing(Field),
    /// There is such a box.
    Has(Boxes),
    /// So many boxes are such.
    Count(Boxes, Op, f64),
}

/// Some boxes of a prediction.
#[derive(Clone, Debug, PartialEq)]
pub struct Boxes {
    /// Whose.
    pub origin: BoxOrigin,
    /// Which of them.
    pub filter: Expr<BoxTest>,
}

impl Expr<BoxTest> {
    /// The label, when this is about being of one label and nothing else.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        match self {
            Self::Leaf(BoxTest::Label(TextTest::Compare(Compare::Is(Op::Eq, label)))) => Some(label),
            _ => None,
        }
    }

    /// The least score, when this is about having at least that, or more than
    /// it, and nothing else.
    #[must_use]
    pub fn least_score(&self) -> Option<(Op, f64)> {
        match self {
            Self::Leaf(BoxTest::Number(BoxNumber::Score, Compare::Is(op @ (Op::Ge | Op::Gt), score))) => {
                Some((*op, *score))
            }
            _ => None,
        }
    }
}

/// A condition on a box.
#[derive(Clone, Debug, PartialEq)]
pub enum BoxTest {
    /// Its class.
    Label(TextTest),
    /// A number of it.
    Number(BoxNumber, Compare<f64>),
    /// `= none`: only a reviewer's box lacks something, its score.
    Missing(BoxField),
}

/// Whose boxes are asked about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BoxOrigin {
    /// The champion's at or above the prediction's threshold.
    #[default]
    Champion,
    /// The shadow's at or above the prediction's threshold.
    Shadow,
    /// Those of the latest review, without those marked `ignore`.
    Review,
    /// The champion's, those below the threshold too.
    All,
}

impl BoxOrigin {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Champion, Self::Shadow, Self::Review, Self::All];

    /// The word before the colon.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Champion => "champion",
            Self::Shadow => "shadow",
            Self::Review => "review",
            Self::All => "all",
        }
    }

    /// The origin that [`Self::as_str`] names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|origin| origin.as_str() == word)
    }
}
