use super::*;
use proptest::prelude::*;

/// Numbers that the reference program draws too.
fn drawn(seed: u64, count: usize, scale: f64, steps: u64) -> Vec<f64> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) % steps) as f64 / steps as f64 * scale
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn statistics_are_scipys() {
    // scipy 1.17.1: scipy.stats.ks_2samp(a, b).statistic
    for ((a, b), expected) in [
        ((vec![1.0, 2.0, 3.0], vec![1.0, 2.0, 3.0]), 0.0),
        ((vec![1.0, 2.0], vec![3.0, 4.0, 5.0]), 1.0),
        ((vec![1.0, 2.0, 2.0, 3.0], vec![2.0, 2.0, 4.0, 5.0, 6.0]), 0.6),
        ((drawn(1, 500, 1.0, 1 << 20), drawn(2, 100, 1.2, 1 << 20)), 0.172),
        // Many ties.
        ((drawn(3, 300, 1.0, 7), drawn(4, 90, 1.0, 5)), 0.17),
    ] {
        for (a, b) in [(&a, &b), (&b, &a)] {
            let found = kolmogorov_smirnov(a, b).expect("two samples");
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
    }
    assert_eq!(kolmogorov_smirnov(&[], &[1.0]), None);
}

/// scipy 1.17.1: permutation_test((a, b), ks statistic, permutation_type=
/// 'independent', n_resamples=inf, alternative='greater').pvalue: every split.
const EXACT: [(&[f64], &[f64], f64); 4] = [
    (&[1.0, 2.0, 3.0, 4.0, 5.0], &[4.5, 5.5, 6.0, 7.0, 8.0], 0.079_365_079_365_079_36),
    (&[1.0, 2.0, 2.0, 3.0], &[2.0, 2.0, 4.0, 5.0, 6.0], 0.166_666_666_666_666_66),
    (&[0.1, 0.4, 0.7], &[0.2, 0.3, 0.5, 0.6, 0.8, 0.9, 1.0], 0.7),
    (&[1.0, 1.0, 1.0, 2.0], &[1.0, 2.0, 2.0, 2.0, 2.0, 3.0], 0.190_476_190_476_190_47),
];

#[test]
fn pools_of_ten_give_the_exact_share_of_splits() {
    for (a, b, p) in EXACT {
        let tested = kolmogorov_smirnov_test(a, b, 10.0, 999, &mut Dice::new(0)).expect("two samples");
        assert!((tested.p - p).abs() < 1e-12, "{a:?} {b:?}: {tested:?}");
    }
}

#[test]
fn random_splits_come_near_the_exact_share() {
    for (a, b, exact) in EXACT {
        let pool = Pool::new(a, b).expect("two samples");
        let observed = pool.distance(&pool.smaller);
        // A pool that is not enumerated: the same splits, drawn by chance.
        let mut dice = Dice::new(5);
        let mut places: Vec<u32> = (0..pool.size() as u32).collect();
        let mut count = 0u32;
        for _ in 0..99_999 {
            dice.choose(&mut places, pool.smaller.len());
            let mut part = places[..pool.smaller.len()].to_vec();
            part.sort_unstable();
            count += u32::from(pool.distance(&part) >= observed);
        }
        let p = f64::from(count + 1) / 100_000.0;
        let deviation = (exact * (1.0 - exact) / 100_000.0).sqrt();
        assert!((p - exact).abs() <= 5.0 * deviation + 1e-5, "{p} {exact}");
    }
}

#[test]
fn values_that_amount_to_fewer_make_a_difference_less_sure() {
    let (a, b) = (drawn(1, 300, 1.0, 1 << 20), drawn(2, 100, 1.3, 1 << 20));
    let p =
        |independent| kolmogorov_smirnov_test(&a, &b, independent, 999, &mut Dice::new(0)).expect("two").p;
    assert!(p(100.0) < p(25.0) && p(25.0) < p(5.0), "{} {} {}", p(100.0), p(25.0), p(5.0));
}

proptest! {
    #[test]
    fn the_statistic_is_what_the_plain_definition_says(
        a in prop::collection::vec(0..20u8, 1..40), b in prop::collection::vec(0..20u8, 1..40)
    ) {
        let [a, b] = [a, b].map(|values| values.into_iter().map(f64::from).collect::<Vec<_>>());
        let below = |values: &[f64], x: f64| values.iter().filter(|v| **v <= x).count() as f64 / values.len() as f64;
        let plain = a.iter().chain(&b).map(|x| (below(&a, *x) - below(&b, *x)).abs()).fold(0.0, f64::max);
        prop_assert!((kolmogorov_smirnov(&a, &b).expect("two samples") - plain).abs() < 1e-12);
    }

    #[test]
    fn a_rising_function_changes_nothing(
        a in prop::collection::vec(-5.0f64..5.0, 1..30), b in prop::collection::vec(-5.0f64..5.0, 1..30)
    ) {
        let bend = |values: &[f64]| values.iter().map(|x| x.exp()).collect::<Vec<_>>();
        let (plain, bent) = (kolmogorov_smirnov(&a, &b), kolmogorov_smirnov(&bend(&a), &bend(&b)));
        prop_assert_eq!(plain, bent);
    }
}
