//! A walk, piece by piece, against the clock. A piece ends at a place known
//! before it is read, so what was found until the time was over stands, and
//! whoever asks again goes on from there.

use super::{
    position::ListPosition,
    walk::{Stretch, Walk, WalkStart},
};
use crate::{
    error::Result,
    sql::Fragment,
    timed::{Timed, Timely},
};
use std::time::{Duration, Instant};

/// One statement gets so long; then its piece was too large.
const STATEMENT: Duration = Duration::from_millis(300);
/// A piece that took less can be larger next time.
const QUICK: Duration = Duration::from_millis(50);
const LEAST_SIZE: u64 = 8;
const FIRST_SIZE: u64 = 4_000;

/// Part of a walk: what lies between two places of one stretch.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub(super) stretch: Stretch,
    pub(super) from: Option<WalkStart>,
    /// `None`: to the end of the stretch.
    pub(super) until: Option<ListPosition>,
}

/// What a walk can still give.
#[derive(Debug)]
pub(super) struct Pieces<'w> {
    walk: &'w Walk<'w>,
    stretches: &'static [Stretch],
    from: Option<WalkStart>,
    resume: Option<WalkStart>,
    size: u64,
    most_size: u64,
    /// Candidates that were looked at.
    pub(super) scanned: u64,
}

/// The next piece, if there is one and it was found in time.
pub(super) enum Next {
    Piece(Piece),
    End,
    Late,
}

impl<'w> Pieces<'w> {
    /// From a place on; `condition` says how dear a candidate is.
    pub(super) fn new(
        walk: &'w Walk<'w>,
        from: Option<WalkStart>,
        condition: &Fragment,
        most_size: u64,
    ) -> Self {
        let dear = condition.text().matches("SELECT").count() as u64;
        let size = (FIRST_SIZE * 4 / (4 + dear)).max(LEAST_SIZE);
        let mut stretches = walk.stretches();
        if let Some(from) = &from {
            let begins = if from.place.values.is_some() { Stretch::Valued } else { Stretch::Missing };
            match stretches.iter().position(|stretch| *stretch == begins) {
                Some(at) => stretches = stretches.get(at..).unwrap_or_default(),
                // Where values may not be missing, what lacks one stands at the end.
                None if !walk.backwards => stretches = &[],
                None => return Self { from: None, ..Self::new(walk, None, condition, most_size) },
            }
        }
        Self { walk, stretches, resume: from.clone(), from, size, most_size, scanned: 0 }
    }

    pub(super) async fn next(&mut self, timed: &mut Timed<'_>) -> Result<Next> {
        loop {
            let Some(stretch) = self.stretches.first().copied() else { return Ok(Next::End) };
            let statement = self.walk.nth(self.size, stretch, self.from.as_ref());
            let rows = match timed.rows(&statement, STATEMENT).await? {
                Timely::Done(rows) => rows,
                Timely::Late if self.shrink() && !timed.is_over() => continue,
                Timely::Late => return Ok(Next::Late),
            };
            let until = rows.first().map(|row| self.walk.place(row)).transpose()?;
            return Ok(Next::Piece(Piece { stretch, from: self.from.clone(), until }));
        }
    }

    /// The piece was read; `last` is the last match in it.
    pub(super) fn passed(&mut self, piece: Piece, took: Duration, last: Option<&ListPosition>) {
        self.scanned += self.size;
        if took < QUICK {
            self.size = (self.size * 2).min(self.most_size);
        }
        if let Some(place) = piece.until {
            self.from = Some(WalkStart { place, inclusive: false });
            self.resume = self.from.clone();
        } else {
            self.from = None;
            self.stretches = self.stretches.get(1..).unwrap_or_default();
            if let Some(place) = last {
                self.resume = Some(WalkStart { place: place.clone(), inclusive: false });
            }
        }
    }

    /// Whether a smaller piece can be tried.
    pub(super) fn shrink(&mut self) -> bool {
        let smaller = (self.size / 8).max(LEAST_SIZE);
        let shrinks = smaller < self.size;
        self.size = smaller;
        shrinks
    }
}

