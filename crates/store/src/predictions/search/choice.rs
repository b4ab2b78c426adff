//! Which source to take: the one with the fewest candidates, as far as
//! counting a few thousand index entries tells.

use super::{
    ranges::IdRange,
    source::{COUNTING, Source},
    sources, values,
    words::Words,
};
use crate::{
    error::Result,
    timed::{Timed, Timely},
};
use domain::listing::Count;
use query::Implied;

/// Candidates are counted up to here.
const COUNTED: u64 = 20_000;
/// So few that no better source is looked for.
const FEW: u64 = 200;
/// Of more conditions than this the rest is not counted, but only tested.
const COMPARED: usize = 24;

/// The sources to take candidates from.
pub(super) struct Choice {
    /// Nothing can match.
    pub(super) never: bool,
    /// The source with the fewest candidates.
    pub(super) best: Source,
    /// How many it has.
    pub(super) candidates: Count,
    /// The best of those in the order of ids.
    pub(super) in_order: Source,
}

/// What choosing needs.
pub(super) struct Choosing<'c, 'd> {
    pub(super) timed: &'c mut Timed<'d>,
    pub(super) words: &'c Words,
    /// What every match's id lies in.
    pub(super) ids: &'c IdRange,
}

/// The best so far, with its candidates.
#[derive(Default)]
struct Standing {
    never: bool,
    best: Option<(Source, u64)>,
    in_order: Option<(Source, u64)>,
}

impl Standing {
    fn take(&mut self, source: Source, count: u64) {
        if source.is_in_order_of_ids() && self.in_order.as_ref().is_none_or(|(_, least)| count < *least) {
            self.in_order = Some((source.clone(), count));
        }
        if self.best.as_ref().is_none_or(|(_, least)| count < *least) {
            self.best = Some((source, count));
        }
    }

    /// Fewer candidates than this are known.
    fn is_below(&self, limit: u64) -> bool {
        self.never || self.best.as_ref().is_some_and(|(_, least)| *least < limit)
    }
}

impl Choosing<'_, '_> {
    /// Of what a query implies. What has to be asked for first is tried where
    /// nothing else leaves few candidates.
    pub(super) async fn of_query(mut self, implied: &Implied) -> Result<Choice> {
        let mut sources = sources::of(implied, self.words);
        if !self.ids.is_all() {
            sources.push(Source::All);
        }
        let mut standing = Standing::default();
        self.compare(&mut standing, sources).await?;
        self.compare_texts(&mut standing, implied).await?;
        for alternatives in &implied.alternatives {
            if standing.is_below(COUNTED) {
                break;
            }
            self.either(&mut standing, alternatives).await?;
        }
        let (best, least) = standing.best.unwrap_or((Source::All, u64::MAX));
        Ok(Choice {
            never: standing.never,
            best,
            candidates: Count { count: least.min(COUNTED), exact: least < COUNTED },
            in_order: standing.in_order.map_or(Source::All, |(source, _)| source),
        })
    }

    /// By the known values of texts, where nothing else leaves few candidates.
    async fn compare_texts(&mut self, standing: &mut Standing, implied: &Implied) -> Result<()> {
        for condition in &implied.compared {
            if standing.is_below(COUNTED) {
                break;
            }
            let known = values::admitted(self.timed, condition, self.words).await?;
            self.compare(standing, known).await?;
        }
        Ok(())
    }

    async fn compare(
        &mut self,
        standing: &mut Standing,
        sources: impl IntoIterator<Item = Source>,
    ) -> Result<()> {
        for source in sources.into_iter().take(COMPARED) {
            if source.is_empty() {
                standing.never = true;
                return Ok(());
            }
            let statement = source.roughly().counted(COUNTED, self.ids, self.words);
            let Timely::Done(rows) = self.timed.rows(&statement, COUNTING).await? else { continue };
            let count = rows.first().map_or(Ok(0), |row| row.int(0))?.unsigned_abs();
            standing.take(source, count);
            if standing.is_below(FEW + 1) {
                break;
            }
        }
        Ok(())
    }

    /// The best sources of all alternatives together, if each has one with few
    /// candidates.
    async fn either(&mut self, standing: &mut Standing, alternatives: &[Implied]) -> Result<()> {
        let (mut best, mut in_order) = (Some(Vec::new()), Some(Vec::new()));
        let (mut least, mut least_in_order) = (0, 0);
        for implied in alternatives {
            let mut one = Standing::default();
            self.compare(&mut one, sources::of(implied, self.words)).await?;
            self.compare_texts(&mut one, implied).await?;
            if one.never {
                continue;
            }
            if !one.is_below(COUNTED) {
                return Ok(());
            }
            least += join(&mut best, one.best);
            least_in_order += join(&mut in_order, one.in_order);
        }
        // Better in the order of ids, if that is as short.
        let each = [(in_order, least_in_order), (best, least)];
        for (parts, count) in each {
            match parts {
                Some(parts) if parts.is_empty() => standing.never = true,
                Some(parts) => standing.take(Source::Either(parts), count.min(COUNTED)),
                None => {}
            }
        }
        Ok(())
    }
}

/// Adds a part to those of an alternative; without it there is none.
fn join(parts: &mut Option<Vec<Source>>, part: Option<(Source, u64)>) -> u64 {
    match (parts.as_mut(), part) {
        (Some(parts), Some((source, count))) => {
            parts.push(source);
            count
        }
        _ => {
            *parts = None;
            0
        }
    }
}
