//! How an image was picked, told from what it was looked for by.

use super::Picked;
use crate::listing::{SortField, SortOrder};
use query::{
    Query,
    ast::{Expr, Test},
    schema::{Field, NumberField},
};

impl Picked {
    /// How the images are picked that are reviewed one after the other as
    /// `query` and `sort` give them.
    ///
    /// Outliers, where the outlier score has a say in it. At random, where
    /// neither the image nor what a model said of it has: in the order of
    /// time, narrowed by status and time at most. By a query otherwise.
    #[must_use]
    pub fn by(query: &Query, sort: SortOrder) -> Self {
        let mut by_outlier = sort.field == SortField::Number(NumberField::OutlierScore);
        let mut unseen = matches!(sort.field, SortField::Received | SortField::Created);
        visit(query.condition(), &mut |test| {
            by_outlier |= matches!(
                test,
                Test::Number(NumberField::OutlierScore, _)
                    | Test::Missing(Field::Number(NumberField::OutlierScore))
            );
            unseen &= matches!(test, Test::Status(_) | Test::Reviewed(_) | Test::Date(..));
        });
        match (by_outlier, unseen) {
            (true, _) => Self::Outlier,
            (false, true) => Self::Random,
            (false, false) => Self::Query,
        }
    }
}

fn visit(condition: &Expr<Test>, see: &mut impl FnMut(&Test)) {
    match condition {
        Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| visit(part, see)),
        Expr::Not(part) => visit(part, see),
        Expr::Leaf(test) => see(test),
    }
}