/// What a search found.
#[derive(Debug)]
pub(super) struct ScanResult {
    /// In the order of the walk.
    pub(super) places: Vec<ListPosition>,
    /// Where to go on, when the time was over: `None` for where it began.
    pub(super) late: Option<Option<WalkStart>>,
    pub(super) scanned: u64,
}

/// The first `wanted` matches from a place on.
pub(super) async fn find(
    timed: &mut Timed<'_>,
    walk: &Walk<'_>,
    condition: &Fragment,
    from: Option<WalkStart>,
    wanted: usize,
) -> Result<ScanResult> {
    // Whatever is a candidate matches.
    if *condition == Fragment::always()
        && let Some(statement) = walk.first(wanted as u64, from.as_ref())
        && let Timely::Done(rows) = timed.rows(&statement, STATEMENT).await?
    {
        let places: Vec<ListPosition> = rows.iter().map(|row| walk.place(row)).collect::<Result<_>>()?;
        return Ok(ScanResult { scanned: places.len() as u64, places, late: None });
    }
    let mut pieces = Pieces::new(walk, from, condition, 64_000);
    let mut places = Vec::new();
    loop {
        let piece = match pieces.next(timed).await? {
            Next::Piece(piece) => piece,
            Next::End => return Ok(ScanResult { places, late: None, scanned: pieces.scanned }),
            Next::Late => {
                return Ok(ScanResult { places, late: Some(pieces.resume), scanned: pieces.scanned });
            }
        };
        let begin = Instant::now();
        let statement = matches(walk, &piece, condition, wanted - places.len());
        match timed.rows(&statement, STATEMENT).await? {
            Timely::Done(rows) => {
                for row in &rows {
                    places.push(walk.place(row)?);
                }
                pieces.passed(piece, begin.elapsed(), places.last());
                if places.len() >= wanted {
                    return Ok(ScanResult { places, late: None, scanned: pieces.scanned });
                }
            }
            Timely::Late => {
                pieces.shrink();
                if timed.is_over() {
                    return Ok(ScanResult { places, late: Some(pieces.resume), scanned: pieces.scanned });
                }
            }
        }
    }
}

/// The places of a piece's matches, the first `wanted`.
pub(super) fn matches(walk: &Walk<'_>, piece: &Piece, condition: &Fragment, wanted: usize) -> Fragment {
    Fragment::new("SELECT ")
        .say(&walk.place_columns())
        .then(walk.rows(piece.stretch, piece.from.as_ref(), piece.until.as_ref()))
        .say(" AND ")
        .then(condition.clone())
        .then(walk.order_by(piece.stretch))
        .say(" LIMIT ")
        .value(i64::try_from(wanted).unwrap_or(i64::MAX))
}

/// Reads every piece with the statement that `ask` makes of its rows, and
/// gives what it read to `take`. Whether all was read in time.
pub(super) async fn each_piece(
    timed: &mut Timed<'_>,
    walk: &Walk<'_>,
    condition: &Fragment,
    from: Option<WalkStart>,
    ask: impl Fn(Fragment) -> Fragment,
    mut take: impl FnMut(&crate::timed::TimedRow) -> Result<()>,
) -> Result<bool> {
    let mut pieces = Pieces::new(walk, from, condition, 256_000);
    loop {
        let piece = match pieces.next(timed).await? {
            Next::Piece(piece) => piece,
            Next::End => return Ok(true),
            Next::Late => return Ok(false),
        };
        let begin = Instant::now();
        let rows = walk
            .rows(piece.stretch, piece.from.as_ref(), piece.until.as_ref())
            .say(" AND ")
            .then(condition.clone());
        match timed.rows(&ask(rows), STATEMENT).await? {
            Timely::Done(rows) => {
                rows.iter().try_for_each(&mut take)?;
                pieces.passed(piece, begin.elapsed(), None);
            }
            Timely::Late => {
                pieces.shrink();
                if timed.is_over() {
                    return Ok(false);
                }
            }
        }
    }
}
