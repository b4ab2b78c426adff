//! What is said once all images were taken in: what was lost, and what is in
//! two splits.

use super::Intake;
use crate::{FaultKind, FormatError, Import, ImportedImage};
use domain::{dataset::Split, words::counted};
use std::{path::Path, sync::Arc};

/// Files that are named where many are alike.
const NAMED: usize = 3;

impl Intake<'_> {
    /// Where one list speaks of all images, those that it does not name are
    /// told at the end.
    pub(crate) fn expect_mention(&mut self, files: &[Arc<Path>]) {
        self.listed = files.to_vec();
    }

    /// All that was taken in.
    pub(crate) fn finish(mut self) -> Result<Import, FormatError> {
        let without = self.images.iter().filter(|image| image.split.is_none()).count();
        if without > 0 && without < self.images.len() {
            let images = counted(without, "image is", "images are");
            let message = format!("{images} in no split, while others are: taken for training");
            self.log.warning(FaultKind::NoSplit, self.folder, "", message);
        } else if without > 0 {
            self.note("No file speaks of splits: all images are for training (--split decides otherwise).");
        }
        self.note_unmentioned();
        self.report_leaks();
        self.report_lost_boxes();
        if self.scaled > 0 {
            let boxes = counted(self.scaled, "image has boxes that were", "images have boxes that were");
            self.note(format!("{boxes} scaled to the size of the file."));
        }
        let total = self.log.total();
        if let Some(first) = self.log.kept.first().filter(|_| self.options.strict) {
            return Err(FormatError::Strict { total, first: Box::new(first.clone()), faults: self.log.kept });
        }
        Ok(Import {
            labels: self.labels.into_list(),
            images: self.images,
            faults: self.log.kept,
            fault_counts: self.log.counts,
            left_out: self.left_out,
            notes: self.notes.into_iter().collect(),
            problems: self.problems,
        })
    }

    /// Files beside the images that no annotation was matched to: none names
    /// them, or a name may mean several of them.
    fn note_unmentioned(&mut self) {
        let is_left = |path: &&Arc<Path>| path.starts_with(self.folder) && !self.seen.contains(&**path);
        let mut left: Vec<&Arc<Path>> = self.listed.iter().filter(is_left).collect();
        left.sort_unstable();
        let shown = |path: &&Arc<Path>| path.strip_prefix(self.folder).unwrap_or(path).display().to_string();
        let named: Vec<String> = left.iter().take(NAMED).map(shown).collect();
        let more = if left.len() > NAMED { " …" } else { "" };
        if !left.is_empty() {
            let named = named.join(", ");
            let files = counted(
                left.len(),
                "image file is left out: no annotation was matched to it",
                "image files are left out: no annotation was matched to them",
            );
            self.note(format!("{files} ({named}{more})."));
        }
    }

    /// The same bytes in two splits: what is learned is then asked for.
    fn report_leaks(&mut self) {
        let image = |index: &u32| self.images.get(*index as usize);
        let pairs = self.leaks.iter();
        let mut leaks: Vec<(&ImportedImage, &ImportedImage)> =
            pairs.filter_map(|(first, other)| image(first).zip(image(other))).collect();
        leaks.sort_by(|a, b| a.0.path.cmp(&b.0.path));
        let Some((first, other)) = leaks.first() else { return };
        let shown = |image: &ImportedImage| {
            let split = image.split.unwrap_or(Split::Train);
            format!("{} ({split})", image.path.strip_prefix(self.folder).unwrap_or(&image.path).display())
        };
        let message = format!(
            "{} in two splits, byte for byte: {} is {}, for one",
            counted(leaks.len(), "image is", "images are"),
            shown(first),
            shown(other)
        );
        self.log.warning(FaultKind::SplitLeak, self.folder, "", message);
    }

    fn report_lost_boxes(&mut self) {
        let lost = self.left_out.boxes.saturating_sub(self.harmless);
        if lost > 0 {
            let kept: u64 = self.images.iter().map(|image| image.annotations.len() as u64).sum();
            let all = kept + self.left_out.boxes;
            self.problems.insert(0, format!("{lost} of {all} boxes would be lost"));
        }
    }
}
