//! The numbers behind the words of one query: labels and models are stored by
//! number. A word that was never stored has none, and nothing matches it.

use crate::{
    database::Database,
    error::Result,
    predictions::Predictions,
    sql::{Arg, Fragment},
};
use domain::{ids::DeploymentId, name::Label, time::Timestamp};
use query::{
    Query,
    ast::{BoxTest, Compare, Expr, Op, Test, TextTest},
    schema::TextPlace,
};
use sea_orm::ConnectionTrait;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// What turning a query into SQL needs to know.
#[derive(Clone, Debug)]
pub(crate) struct Words {
    pub(super) deployment: DeploymentId,
    pub(super) now: Timestamp,
    pub(super) postgres: bool,
    /// Whether something of the deployment is deleted and not yet gone.
    pub(super) has_deleted: bool,
    labels: HashMap<String, i64>,
    models: HashMap<String, Uuid>,
}

impl Words {
    /// Looks up the words of `query`.
    pub(crate) async fn of(
        predictions: &Predictions<'_>,
        deployment: DeploymentId,
        query: &Query,
        now: Timestamp,
    ) -> Result<Self> {
        let db = predictions.db;
        let mut mentioned = MentionedWords::default();
        mentioned.gather(query.condition());
        let postgres = db.kind == crate::database::DatabaseKind::Postgres;
        let wanted: Vec<Label> =
            mentioned.labels.iter().filter_map(|label| Label::new(*label).ok()).collect();
        let labels = predictions.labels.known(db, &wanted).await?;
        let labels =
            labels.into_iter().map(|(label, id)| (label.as_str().to_owned(), i64::from(id))).collect();
        let models = models(db, &mentioned.models).await?;
        let has_deleted = has_deleted(db, deployment).await?;
        Ok(Self { deployment, now, postgres, has_deleted, labels, models })
    }

    /// Of a query whose words nobody has stored.
    pub(crate) fn unknown(now: Timestamp, postgres: bool) -> Self {
        let (labels, models) = (HashMap::new(), HashMap::new());
        Self { deployment: DeploymentId(Uuid::nil()), now, postgres, has_deleted: false, labels, models }
    }

    pub(super) fn label(&self, word: &str) -> Option<i64> {
        self.labels.get(word).copied()
    }

    pub(super) fn model(&self, word: &str) -> Option<Uuid> {
        self.models.get(word).copied()
    }
}

#[derive(Default)]
struct MentionedWords<'q> {
    labels: BTreeSet<&'q str>,
    models: BTreeSet<&'q str>,
}

impl<'q> MentionedWords<'q> {
    fn gather(&mut self, expr: &'q Expr<Test>) {
        match expr {
            Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| self.gather(part)),
            Expr::Not(part) => self.gather(part),
            Expr::Leaf(Test::Has(boxes) | Test::Count(boxes, ..)) => self.gather_labels(&boxes.filter),
            Expr::Leaf(Test::Text(field, test)) => match field.row().place {
                TextPlace::ModelVersion(_) => self.models.extend(equals(test)),
                TextPlace::Column(_) | TextPlace::Tags => {}
            },
            Expr::Leaf(
                Test::Status(_)
                | Test::Reviewed(_)
                | Test::Number(..)
                | Test::Date(..)
                | Test::Metadata(..)
                | Test::Missing(_),
            ) => {}
        }
    }

    fn gather_labels(&mut self, expr: &'q Expr<BoxTest>) {
        match expr {
            Expr::All(parts) | Expr::Any(parts) => parts.iter().for_each(|part| self.gather_labels(part)),
            Expr::Not(part) => self.gather_labels(part),
            Expr::Leaf(BoxTest::Label(test)) => self.labels.extend(equals(test)),
            Expr::Leaf(_) => {}
        }
    }
}

/// The words that a test compares for being equal, or not.
fn equals(test: &TextTest) -> impl Iterator<Item = &str> {
    let words: &[String] = match test {
        TextTest::Compare(Compare::Is(Op::Eq | Op::Ne, word)) => std::slice::from_ref(word),
        TextTest::Compare(Compare::OneOf(words)) => words,
        _ => &[],
    };
    words.iter().map(String::as_str)
}

/// Versions by `name/number`.
async fn models(db: &Database, words: &BTreeSet<&str>) -> Result<HashMap<String, Uuid>> {
    let names: BTreeSet<&str> =
        words.iter().filter_map(|word| word.rsplit_once('/')).map(|(n, _)| n).collect();
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let text =
        "SELECT v.id, m.name, v.number FROM model_versions v JOIN models m ON m.id = v.model_id WHERE ";
    let statement = Fragment::new(text).then(Fragment::one_of("m.name", names.into_iter().map(Arg::from)));
    let mut ids = HashMap::new();
    for row in db.reader.query_all_raw(statement.into_statement(db.backend())).await? {
        let (id, name, number): (Uuid, String, i32) =
            (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
        ids.insert(format!("{name}/{number}"), id);
    }
    Ok(ids)
}

async fn has_deleted(db: &Database, deployment: DeploymentId) -> Result<bool> {
    let text = "SELECT 1 AS there FROM deletions WHERE deployment_id = ? LIMIT 1";
    let statement = Fragment::with(text, [Arg::Id(deployment.0)]).into_statement(db.backend());
    Ok(db.reader.query_one_raw(statement).await?.is_some())
}
