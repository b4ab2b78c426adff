//! A network's outputs as candidates: boxes of the input with a label and a
//! score.

mod tables;

pub(super) use tables::cell_count;

use super::session::{Tensor, Values};
use crate::{Candidate, Corners};
use domain::{
    geometry::Size,
    recipe::{Activation, BoxForm, BoxUnit, LabelsPerBox, OutputForm, OutputNames, Recipe},
};
use std::borrow::Cow;
use tables::{Table, cells, floats, missing, pick, pick_among, table};

/// Which outputs are read: tensors, found by name or by shape.
struct Found<'a> {
    boxes: &'a Tensor,
    scores: Option<&'a Tensor>,
    classes: Option<&'a Tensor>,
}

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
        let found = self.find(tensors)?;
        let mut candidates = match self.recipe.output.form {
            OutputForm::Columns => self.of_table(table(found.boxes, true)?, input)?,
            OutputForm::Rows | OutputForm::Grid => self.of_table(table(found.boxes, false)?, input)?,
            OutputForm::Detections => self.of_detections(table(found.boxes, false)?, input)?,
            OutputForm::BoxesAndScores => self.of_boxes_and_scores(&found, input)?,
            OutputForm::BoxesScoresClasses => self.of_three(&found, input)?,
        };
        candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
        Ok(candidates)
    }

    /// The names of the outputs that the recipe means.
    ///
    /// # Errors
    /// Which one is not there.
    pub(super) fn names(&self, tensors: &[Tensor]) -> Result<OutputNames, String> {
        let found = self.find(tensors)?;
        let name = |tensor: Option<&Tensor>| tensor.map(|tensor| tensor.name.clone());
        Ok(OutputNames {
            boxes: name(Some(found.boxes)),
            scores: name(found.scores),
            classes: name(found.classes),
        })
    }

    fn find<'t>(&self, tensors: &'t [Tensor]) -> Result<Found<'t>, String> {
        let names = &self.recipe.output.names;
        let three = self.recipe.output.form == OutputForm::BoxesScoresClasses;
        let two = three || self.recipe.output.form == OutputForm::BoxesAndScores;
        let boxes = pick(tensors, names.boxes.as_deref(), &["box", "det"], |tensor| {
            if two { tensor.shape.last() == Some(&4) } else { tensor.shape.len() == 3 }
        });
        let boxes = boxes.ok_or_else(|| missing("boxes", names.boxes.as_deref(), tensors))?;
        let others: Vec<&Tensor> = tensors.iter().filter(|tensor| tensor.name != boxes.name).collect();
        let like_boxes = |tensor: &Tensor| {
            let without_last = boxes.shape.split_last().map(|(_, rest)| rest);
            let classes =
                if three { Some(&tensor.shape[..]) } else { tensor.shape.split_last().map(|(_, rest)| rest) };
            classes == without_last
        };
        let whole = |tensor: &Tensor| matches!(tensor.values, Values::Integers(_));
        let mut found = Found { boxes, scores: None, classes: None };
        if three {
            let classes = pick_among(&others, names.classes.as_deref(), &["label", "class"], |tensor| {
                like_boxes(tensor) && whole(tensor)
            });
            found.classes =
                Some(classes.ok_or_else(|| missing("classes", names.classes.as_deref(), tensors))?);
        }
        if two {
            let rest: Vec<&Tensor> = others
                .into_iter()
                .filter(|other| found.classes.is_none_or(|classes| classes.name != other.name))
                .collect();
            let scores = pick_among(&rest, names.scores.as_deref(), &["score", "logit", "conf"], |tensor| {
                like_boxes(tensor) && !whole(tensor)
            });
            found.scores = Some(scores.ok_or_else(|| missing("scores", names.scores.as_deref(), tensors))?);
        }
        Ok(found)
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

    fn of_boxes_and_scores(&self, found: &Found<'_>, input: Size) -> Result<Vec<Candidate>, String> {
        let boxes = table(found.boxes, false)?;
        let scores = table(found.scores.ok_or("there are no scores")?, false)?;
        if boxes.width != 4 || boxes.candidates != scores.candidates {
            return Err(format!(
                "boxes {:?} and scores {:?} do not go together",
                found.boxes.shape,
                found.scores.map(|scores| &scores.shape)
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

    fn of_detections(&self, table: Table<'_>, input: Size) -> Result<Vec<Candidate>, String> {
        if table.width < 6 {
            return Err(format!("a row has {} numbers instead of 6", table.width));
        }
        let candidate = |row: usize| {
            let numbers = [0, 1, 2, 3].map(|index| table.get(row, index));
            self.candidate(numbers, table.get(row, 4), table.get(row, 5), input)
        };
        Ok((0..table.candidates).filter_map(candidate).collect())
    }

    fn of_three(&self, found: &Found<'_>, input: Size) -> Result<Vec<Candidate>, String> {
        let boxes = floats(found.boxes);
        let scores = floats(found.scores.ok_or("there are no scores")?);
        let classes = floats(found.classes.ok_or("there are no classes")?);
        if scores.len() != classes.len() || boxes.len() != scores.len() * 4 {
            return Err(format!(
                "there are {} numbers of boxes, {} scores and {} classes",
                boxes.len(),
                scores.len(),
                classes.len()
            ));
        }
        let rows = boxes.chunks_exact(4).zip(scores.iter().zip(classes.iter()));
        let candidate = |(corners, (score, class)): (&[f32], (&f32, &f32))| {
            self.candidate(corners.try_into().ok()?, *score, *class, input)
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
