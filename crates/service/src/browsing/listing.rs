//! The Predictions view: what matches a query, how much of it, and where.

use crate::{As, Browsing, DeploymentRef, Result, Reviewer, ServiceError, Viewer};
use domain::{
    fault::ApiError,
    ids::PredictionId,
    listing::{
        Count, Explanation, Facet, FacetValue, Facets, ListRequest, ListedPrediction, Listing, Neighbourhood,
        SortOrder,
    },
    time::Timestamp,
};
use query::{
    KnownValues, Moment, Precision, Query,
    ast::{BoxOrigin, BoxTest, Boxes, Compare, Expr, Op, Test, TextTest},
    parse,
    schema::{DateField, TextField},
};
use store::{Tallies, Tally};

/// Neighbours on each side, at most.
const MOST_NEIGHBOURS: u32 = 50;
/// Predictions that are passed over to get to a later page, at most.
const MOST_PASSED_OVER: usize = 100_000;
/// Predictions of one page.
const MOST_LISTED: usize = 200;
/// Values of a facet, at most.
const MOST_VALUES: usize = 30;

impl Browsing {
    /// A page of what matches a query.
    ///
    /// # Errors
    /// No such deployment; a query that cannot be read; a cursor that no page
    /// gave out.
    pub async fn list_predictions(
        &self,
        actor: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        request: &ListRequest,
    ) -> Result<Listing> {
        let query = readable(&request.q)?;
        let deployment = self.base.known_deployment(deployment).await?;
        let _turn = self.searches.turn(actor).await?;
        Ok(self.base.store().predictions().list(deployment.id, query, request, self.base.now()).await?)
    }

    /// So many of what matches a query, behind so many others or a cursor:
    /// for those who count pages. Gives the cursor of what follows.
    ///
    /// # Errors
    /// No such deployment; a query that cannot be read; a cursor that no page
    /// gave out; more than 100,000 to be passed over.
    pub async fn slice_of_predictions(
        &self,
        actor: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        request: ListRequest,
        offset: usize,
        limit: usize,
    ) -> Result<(Vec<ListedPrediction>, Option<String>)> {
        if offset > MOST_PASSED_OVER {
            let message = format!("At most {MOST_PASSED_OVER} are passed over: go on by the cursor instead.");
            return Err(ServiceError::invalid_at("offset", message));
        }
        let deployment = deployment.into();
        let (mut passing, mut request, mut slice) = (offset, request, Vec::new());
        loop {
            // Never more than what is wanted: the cursor stands behind the last one.
            let wanted = (passing + limit - slice.len()).min(MOST_LISTED);
            request.limit = u32::try_from(wanted).ok();
            let page = self.list_predictions(actor, deployment.clone(), &request).await?;
            let passed = passing.min(page.items.len());
            passing -= passed;
            slice.extend(page.items.into_iter().skip(passed));
            if slice.len() >= limit || page.next_cursor.is_none() {
                return Ok((slice, page.next_cursor));
            }
            request.cursor = page.next_cursor;
        }
    }

    /// How many match a query.
    ///
    /// # Errors
    /// No such deployment; a query that cannot be read.
    pub async fn count_predictions(
        &self,
        actor: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        q: &str,
    ) -> Result<Count> {
        let query = readable(q)?;
        let deployment = self.base.known_deployment(deployment).await?;
        let key = format!("count {} {q}", deployment.id);
        let work = async {
            let _turn = self.searches.turn(actor).await?;
            Ok(self.base.store().predictions().count_matching(deployment.id, query, self.base.now()).await?)
        };
        self.base.answers().single_flight(&key, work).await
    }

    /// Where a prediction stands among what matches, with up to `radius`
    /// (at most 50) neighbours on each side.
    ///
    /// # Errors
    /// No such prediction; a query that cannot be read.
    pub async fn neighbourhood(
        &self,
        actor: &As<Viewer>,
        id: PredictionId,
        q: &str,
        sort: SortOrder,
        radius: u32,
    ) -> Result<Neighbourhood> {
        let prediction = self.prediction(actor, id).await?;
        let query = readable(q)?;
        let radius = radius.min(MOST_NEIGHBOURS);
        let _turn = self.searches.turn(actor).await?;
        let predictions = self.base.store().predictions();
        Ok(predictions
            .neighbourhood(prediction.deployment_id, id, query, sort, radius, self.base.now())
            .await?)
    }

    /// What a query can be narrowed to, and how many would be left.
    ///
    /// # Errors
    /// No such deployment; a query that cannot be read.
    pub async fn facets(
        &self,
        actor: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
        q: &str,
    ) -> Result<Facets> {
        let query = readable(q)?;
        let deployment = self.base.known_deployment(deployment).await?;
        let key = format!("facets {} {q}", deployment.id);
        let work = async {
            let _turn = self.searches.turn(actor).await?;
            let predictions = self.base.store().predictions();
            let tallies = predictions.tallies(deployment.id, query.clone(), self.base.now()).await?;
            Ok(facets_of(&query, tallies))
        };
        self.base.answers().single_flight(&key, work).await
    }

    /// Values that occur in a deployment, to complete a query with.
    ///
    /// # Errors
    /// No such deployment.
    pub async fn known_values(
        &self,
        _: &As<Viewer>,
        deployment: impl Into<DeploymentRef>,
    ) -> Result<KnownValues> {
        let deployment = self.base.known_deployment(deployment).await?;
        let mut known = self.base.store().predictions().known_values(deployment.id).await?;
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
        actor: &As<Reviewer>,
        deployment: impl Into<DeploymentRef>,
        q: &str,
        sort: SortOrder,
    ) -> Result<Explanation> {
        let query = readable(q)?;
        let deployment = self.base.known_deployment(deployment).await?;
        let _turn = self.searches.turn(actor).await?;
        Ok(self.base.store().predictions().explain(deployment.id, query, sort, self.base.now()).await?)
    }
}

fn facets_of(query: &Query, mut tallies: Tallies) -> Facets {
    tallies.days.counts.sort_by_key(|day| std::cmp::Reverse(day.0));
    let text = |field: TextField| move |text: &String| Test::Text(field, equals(text));
    let day = |start: &Timestamp| Moment::At { start: *start, precision: Precision::Day }.to_string();
    Facets {
        total: tallies.total,
        status: facet(query, tallies.statuses, ToString::to_string, |s| Test::Status(vec![*s])),
        label: facet(query, tallies.labels, String::clone, |label| has_label(label)),
        model: facet(query, tallies.models, String::clone, text(TextField::Model)),
        tag: facet(query, tallies.tags, String::clone, text(TextField::Tag)),
        source: facet(query, tallies.sources, String::clone, text(TextField::Source)),
        day: ordered_facet(query, &tallies.days, day, |start| arrived_on(*start)),
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
