//! AdamW (Loshchilov, Hutter 2019) on named arrays, gradients cut to a
//! greatest norm, and the running average of the weights.

use crate::{
    net::lite,
    weights::{Array, Weights},
};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// The values of the paper (Kingma, Ba 2015, algorithm 1).
const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-8;
/// What a backbone that comes with its knowledge learns at, of the rate of all
/// that is new: enough to turn to another kind of picture, too little to forget.
const BACKBONE_RATE: f32 = 0.1;
/// Greatest norm of a whole gradient.
const GREATEST_NORM: f64 = 10.0;

/// A weight, its gradient, the gradient's moments, and the rate.
type Change<'a> = (&'a mut Array, &'a [f32], &'a mut (Vec<f32>, Vec<f32>), f32);

/// First and second moments of every weight's gradient.
#[derive(Clone)]
pub(crate) struct Optimizer {
    pub(super) moments: BTreeMap<String, (Vec<f32>, Vec<f32>)>,
    weight_decay: f32,
    pub(super) steps: i32,
}

impl Optimizer {
    pub(crate) fn new(weight_decay: f64) -> Self {
        Self { moments: BTreeMap::new(), weight_decay: weight_decay as f32, steps: 0 }
    }

    /// One step. Decay pulls on kernels only, never on single numbers per
    /// channel.
    pub(crate) fn step(&mut self, weights: &mut Weights, gradients: &BTreeMap<String, Vec<f32>>, rate: f64) {
        self.steps += 1;
        let norm: f64 = gradients
            .values()
            .map(|values| values.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>())
            .sum::<f64>()
            .sqrt();
        let cut = (GREATEST_NORM / norm.max(1e-12)).min(1.0) as f32;
        let (first, second) = (1.0 - BETA1.powi(self.steps), 1.0 - BETA2.powi(self.steps));
        let rate = rate as f32;
        for (name, gradient) in gradients {
            let zeros = || (vec![0.0; gradient.len()], vec![0.0; gradient.len()]);
            self.moments.entry(name.clone()).or_insert_with(zeros);
        }
        let mut work: Vec<Change<'_>> = weights
            .iter_mut()
            .filter(|(name, _)| gradients.contains_key(*name))
            .zip(self.moments.iter_mut().zip(gradients.values()))
            .map(|((name, array), ((_, moments), gradient))| {
                let share = if name.starts_with(lite::PREFIX) { BACKBONE_RATE } else { 1.0 };
                (array, gradient.as_slice(), moments, rate * share)
            })
            .collect();
        work.par_iter_mut().for_each(|(array, gradient, (m, v), rate)| {
            let rate = *rate;
            let decay = if array.shape.len() > 1 { rate * self.weight_decay } else { 0.0 };
            let moments = m.iter_mut().zip(v.iter_mut());
            for ((w, g), (m, v)) in array.values.iter_mut().zip(gradient.iter()).zip(moments) {
                let g = g * cut;
                *m = BETA1 * *m + (1.0 - BETA1) * g;
                *v = BETA2 * *v + (1.0 - BETA2) * g * g;
                *w -= decay * *w + rate * (*m / first) / ((*v / second).sqrt() + EPSILON);
            }
        });
    }
}

/// An exponential average of weights over the steps (Polyak, Juditsky 1992;
/// as in Tarvainen, Valpola 2017): better than the last ones.
#[derive(Clone)]
pub(crate) struct Average {
    pub(crate) weights: Weights,
    decay: f64,
    pub(super) steps: u32,
}

impl Average {
    pub(crate) fn new(weights: &Weights, decay: f64) -> Self {
        Self { weights: weights.clone(), decay, steps: 0 }
    }

    /// Takes in the present weights. The first steps count little later: the
    /// decay itself grows from 0.1 to its value.
    pub(crate) fn update(&mut self, weights: &Weights) {
        let step = f64::from(self.steps);
        self.steps += 1;
        let decay = self.decay.min((1.0 + step) / (10.0 + step)) as f32;
        for ((_, average), (_, current)) in self.weights.iter_mut().zip(weights.iter()) {
            for (a, c) in average.values.iter_mut().zip(&current.values) {
                *a += (c - *a) * (1.0 - decay);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(values: &[f32], shape: &[usize]) -> Weights {
        let mut weights = Weights::default();
        weights.insert("w", Array { shape: shape.to_vec(), values: values.to_vec() });
        weights
    }

    #[test]
    fn the_optimizer_finds_the_bottom_of_a_bowl() {
        let mut w = weights(&[3.0, -2.0], &[2]);
        let mut optimizer = Optimizer::new(0.0);
        for _ in 0..800 {
            let slopes = w.get("w").unwrap().values.iter().map(|v| 2.0 * (v - 1.0)).collect();
            optimizer.step(&mut w, &BTreeMap::from([("w".to_owned(), slopes)]), 0.02);
        }
        assert!(w.get("w").unwrap().values.iter().all(|v| (v - 1.0).abs() < 1e-2), "{w:?}");
    }

    #[test]
    fn a_backbone_that_knows_something_learns_more_slowly() {
        let mut weights = weights(&[1.0, 1.0], &[2]);
        weights.insert("lite.stem.bias", Array { shape: vec![2], values: vec![1.0, 1.0] });
        let slopes = || vec![1.0, 1.0];
        let gradients = BTreeMap::from([("lite.stem.bias".to_owned(), slopes()), ("w".to_owned(), slopes())]);
        Optimizer::new(0.0).step(&mut weights, &gradients, 0.1);
        let moved = |name: &str| 1.0 - weights.get(name).unwrap().values[0];
        assert!((moved("w") - 10.0 * moved("lite.stem.bias")).abs() < 1e-5);
    }

    #[test]
    fn decay_pulls_on_kernels_only() {
        let gradients = BTreeMap::from([("w".to_owned(), vec![0.0, 0.0])]);
        let mut kernel = weights(&[1.0, 1.0], &[1, 2]);
        let mut channel = weights(&[1.0, 1.0], &[2]);
        Optimizer::new(0.5).step(&mut kernel, &gradients, 0.1);
        Optimizer::new(0.5).step(&mut channel, &gradients, 0.1);
        assert!((kernel.get("w").unwrap().values[0] - 0.95).abs() < 1e-6);
        assert_eq!(channel.get("w").unwrap().values[0], 1.0);
    }

    #[test]
    fn the_average_follows_what_stays() {
        let mut average = Average::new(&weights(&[0.0], &[1]), 0.9);
        for _ in 0..200 {
            average.update(&weights(&[5.0], &[1]));
        }
        assert!((average.weights.get("w").unwrap().values[0] - 5.0).abs() < 1e-3);
    }
}
