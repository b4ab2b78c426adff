//! The inverse discrete cosine transform of 8×8 coefficients, in the integers
//! in which libjpeg and the browsers compute it: with the same constants and
//! the same rounding the samples are the same to the last bit.
//!
//! Source: Loeffler, Ligtenberg and Moschytz, "Practical fast 1-D DCT
//! algorithms with 11 multiplications", ICASSP 1989.

/// Bits of the constants' fractions.
const CONST_BITS: i32 = 13;
/// Bits that are kept between the two passes.
const PASS_BITS: i32 = 2;

const F_0_298: i32 = 2446;
const F_0_390: i32 = 3196;
const F_0_541: i32 = 4433;
const F_0_765: i32 = 6270;
const F_0_899: i32 = 7373;
const F_1_175: i32 = 9633;
const F_1_501: i32 = 12299;
const F_1_847: i32 = 15137;
const F_1_961: i32 = 16069;
const F_2_053: i32 = 16819;
const F_2_562: i32 = 20995;
const F_3_072: i32 = 25172;

/// Where the coefficients of a file, which come in a zigzag, belong; those
/// beyond the last, which only damaged files have, to the last.
pub(super) const ZIGZAG: [u8; 80] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
];

/// Eight columns, or eight rows, side by side.
type Lanes = [i32; 8];

#[inline(always)]
fn each(a: Lanes, b: Lanes, work: impl Fn(i32, i32) -> i32) -> Lanes {
    let mut out = [0; 8];
    for at in 0..8 {
        out[at] = work(a[at], b[at]);
    }
    out
}

#[inline(always)]
fn add(a: Lanes, b: Lanes) -> Lanes {
    each(a, b, i32::wrapping_add)
}

#[inline(always)]
fn sub(a: Lanes, b: Lanes) -> Lanes {
    each(a, b, i32::wrapping_sub)
}

#[inline(always)]
fn mul(a: Lanes, factor: i32) -> Lanes {
    each(a, a, |value, _| value.wrapping_mul(factor))
}

/// One pass over eight values, each of eight lanes, shifted down by `bits`.
/// Wraps on nonsense.
#[inline(always)]
fn pass(v: [Lanes; 8], bits: i32) -> [Lanes; 8] {
    // The even part.
    let z1 = mul(add(v[2], v[6]), F_0_541);
    let (t2, t3) = (sub(z1, mul(v[6], F_1_847)), add(z1, mul(v[2], F_0_765)));
    let t0 = mul(add(v[0], v[4]), 1 << CONST_BITS);
    let t1 = mul(sub(v[0], v[4]), 1 << CONST_BITS);
    let even = [add(t0, t3), add(t1, t2), sub(t1, t2), sub(t0, t3)];
    // The odd part.
    let (a, b, c, d) = (v[7], v[5], v[3], v[1]);
    let z5 = mul(add(add(a, c), add(b, d)), F_1_175);
    let (z1, z2) = (mul(add(a, d), -F_0_899), mul(add(b, c), -F_2_562));
    let (z3, z4) = (add(mul(add(a, c), -F_1_961), z5), add(mul(add(b, d), -F_0_390), z5));
    let odd = [
        add(mul(d, F_1_501), add(z1, z4)),
        add(mul(c, F_3_072), add(z2, z3)),
        add(mul(b, F_2_053), add(z2, z4)),
        add(mul(a, F_0_298), add(z1, z3)),
    ];
    let half = 1 << (bits - 1);
    let down = |a: Lanes| each(a, a, |value, _| value.wrapping_add(half) >> bits);
    [
        down(add(even[0], odd[0])),
        down(add(even[1], odd[1])),
        down(add(even[2], odd[2])),
        down(add(even[3], odd[3])),
        down(sub(even[3], odd[3])),
        down(sub(even[2], odd[2])),
        down(sub(even[1], odd[1])),
        down(sub(even[0], odd[0])),
    ]
}

#[inline(always)]
fn turned(v: [Lanes; 8]) -> [Lanes; 8] {
    let mut out = [[0; 8]; 8];
    for y in 0..8 {
        for x in 0..8 {
            out[x][y] = v[y][x];
        }
    }
    out
}

/// Coefficients, times their table, to samples in rows of `stride`; `target`
/// begins at the block's upper left sample. Called within
/// [`wide`](crate::wide::wide).
#[inline(always)]
pub(super) fn to_samples(block: &[i16; 64], table: &[u16; 64], target: &mut [u8], stride: usize) {
    let mut rows = [[0; 8]; 8];
    for y in 0..8 {
        for x in 0..8 {
            rows[y][x] = i32::from(block[8 * y + x]).wrapping_mul(i32::from(table[8 * y + x]));
        }
    }
    let columns = turned(pass(rows, CONST_BITS - PASS_BITS));
    let samples = turned(pass(columns, CONST_BITS + PASS_BITS + 3));
    for (row, to) in samples.iter().zip(target.chunks_mut(stride)) {
        if let Some(to) = to.first_chunk_mut::<8>() {
            for at in 0..8 {
                to[at] = sample(row[at]);
            }
        }
    }
}

/// The same of a block that has nothing but its mean: the two passes come to
/// one value all over.
#[inline(always)]
pub(super) fn mean_to_samples(mean: i16, table: &[u16; 64], target: &mut [u8], stride: usize) {
    let mean = i32::from(mean).wrapping_mul(table[0].into());
    let value = sample(mean.wrapping_mul(1 << PASS_BITS).wrapping_add(16) >> (PASS_BITS + 3));
    for to in target.chunks_mut(stride).take(8) {
        if let Some(to) = to.first_chunk_mut::<8>() {
            *to = [value; 8];
        }
    }
}

/// Samples are centred on 128.
#[inline(always)]
fn sample(value: i32) -> u8 {
    value.saturating_add(128).clamp(0, 255) as u8
}
