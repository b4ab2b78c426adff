//! The box around a `segmentation`: polygons, or a mask in runs (RLE), as
//! numbers or packed into a text. The outline itself is not kept. Source:
//! `maskApi.c` of pycocotools for the packing.

use super::scalar::Scalar;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use std::fmt;

/// The box around an outline.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum Outline {
    /// There is none, or it has no extent.
    #[default]
    None,
    /// `x, y, w, h`.
    Around([f64; 4]),
    /// It is no outline that is known.
    Odd,
}

/// Runs of a mask that are read: a million pixels, each second one set, have
/// as many.
const MOST_RUNS: usize = 1_000_000;

impl Outline {
    fn of(bounds: Bounds) -> Self {
        match bounds {
            Bounds { odd: true, .. } => Self::Odd,
            Bounds { low: [x0, y0], high: [x1, y1], .. } if x1 >= x0 && y1 >= y0 => {
                Self::Around([x0, y0, x1 - x0, y1 - y0])
            }
            Bounds { .. } => Self::None,
        }
    }
}

/// Bounds of points as they come: x and y in turn.
#[derive(Clone, Copy)]
struct Bounds {
    low: [f64; 2],
    high: [f64; 2],
    odd: bool,
}

impl Bounds {
    const NONE: Self = Self { low: [f64::INFINITY; 2], high: [f64::NEG_INFINITY; 2], odd: false };

    fn add(&mut self, axis: usize, value: f64) {
        if let (Some(low), Some(high)) = (self.low.get_mut(axis), self.high.get_mut(axis)) {
            (*low, *high) = (low.min(value), high.max(value));
        }
    }

    fn join(&mut self, other: Self) {
        self.odd |= other.odd;
        for axis in 0..2 {
            let (low, high) = (other.low.get(axis), other.high.get(axis));
            if let (Some(low), Some(high)) = (low, high.filter(|high| high.is_finite())) {
                self.add(axis, *low);
                self.add(axis, *high);
            }
        }
    }
}

/// A list of numbers, of pairs, or of lists of them.
struct PointsVisitor;

impl<'de> Visitor<'de> for PointsVisitor {
    /// Bounds of a list; a single number stands for itself.
    type Value = Result<f64, Bounds>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("points")
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Ok(value as f64))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Ok(value as f64))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Ok(value))
    }
    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(value.trim().parse().map_err(|_| Bounds { odd: true, ..Bounds::NONE }))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Err(Bounds::NONE))
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Err(Bounds { odd: true, ..Bounds::NONE }))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Err(Bounds { odd: true, ..Bounds::NONE }))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut bounds = Bounds::NONE;
        let mut axis = 0;
        while let Some(Points(points)) = seq.next_element()? {
            match points {
                Ok(value) if value.is_finite() => {
                    bounds.add(axis, value);
                    axis = 1 - axis;
                }
                Ok(_) => bounds.odd = true,
                Err(inner) => bounds.join(inner),
            }
        }
        bounds.odd |= axis == 1;
        Ok(Err(bounds))
    }
}

struct Points(Result<f64, Bounds>);

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PointsVisitor).map(Self)
    }
}

/// Runs of a mask: numbers, or a text that packs them.
#[derive(Default)]
struct Runs(Vec<u64>);

struct RunsVisitor;

impl<'de> Visitor<'de> for RunsVisitor {
    type Value = Runs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("runs")
    }

    fn visit_str<E: serde::de::Error>(self, packed: &str) -> Result<Runs, E> {
        Ok(Runs(unpacked(packed.as_bytes())))
    }
    fn visit_unit<E>(self) -> Result<Runs, E> {
        Ok(Runs::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Runs, A::Error> {
        let mut runs = Vec::new();
        while let Some(run) = seq.next_element::<Scalar>()? {
            if runs.len() <= MOST_RUNS {
                runs.push(run.number().filter(|run| (0.0..1e15).contains(run)).unwrap_or_default() as u64);
            }
        }
        Ok(Runs(runs))
    }
}

impl<'de> Deserialize<'de> for Runs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RunsVisitor)
    }
}

/// Five bits in each character, the lowest first; the sixth says that more
/// follow. From the third run on, what is packed is the difference to the run
/// before the last.
fn unpacked(packed: &[u8]) -> Vec<u64> {
    let mut runs: Vec<i64> = Vec::new();
    let mut bytes = packed.iter().copied();
    while runs.len() <= MOST_RUNS {
        let (mut value, mut shift) = (0_i64, 0_u32);
        loop {
            let Some(bits) = bytes.next().map(|byte| i64::from(byte) - 48) else {
                return runs.into_iter().map(|run| run.max(0).unsigned_abs()).collect();
            };
            value |= (bits & 0x1F).checked_shl(shift).unwrap_or_default();
            shift += 5;
            if bits & 0x20 == 0 {
                if bits & 0x10 != 0 {
                    value |= (-1_i64).checked_shl(shift).unwrap_or_default();
                }
                break;
            }
        }
        let before =
            runs.len().checked_sub(2).filter(|_| runs.len() > 2).and_then(|at| runs.get(at)).copied();
        runs.push(value.saturating_add(before.unwrap_or_default()));
    }
    runs.into_iter().map(|run| run.max(0).unsigned_abs()).collect()
}

