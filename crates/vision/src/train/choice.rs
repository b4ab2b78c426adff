//! Which weights a run gives, and when more steps are in vain: as far as the
//! images of the val split can tell.
//!
//! Two measurements differ when the 95 % interval of the difference of their
//! AP, resampled over the same images, leaves out 0. Among weights that do not
//! differ the later ones are given: the rate has come down further, and the
//! highest of eight figures that chance tells apart is not the best (the
//! winner's curse). Of too few images an interval says next to nothing: there
//! the higher AP decides. Knows nothing of networks.

use measures::metrics::{
    bootstrap::{Bootstrap, difference},
    coco::{Accumulator, ImageMatches, Resampler, Summary},
};

/// Resamples of a comparison: `evaluate` takes as many.
const RESAMPLES: u32 = 200;
/// With fewer images an interval hides losses: of three images, 1/27 of all
/// resamples are of the one that kept its AP alone, more than the 2.5 % that an
/// interval leaves out. Of one image it takes any loss for certain.
const ENOUGH_IMAGES: usize = 10;
/// Below this AP a measurement found next to nothing, and one box that was met
/// by luck makes most of it.
const LEAST_AP: f64 = 0.05;

/// What weights found on the val split.
#[derive(Clone, Debug)]
pub(super) struct Measurement {
    /// Steps done before.
    pub(super) step: u32,
    pub(super) summary: Summary,
    /// By image.
    pub(super) matches: Vec<ImageMatches>,
    resampler: Resampler,
}

impl Measurement {
    pub(super) fn new(step: u32, categories: usize, matches: Vec<ImageMatches>) -> Self {
        let all = Accumulator::new(categories, &matches);
        Self { step, summary: all.evaluate(None).summary, resampler: all.resampler(), matches }
    }

    fn has_few_images(&self) -> bool {
        self.matches.len() < ENOUGH_IMAGES
    }

