//! A network's outputs as candidates: boxes of the input with a label and a
//! score.

mod tables;
mod tensors;

pub(super) use tables::cell_count;

use super::session::Tensor;
use crate::{Candidate, Corners};
use domain::{
    geometry::Size,
    recipe::{Activation, BoxForm, BoxUnit, LabelsPerBox, OutputForm, Recipe},
};
use std::borrow::Cow;
use tables::{Table, cells, floats, table};
use tensors::OutputTensors;

/// Reads a network's outputs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decoder<'a> {
    pub(super) recipe: &'a Recipe,
    /// How many labels there are.
    pub(super) labels: usize,
    /// Least score that is told.
    pub(super) least_score: f32,
}

impl<'a> Decoder<'a> {
    /// Every box that is sure enough, best first; equal scores in the order of
    /// the network's candidates.
    ///
    /// # Errors
    /// What of the outputs does not fit the recipe.
    pub(super) fn candidates(&self, tensors: &[Tensor], input: Size) -> Result<Vec<Candidate>, String> {
        let outputs = self.find(tensors)?;
        let mut candidates = match self.recipe.output.form {
            OutputForm::Columns => self.of_table(table(outputs.boxes, true)?, input)?,
            OutputForm::Rows | OutputForm::Grid => self.of_table(table(outputs.boxes, false)?, input)?,
            OutputForm::Detections => self.of_detections(table(outputs.boxes, false)?, [0, 4, 5], input)?,
            OutputForm::NumberedDetections => {
                self.of_detections(table(outputs.boxes, false)?, [1, 6, 5], input)?
            }
            OutputForm::BoxesAndScores => self.of_boxes_and_scores(&outputs, input)?,
            OutputForm::BoxesScoresClasses => self.of_three(&outputs, input)?,
        };
        candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(candidates)
    }

    fn of_table(&self, table: Table<'_>, input: Size) -> Result<Vec<Candidate>, String> {
        let output = &self.recipe.output;
        let first = if output.objectness { 5 } else { 4 };
        self.check_classes(table.width.saturating_sub(first))?;
        let cells = if output.form == OutputForm::Grid { cells(input, &output.strides) } else { Vec::new() };
        if !cells.is_empty() && cells.len() != table.candidates {
            return Err(format!(
                "there are {} candidates, but {} cells of the strides {:?}",
                table.candidates,
                cells.len(),
                output.strides
            ));
        }
        let corners = |candidate: usize| {
            let mut numbers = [0, 1, 2, 3].map(|index| table.get(candidate, index));
            if let Some([x, y, stride]) = cells.get(candidate) {
                let [cx, cy, w, h] = numbers;
                numbers = [(cx + x) * stride, (cy + y) * stride, w.exp() * stride, h.exp() * stride];
            }
            self.corners(numbers, input)
        };
        let sure = |candidate: usize| if output.objectness { table.get(candidate, 4) } else { 1.0 };
        Ok(self.of_scores(table, first, sure, corners))
    }

    fn of_boxes_and_scores(
        &self,
        outputs: &OutputTensors<'_>,
        input: Size,
    ) -> Result<Vec<Candidate>, String> {
        let boxes = table(outputs.boxes, false)?;
        let scores = table(outputs.scores.ok_or("there are no scores")?, false)?;
        if boxes.width != 4 || boxes.candidates != scores.candidates {
            return Err(format!(
                "boxes {:?} and scores {:?} do not go together",
                outputs.boxes.shape,
                outputs.scores.map(|scores| &scores.shape)
            ));
        }
        let nothing = usize::from(self.recipe.output.activation == Activation::Softmax);
        self.check_classes(scores.width.saturating_sub(nothing))?;
        let corners =
            |candidate: usize| self.corners([0, 1, 2, 3].map(|index| boxes.get(candidate, index)), input);
        Ok(self.of_scores(scores, 0, |_| 1.0, corners))
    }

    /// The labels' classes must be among those of the network.
    fn check_classes(&self, classes: usize) -> Result<(), String> {
        let output = &self.recipe.output;
        let most = output
            .classes
            .iter()
            .max()
            .map_or_else(|| self.labels + output.first_class as usize, |greatest| *greatest as usize + 1);
        if most > classes {
            return Err(format!("the network has {classes} classes, too few for {} labels", self.labels));
        }
        if !output.classes.is_empty() && output.classes.len() != self.labels {
            return Err(format!(
                "the recipe has {} class numbers for {} labels",
                output.classes.len(),
                self.labels
            ));
        }
        Ok(())
    }