/// The box around the set pixels of a mask that goes down column by column.
fn around_mask(height: u64, width: u64, runs: &[u64]) -> Outline {
    if height == 0 || width == 0 || runs.len() > MOST_RUNS {
        return Outline::Odd;
    }
    let mut bounds = Bounds::NONE;
    let mut at = 0_u64;
    for (run, is_set) in runs.iter().zip([false, true].into_iter().cycle()) {
        let end = at.saturating_add(*run);
        if end > height.saturating_mul(width) {
            return Outline::Odd;
        }
        if is_set && *run > 0 {
            let last = end - 1;
            let (left, right) = (at / height, last / height);
            let (top, bottom) = if left == right { (at % height, last % height) } else { (0, height - 1) };
            bounds.add(0, left as f64);
            bounds.add(0, right as f64 + 1.0);
            bounds.add(1, top as f64);
            bounds.add(1, bottom as f64 + 1.0);
        }
        at = end;
    }
    Outline::of(bounds)
}

struct OutlineVisitor;

impl<'de> Visitor<'de> for OutlineVisitor {
    type Value = Outline;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an outline")
    }

    fn visit_unit<E>(self) -> Result<Outline, E> {
        Ok(Outline::None)
    }
    fn visit_str<E>(self, text: &str) -> Result<Outline, E> {
        Ok(if text.is_empty() { Outline::None } else { Outline::Odd })
    }
    fn visit_bool<E>(self, _: bool) -> Result<Outline, E> {
        Ok(Outline::Odd)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Outline, E> {
        Ok(Outline::Odd)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Outline, E> {
        Ok(Outline::Odd)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Outline, E> {
        Ok(Outline::Odd)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Outline, A::Error> {
        Ok(PointsVisitor.visit_seq(seq)?.map_or_else(Outline::of, |_| Outline::Odd))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Outline, A::Error> {
        let (mut size, mut runs) = (Vec::new(), Runs::default());
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "size" => size = map.next_value::<Option<Vec<Scalar>>>()?.unwrap_or_default(),
                "counts" => runs = map.next_value()?,
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        let mut sides = size.iter().map(Scalar::side);
        Ok(match (sides.next().flatten(), sides.next().flatten(), sides.next()) {
            (Some(height), Some(width), None) => around_mask(height.into(), width.into(), &runs.0),
            _ => Outline::Odd,
        })
    }
}

impl<'de> Deserialize<'de> for Outline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OutlineVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Outline {
        serde_json::from_str(json).expect("JSON")
    }

    #[test]
    fn polygons_have_a_box_around_them() {
        let around = Outline::Around([8.0, 6.0, 24.0, 18.0]);
        assert_eq!(of("[[8, 6, 32, 6, 32, 24, 8, 24]]"), around);
        assert_eq!(of("[8, 6, 32, 6, \"32\", 24, 8, 24]"), around);
        assert_eq!(of("[[8, 6, 20, 6, 20, 10], [30, 20, 32, 24, 30, 24]]"), around);
        assert_eq!(of("[[[8, 6], [32, 6], [32, 24]]]"), around);
        for none in ["null", "[]", "[[]]"] {
            assert_eq!(of(none), Outline::None, "{none}");
        }
        for odd in ["[[1, 2, 3]]", "{}", "7", "[[1, \"x\"]]", "{\"size\": [2], \"counts\": [1]}"] {
            assert_eq!(of(odd), Outline::Odd, "{odd}");
        }
    }

    #[test]
    fn masks_go_down_their_columns() {
        // 4 rows and 3 columns; set are rows 1 and 2 of column 1.
        assert_eq!(of("{\"size\": [4, 3], \"counts\": [5, 2, 5]}"), Outline::Around([1.0, 1.0, 1.0, 2.0]));
        assert_eq!(of("{\"counts\": [3, 2, 7], \"size\": [4, 3]}"), Outline::Around([0.0, 0.0, 2.0, 4.0]));
        assert_eq!(of("{\"size\": [4, 3], \"counts\": [12]}"), Outline::None);
        assert_eq!(of("{\"size\": [4, 3], \"counts\": [5, 99]}"), Outline::Odd);
        // As pycocotools packs 5, 2, 5 and the runs of a rectangle.
        assert_eq!(of("{\"size\": [4, 3], \"counts\": \"525\"}"), Outline::Around([1.0, 1.0, 1.0, 2.0]));
        assert_eq!(unpacked(b"525"), [5, 2, 5]);
        // 6, 1, 4, 2: the fourth is 2 − 1 = 1.
        assert_eq!(unpacked(b"6141"), [6, 1, 4, 2]);
        // 100 is 4 and 3·32: `T` is 48 + 4 + 32, `3` is 48 + 3.
        assert_eq!(unpacked(b"T3"), [100]);
    }
}