    /// Whether its AP is higher or lower than that of `other`, beyond the
    /// interval; `None` where the images cannot tell.
    fn beside(&self, other: &Self) -> Option<Beside> {
        let bootstrap = Bootstrap { resamples: RESAMPLES, ..Bootstrap::default() };
        // The same images in the same order, always.
        let ap = difference(&other.resampler, &self.resampler, |_| true, &bootstrap).ok()?.mean?;
        match (ap.is_above_zero(), ap.is_below_zero()) {
            (true, _) => Some(Beside::Better),
            (_, true) => Some(Beside::Worse),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beside {
    Better,
    Worse,
}

/// What the measurements of a run came to so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Choice {
    /// That of the highest AP: the weights that are given are none that fall
    /// behind it.
    pub(super) best: Option<Measurement>,
    /// The last one that was better than what came before, beyond the interval.
    pub(super) gain: Option<Measurement>,
    /// Measurements since `gain`, those before the first of [`LEAST_AP`] and
    /// itself left out.
    pub(super) waited: u32,
    /// The step of the last one.
    pub(super) last: Option<u32>,
    /// The step of the one whose weights are given.
    pub(super) retained: Option<u32>,
}

impl Choice {
    /// Takes in a measurement, the latest. Whether its weights are now those
    /// that the run gives.
    pub(super) fn add(&mut self, new: Measurement) -> bool {
        let step = new.step;
        self.last = Some(step);
        let beside_best = self.best.as_ref().map(|best| new.beside(best));
        let is_worse = match &self.best {
            Some(best) if new.has_few_images() => new.summary.AP < best.summary.AP,
            _ => beside_best == Some(Some(Beside::Worse)),
        };
        let beside_gain = match (&self.gain, &self.best) {
            (Some(gain), Some(best)) if gain.step == best.step => beside_best,
            (gain, _) => gain.as_ref().map(|gain| new.beside(gain)),
        };
        match beside_gain {
            Some(Some(Beside::Better)) | None => (self.gain, self.waited) = (Some(new.clone()), 0),
            // Before anything is found there is no end to see.
            Some(_) if self.best.as_ref().is_some_and(|best| best.summary.AP >= LEAST_AP) => {
                self.waited += 1;
            }
            Some(_) => {}
        }
        if self.best.as_ref().is_none_or(|best| new.summary.AP >= best.summary.AP) {
            self.best = Some(new);
        }
        if !is_worse {
            self.retained = Some(step);
        }
        !is_worse
    }

    /// Whether so many measurements in a row told of nothing better; 0 is
    /// never.
    pub(super) fn is_exhausted(&self, patience: u32) -> bool {
        patience > 0 && self.waited >= patience
    }

    /// Why a run that has ended gives weights of an earlier step, in words.
    pub(super) fn explanation(&self) -> Option<String> {
        let (retained, last) = (self.retained?, self.last?);
        let few = self.best.as_ref().is_some_and(Measurement::has_few_images);
        let how = if few { "by AP, on few images" } else { "beyond the interval" };
        (retained < last).then(|| {
            format!("gives the weights of step {retained}: those after step {last} are worse on val, {how}")
        })
    }

    /// Why a run has ended before its schedule, in words.
    pub(super) fn end(&self) -> String {
        let gain = self.gain.as_ref().map_or(0, |gain| gain.step);
        let waited = self.waited;
        format!(
            "ended early: {waited} measurements on val were no better than that after step {gain}, as far as \
             its images can tell (patience)"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use measures::metrics::coco::{DetectedBox, TruthBox, match_image};

    const IMAGES: usize = 40;

    /// A measurement in which `found` of [`IMAGES`] boxes are found, the first
    /// ones; what is found in one more is found in the next, too.
    fn measured(step: u32, found: usize) -> Measurement {
        measured_on(IMAGES, step, found)
    }

    /// The same of so many images.
    fn measured_on(images: usize, step: u32, found: usize) -> Measurement {
        let bbox = [10.0, 10.0, 40.0, 40.0];
        let truth = TruthBox { category: 0, bbox, area: 1600.0, crowd: false, hollow: false };
        let seen = DetectedBox { category: 0, bbox, score: 0.9 };
        let image = |i: usize| match_image(&[truth], &vec![seen; usize::from(i < found)]);
        Measurement::new(step, 1, (0..images).map(image).collect())
    }

    /// What a curve of found boxes comes to, each step one measurement.
    fn choice_of(images: usize, curve: &[usize]) -> Choice {
        let mut choice = Choice::default();
        for (step, found) in (1..).zip(curve) {
            choice.add(measured_on(images, step, *found));
        }
        choice
    }

    /// The step whose weights are given, and the measurements that were waited
    /// at the end.
    fn run(curve: &[usize]) -> (Option<u32>, u32) {
        let choice = choice_of(IMAGES, curve);
        (choice.retained, choice.waited)
    }

    #[test]
    fn of_weights_that_val_cannot_tell_apart_the_later_are_given() {
        assert_eq!(run(&[10, 20, 30, 30]).0, Some(4), "as good");
        assert_eq!(run(&[10, 20, 31, 30]).0, Some(4), "one image of forty is chance");
        assert_eq!(run(&[10, 20, 30, 10]).0, Some(3), "half of the images are none");
        assert_eq!(run(&[10, 30, 10, 30]).0, Some(4));
    }

    #[test]
    fn of_few_images_the_higher_ap_decides_and_of_equal_ones_the_later() {
        let given = |images, curve: &[usize]| choice_of(images, curve).retained;
        for images in [3, 4, 9] {
            assert_eq!(given(images, &[1, 3, 2]), Some(2), "{images} images: a loss is one");
            assert_eq!(given(images, &[1, 3, 3]), Some(3), "{images} images: as good");
            assert_eq!(given(images, &[3, 1, 2]), Some(1), "{images} images: not all of it came back");
        }
        assert_eq!(given(1, &[1, 1, 0]), Some(2));
        assert_eq!(given(10, &[1, 10, 9]), Some(3), "one image of ten is chance");
        let told = choice_of(4, &[1, 3, 2]).explanation().unwrap();
        assert!(told.ends_with("those after step 3 are worse on val, by AP, on few images"), "{told}");
    }

    #[test]
    fn small_losses_do_not_add_up() {
        // Each is as good as the one before it, and the last is worse than the best.
        let (given, _) = run(&[36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26]);
        assert!(given < Some(11), "{given:?}");
        assert!(given > Some(1), "{given:?}");
    }

    #[test]
    fn patience_counts_what_is_no_better_beyond_the_interval() {
        assert_eq!(run(&[10, 20, 30, 30, 30]).1, 2);
        assert_eq!(run(&[10, 20, 30, 31, 30, 31]).1, 3);
        assert_eq!(run(&[10, 20, 30, 30, 38]).1, 0, "what is better begins anew");
        assert_eq!(run(&[0, 0, 0, 0]).1, 0, "nothing is found yet");
        assert_eq!(run(&[1, 1, 1, 1]).1, 0, "one box of forty may be luck");
        assert_eq!(run(&[1, 1, 4, 4, 4]).1, 2, "a tenth of them is not");
        let waited = |waited| Choice { waited, ..Choice::default() };
        assert!(waited(4).is_exhausted(4) && !waited(3).is_exhausted(4));
        assert!(!waited(1000).is_exhausted(0), "0 is never");
    }

    #[test]
    fn a_slow_gain_is_a_gain_once_it_is_beyond_the_interval() {
        let (given, waited) = run(&[20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
        assert_eq!(given, Some(11));
        assert!(waited < 5, "{waited}");
    }

    #[test]
    fn a_split_without_boxes_tells_nothing_and_ends_nothing() {
        let empty = |step| Measurement::new(step, 1, vec![match_image(&[], &[]); 5]);
        let mut choice = Choice::default();
        assert!((1..=6).all(|step| choice.add(empty(step))));
        assert_eq!((choice.waited, choice.retained), (0, Some(6)));
    }

    #[test]
    fn words_say_which_steps_are_meant() {
        let mut choice = Choice::default();
        for (step, found) in [(10, 10), (20, 35), (30, 10), (40, 12)] {
            choice.add(measured(step, found));
        }
        let told = choice.explanation().unwrap();
        assert!(told.starts_with("gives the weights of step 20: those after step 40"), "{told}");
        assert!(told.ends_with("worse on val, beyond the interval"), "{told}");
        assert!(choice.end().contains("2 measurements on val were no better than that after step 20"));
    }
}