    /// Scores in a table from the column `first` on, times how sure it is that
    /// anything is there.
    fn of_scores(
        &self,
        table: Table<'_>,
        first: usize,
        sure: impl Fn(usize) -> f32,
        corners: impl Fn(usize) -> Corners,
    ) -> Vec<Candidate> {
        let best_only = self.recipe.output.labels_per_box == LabelsPerBox::Best;
        let normalised = self.normalised(table, first);
        let table = Table { values: &normalised, ..table };
        let least = self.least_raw();
        let mut chosen: Vec<(usize, usize, f32)> = Vec::new();
        if best_only {
            let mut best = vec![(usize::MAX, f32::NEG_INFINITY); table.candidates];
            table.each(first, |candidate, class, value| {
                if let Some(best) = best.get_mut(candidate).filter(|best| value > best.1) {
                    *best = (class, value);
                }
            });
            let sure_enough = best.into_iter().enumerate().filter(|(_, (_, value))| *value >= least);
            chosen.extend(sure_enough.map(|(candidate, (class, value))| (candidate, class, value)));
        } else {
            table.each(first, |candidate, class, value| {
                if value >= least {
                    chosen.push((candidate, class, value));
                }
            });
            // By candidate, so that equal scores keep their order.
            chosen.sort_unstable_by_key(|(candidate, class, _)| (*candidate, *class));
        }
        let candidates = chosen.into_iter().filter_map(|(candidate, class, value)| {
            let score = self.activated(value) * sure(candidate);
            let class = self.recipe.label_of(class).filter(|label| *label < self.labels)?;
            let told = score >= self.least_score;
            told.then(|| Candidate { class, score: score.min(1.0), corners: corners(candidate) })
        });
        candidates.collect()
    }

    /// The table itself, or with a softmax over each candidate's numbers.
    fn normalised<'t>(&self, table: Table<'t>, first: usize) -> Cow<'t, [f32]> {
        if self.recipe.output.activation != Activation::Softmax || table.by_column {
            return Cow::Borrowed(table.values);
        }
        let mut values = table.values.to_vec();
        for row in values.chunks_exact_mut(table.width.max(1)) {
            let Some(logits) = row.get_mut(first..) else { continue };
            let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            logits.iter_mut().for_each(|logit| *logit = (*logit - top).exp());
            let sum: f32 = logits.iter().sum();
            logits.iter_mut().for_each(|share| *share /= sum);
            // The last one is "nothing".
            if let Some(nothing) = logits.last_mut() {
                *nothing = 0.0;
            }
        }
        Cow::Owned(values)
    }

    /// The least number of the network that may lead to a score that is told.
    fn least_raw(&self) -> f32 {
        match self.recipe.output.activation {
            Activation::Sigmoid => (self.least_score / (1.0 - self.least_score)).ln(),
            Activation::None | Activation::Softmax => self.least_score,
        }
    }

    fn activated(&self, value: f32) -> f32 {
        match self.recipe.output.activation {
            Activation::Sigmoid => 1.0 / (1.0 + (-value).exp()),
            Activation::None | Activation::Softmax => value,
        }
    }

    /// Rows in which a box begins at the column `first`.
    fn of_detections(
        &self,
        table: Table<'_>,
        [first, score, class]: [usize; 3],
        input: Size,
    ) -> Result<Vec<Candidate>, String> {
        let wanted = first + 6;
        if table.width < wanted {
            return Err(format!("a row has {} numbers instead of {wanted}", table.width));
        }
        let candidate = |row: usize| {
            let numbers = [0, 1, 2, 3].map(|index| table.get(row, first + index));
            self.candidate(numbers, table.get(row, score), table.get(row, class), input)
        };
        Ok((0..table.candidates).filter_map(candidate).collect())
    }

    /// Each box with the score and the class of its place; scores may be a
    /// fifth number of the boxes.
    fn of_three(&self, outputs: &OutputTensors<'_>, input: Size) -> Result<Vec<Candidate>, String> {
        let boxes = floats(outputs.boxes);
        let classes = floats(outputs.classes.ok_or("there are no classes")?);
        let (width, scores) = match outputs.scores {
            Some(scores) => (4, floats(scores)),
            None => (5, boxes.iter().skip(4).step_by(5).copied().collect()),
        };
        if scores.len() != classes.len() || boxes.len() != scores.len() * width {
            return Err(format!(
                "there are {} numbers of boxes, {} scores and {} classes",
                boxes.len(),
                scores.len(),
                classes.len()
            ));
        }
        let rows = boxes.chunks_exact(width).zip(scores.iter().zip(classes.iter()));
        let candidate = |(row, (score, class)): (&[f32], (&f32, &f32))| {
            self.candidate(row.get(..4)?.try_into().ok()?, *score, *class, input)
        };
        Ok(rows.filter_map(candidate).collect())
    }

    fn candidate(&self, numbers: [f32; 4], score: f32, class: f32, input: Size) -> Option<Candidate> {
        let score = self.activated(score);
        let is_whole = (0.0..1e6).contains(&class);
        let class = is_whole.then(|| self.recipe.label_of(class.round() as usize))??;
        let told = score >= self.least_score && class < self.labels;
        told.then(|| Candidate { class, score: score.min(1.0), corners: self.corners(numbers, input) })
    }

    fn corners(&self, numbers: [f32; 4], input: Size) -> Corners {
        let output = &self.recipe.output;
        let [a, b, c, d] = match output.unit {
            BoxUnit::Pixels => numbers,
            BoxUnit::Normalised => {
                let (width, height) = (input.width as f32, input.height as f32);
                let [a, b, c, d] = numbers;
                [a * width, b * height, c * width, d * height]
            }
        };
        match output.boxes {
            BoxForm::Corners => [a, b, c, d],
            BoxForm::Centre => [a - c / 2.0, b - d / 2.0, a + c / 2.0, b + d / 2.0],
        }
    }
}
