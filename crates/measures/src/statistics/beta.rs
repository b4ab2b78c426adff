//! The beta distribution, as far as an exact interval of a share needs it.

/// ln Γ(x) for x > 0. Source: Lanczos' approximation with g = 7 and nine
/// terms (Godfrey, 2001); relative error below 1e-13.
fn ln_gamma(x: f64) -> f64 {
    const TERMS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    let x = x - 1.0;
    let base = x + 7.5;
    let sum = TERMS
        .iter()
        .zip(1u8..)
        .fold(0.999_999_999_999_809_9, |sum, (term, i)| sum + term / (x + f64::from(i)));
    0.5 * std::f64::consts::TAU.ln() + (x + 0.5) * base.ln() - base + sum.ln()
}

/// The distribution function of Beta(a, b) at `x` in [0, 1]. Source: the
/// continued fraction of DLMF 8.17.22, evaluated as Lentz does (Press et al.,
/// "Numerical Recipes", 6.4).
pub(super) fn distribution(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return if x >= 1.0 { 1.0 } else { 0.0 };
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - distribution(b, a, 1.0 - x);
    }
    let front = a * x.ln() + b * (1.0 - x).ln() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    (front.exp() / a) * continued_fraction(a, b, x)
}

fn continued_fraction(a: f64, b: f64, x: f64) -> f64 {
    // A denominator of 0 is replaced by it (Lentz's method); the fraction converges
    // in far fewer steps for any counts of images.
    const TINY: f64 = 1e-300;
    const STEPS: u32 = 10_000;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for m in 1..STEPS {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for numerator in [even, odd] {
            d = 1.0 / away_from_zero(1.0 + numerator * d);
            c = away_from_zero(1.0 + numerator / c);
            fraction *= c * d;
        }
        if (fraction / before - 1.0).abs() < 1e-15 {
            break;
        }
    }
    fraction
}

/// The `q`-quantile of Beta(a, b), by halving: right to the last bits.
pub(super) fn quantile(a: f64, b: f64, q: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..100 {
        let middle = (low + high) / 2.0;
        if distribution(a, b, middle) < q { low = middle } else { high = middle }
    }
    (low + high) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distribution_is_scipys() {
        // scipy 1.17.1: scipy.stats.beta.cdf(x, a, b)
        for (a, b, x, expected) in REFERENCE {
            let actual = distribution(a, b, x);
            assert!((actual - expected).abs() < 1e-12, "{a} {b} {x}: {actual}");
        }
    }

    const REFERENCE: [(f64, f64, f64, f64); 5] = [
        (1.0, 1.0, 0.3, 0.3),
        (2.0, 5.0, 0.2, 0.344_64),
        (50.0, 951.0, 0.06, 0.922_075_500_720_466_4),
        (0.5, 0.5, 0.9, 0.795_167_235_300_866_5),
        (300.0, 20.0, 0.95, 0.821_194_007_246_082_4),
    ];
}
