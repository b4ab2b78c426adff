//! How wide the kept buckets are, and how few of them cover a range.

use domain::{
    monitor::{Range, Resolution},
    time::Timestamp,
};

const DAY_MS: i64 = 86_400_000;

/// A width of buckets that are kept. The numbers are stored: never reuse one.
/// Each width is a multiple of the next finer one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i16)]
pub(super) enum Level {
    Minute = 0,
    /// Kept for a day in quarters of an hour, which would else be 1,440 minutes.
    QuarterHour = 4,
    Hour = 1,
    Day = 2,
    /// 32 days. No chart shows them; sums of a long range read few rows by them.
    Block = 3,
}

impl Level {
    /// Fine to coarse.
    pub(super) const ALL: [Self; 5] = [Self::Minute, Self::QuarterHour, Self::Hour, Self::Day, Self::Block];
    /// Those that charts are drawn of.
    pub(super) const SHOWN: [Self; 4] = [Self::Minute, Self::QuarterHour, Self::Hour, Self::Day];

    pub(super) fn number(self) -> i16 {
        self as i16
    }

    pub(super) fn width_ms(self) -> i64 {
        match self {
            Self::Minute => Resolution::Minute.width_ms(),
            Self::QuarterHour => Resolution::QuarterHour.width_ms(),
            Self::Hour => Resolution::Hour.width_ms(),
            Self::Day => DAY_MS,
            Self::Block => 32 * DAY_MS,
        }
    }

    /// The start of the bucket that holds `moment`.
    pub(super) fn start(self, moment: Timestamp) -> Timestamp {
        moment.plus_ms(-moment.0.rem_euclid(self.width_ms()))
    }

    /// This one and all whose buckets it fills.
    pub(super) fn and_coarser(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |level| level.width_ms() >= self.width_ms())
    }

    fn coarser(self) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.width_ms() > self.width_ms())
    }
}

/// The kept buckets that those of a chart are made of: the coarsest that they
/// hold whole.
impl From<Resolution> for Level {
    fn from(resolution: Resolution) -> Self {
        match resolution {
            Resolution::Minute | Resolution::FiveMinutes => Self::Minute,
            Resolution::QuarterHour => Self::QuarterHour,
            Resolution::Hour | Resolution::ThreeHours | Resolution::SixHours => Self::Hour,
            Resolution::Day | Resolution::Week => Self::Day,
        }
    }
}

/// Some buckets in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) level: Level,
    pub(super) range: Range,
}

/// The range, which must be of whole buckets of `level`, by the coarsest
/// buckets that lie in it; oldest first.
pub(super) fn pieces(range: Range, level: Level) -> Vec<Piece> {
    let Some(coarser) = level.coarser() else { return vec![Piece { level, range }] };
    let last = coarser.start(range.to);
    let first = coarser.start(range.from.plus_ms(coarser.width_ms() - 1));
    if first >= last {
        return vec![Piece { level, range }];
    }
    let mut all = Vec::new();
    let ends = [Range { from: range.from, to: first }, Range { from: last, to: range.to }];
    let [head, tail] = ends.map(|range| (range.length_ms() > 0).then_some(Piece { level, range }));
    all.extend(head);
    all.extend(pieces(Range { from: first, to: last }, coarser));
    all.extend(tail);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn buckets(pieces: &[Piece]) -> i64 {
        pieces.iter().map(|piece| piece.range.length_ms() / piece.level.width_ms()).sum()
    }

    proptest! {
        #[test]
        fn pieces_cover_the_range_once_by_whole_buckets(
            level in prop::sample::select(Level::SHOWN.to_vec()),
            from in -900i64..30_000_000,
            length in 1i64..1_000,
        ) {
            let width = level.width_ms();
            let range = Range { from: Timestamp(from * width), to: Timestamp((from + length) * width) };
            let found = pieces(range, level);
            let mut at = range.from;
            for piece in &found {
                prop_assert_eq!(piece.range.from, at);
                prop_assert!(piece.range.to > at);
                prop_assert_eq!(piece.level.start(piece.range.from), piece.range.from);
                prop_assert_eq!(piece.level.start(piece.range.to), piece.range.to);
                at = piece.range.to;
            }
            prop_assert_eq!(at, range.to);
            // Of each level a head and a tail at most; the blocks in a thousand days are 31.
            prop_assert!(buckets(&found) <= 2 * (14 + 3 + 23 + 31) + 31);
        }
    }

    #[test]
    fn a_year_is_read_by_few_buckets() {
        let year = Range { from: Timestamp(20_000 * DAY_MS), to: Timestamp(20_366 * DAY_MS) };
        assert_eq!(buckets(&pieces(year, Level::Day)), 11 + 14);
    }
}
