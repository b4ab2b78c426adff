//! The Predictions view: what matches a query, how much of it, and where.

use crate::{Result, Service, require};
use domain::{
    access::{Actor, Role},
    fault::ApiError,
    ids::PredictionId,
    listing::{
        Count, Explanation, Facet, FacetValue, Facets, ListRequest, Listing, Neighbourhood, SortOrder,
    },
    time::Timestamp,
};
use query::{
    KnownValues, Moment, Precision, Query,
    ast::{BoxOrigin, BoxTest, Boxes, Compare, Expr, Op, Test, TextTest},
    parse,
    schema::{DateField, TextField},
};
use store::Tally;

/// Neighbours on each side, at most.
const MOST_NEIGHBOURS: u32 = 50;
/// Values of a facet, at most.
const MOST_VALUES: usize = 30;

impl Service {
    /// A page of what matches a query.
    ///
    /// # Errors
    /// No such deployment; a query that cannot be read; a cursor that no page
    /// gave out.
    pub async fn list_predictions(
        &self,
        actor: &Actor,
        deployment: &str,
        request: &ListRequest,
    ) -> Result<Listing> {
        require(actor, Role::Viewer)?;
        let query = readable(&request.q)?;
        let deployment = self.known_deployment(deployment).await?;
        let _turn = self.inner.searches.turn(actor).await?;
        Ok(self.store().predictions().list(deployment.id, query, request, self.now()).await?)
    }

    /// How many match a query.
    ///
    /// # Errors
    /// No such deployment; a query that cannot be read.
    pub async fn count_predictions(&self, actor: &Actor, deployment: &str, q: &str) -> Result<Count> {
        require(actor, Role::Viewer)?;
        let query = readable(q)?;
        let deployment = self.known_deployment(deployment).await?;
        let _turn = self.inner.searches.turn(actor).await?;
        Ok(self.store().predictions().count_matching(deployment.id, query, self.now()).await?)
    }

    /// Where a prediction stands among what matches, with up to `radius`
    /// (at most 50) neighbours on each side.
    ///
    /// # Errors
    /// No such prediction; a query that cannot be read.
    pub async fn neighbourhood(
        &self,
        actor: &Actor,
        id: PredictionId,
        q: &str,
        sort: SortOrder,
        radius: u32,
    ) -> Result<Neighbourhood> {
        let prediction = self.prediction(actor, id).await?;
        let query = readable(q)?;
        let radius = radius.min(MOST_NEIGHBOURS);
        let _turn = self.inner.searches.turn(actor).await?;
        let predictions = self.store().predictions();
        Ok(predictions.neighbourhood(prediction.deployment_id, id, query, sort, radius, self.now()).await?)
    }

    /// What a query can be narrowed to, and how many would be left.
    ///
    /// # Errors
    /// No such deployment; a query that cannot be read.
    pub async fn facets(&self, actor: &Actor, deployment: &str, q: &str) -> Result<Facets> {
        require(actor, Role::Viewer)?;
        let query = readable(q)?;
        let deployment = self.known_deployment(deployment).await?;
        let _turn = self.inner.searches.turn(actor).await?;
        let mut tallies =
            self.store().predictions().tallies(deployment.id, query.clone(), self.now()).await?;
        tallies.days.counts.sort_by_key(|day| std::cmp::Reverse(day.0));
        let text = |field: TextField| move |text: &String| Test::Text(field, equals(text));
        let day = |start: &Timestamp| Moment::At { start: *start, precision: Precision::Day }.to_string();
        Ok(Facets {
            total: tallies.total,
            status: facet(&query, tallies.statuses, ToString::to_string, |s| Test::Status(vec![*s])),
            label: facet(&query, tallies.labels, String::clone, |label| has_label(label)),
            model: facet(&query, tallies.models, String::clone, text(TextField::Model)),
            tag: facet(&query, tallies.tags, String::clone, text(TextField::Tag)),
            source: facet(&query, tallies.sources, String::clone, text(TextField::Source)),
            day: ordered_facet(&query, &tallies.days, day, |start| arrived_on(*start)),
        })
    }

    /// Values that occur in a deployment, to complete a query with.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn known_values(&self, actor: &Actor, deployment: &str) -> Result<KnownValues> {
        require(actor, Role::Viewer)?;
        let deployment = self.known_deployment(deployment).await?;
        let mut known = self.store().predictions().known_values(deployment.id).await?;
        let labels = deployment.champion.labels.iter().map(|label| label.as_str().to_owned());
        known.labels.extend(labels);
        known.labels.sort();
        known.labels.dedup();
        Ok(known)
    }

    /// How a query is answered: which index drives it, and what it costs.
    ///
    /// # Errors
    /// Reviewers and admins only; no such deployment; a query that cannot be
    /// read.
    pub async fn explain(
        &self,
        actor: &Actor,
        deployment: &str,
        q: &str,
        sort: SortOrder,
    ) -> Result<Explanation> {
        require(actor, Role::Reviewer)?;
        let query = readable(q)?;
        let deployment = self.known_deployment(deployment).await?;
        let _turn = self.inner.searches.turn(actor).await?;
        Ok(self.store().predictions().explain(deployment.id, query, sort, self.now()).await?)
    }
}

/// A tally as people narrow by it, the most frequent first.
fn facet<T>(query: &Query, tally: Tally<T>, word: impl Fn(&T) -> String, test: impl Fn(&T) -> Test) -> Facet {
    let mut counts = tally.counts;
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| word(&a.0).cmp(&word(&b.0))));
    ordered_facet(query, &Tally { counts, exact: tally.exact }, word, test)
}

fn ordered_facet<T>(
    query: &Query,
    tally: &Tally<T>,
    word: impl Fn(&T) -> String,
    test: impl Fn(&T) -> Test,
) -> Facet {
    let more = tally.counts.len() > MOST_VALUES;
    let value = |(of, count): &(T, u64)| {
        let test = Expr::Leaf(test(of));
        FacetValue {
            value: word(of),
            count: *count,
            condition: Query::new(test.clone()).to_string(),
            query: query.clone().and(test).to_string(),
        }
    };
    Facet { values: tally.counts.iter().take(MOST_VALUES).map(value).collect(), exact: tally.exact, more }
}

fn equals(text: &str) -> TextTest {
    TextTest::Compare(Compare::Is(Op::Eq, text.to_owned()))
}

fn has_label(label: &str) -> Test {
    let filter = Expr::Leaf(BoxTest::Label(equals(label)));
    Test::Has(Boxes { origin: BoxOrigin::Champion, filter })
}

fn arrived_on(start: Timestamp) -> Test {
    let day = Moment::At { start, precision: Precision::Day };
    Test::Date(DateField::Received, Compare::Is(Op::Eq, day))
}

/// The query that a text is, or all that is wrong with it.
pub(crate) fn readable(q: &str) -> Result<Query> {
    parse(q).map_err(|errors| ApiError::from(errors).into())
}
