//! A trainer tried on drawn pictures: whether it describes itself, reads its
//! job, and leaves a model that can be loaded. Stores nothing.

use super::{
    export::{self, JobContents},
    outcome,
};
use crate::{Admin, As, Result, ServiceError, base::blocking, jobs::Jobs};
use domain::{
    dataset::{Annotation, Split},
    geometry::{Rect, Size},
    inference::Pixels,
    name::{Label, Name},
    training::{
        Control, OUTPUT_FOLDER, ParamKind, ParamSpec, ParamValue, ParamValues, TrainEvent, TrainImage,
        TrainerDescription, TrainerInfo, TrainerJob,
    },
};
use std::{collections::BTreeSet, path::Path};

/// Drawn pictures of each split.
const PICTURES: [(Split, u32); 2] = [(Split::Train, 8), (Split::Val, 4)];
const SIDE: u32 = 96;
const SQUARE: u32 = 32;
const JPEG_QUALITY: u8 = 90;

/// What a trial showed.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainerTrial {
    /// What the trainer said of itself.
    pub description: TrainerDescription,
    /// Steps that it told of.
    pub steps: u32,
    /// Bytes of its model.
    pub model_bytes: u64,
    /// What it left beside its model.
    pub kept: Vec<String>,
    /// What was seen of its model, and what was not kept.
    pub notes: Vec<String>,
}

impl Jobs<'_> {
    /// Lets a trainer train on a dozen drawn pictures, with as few epochs or
    /// steps as it allows and otherwise the given parameters, and loads its
    /// model. `observe` hears what it says.
    ///
    /// # Errors
    /// Admins only; no such trainer, one that does not describe itself, fails,
    /// or leaves a model that cannot be loaded: says why.
    pub async fn try_trainer(
        self,
        _: &As<Admin>,
        trainer: &Name,
        given: &ParamValues,
        mut observe: impl FnMut(&TrainEvent) + Send + 'static,
    ) -> Result<TrainerTrial> {
        let base = self.service.base();
        let trainers = base.trainers().clone();
        let all = self.service.learning().named_trainers().await?;
        let description = TrainerInfo::find(&all, trainer)?.clone();
        let few = description.parameters.iter().filter_map(fewest);
        let mut wanted: ParamValues = few.collect();
        wanted.extend(given.clone());
        let values = description.complete(&wanted)?;
        let (name, loader) = (trainer.clone(), base.loader().clone());
        blocking(move || {
            let folder = tempfile::tempdir()?;
            let contents = contents(folder.path(), values)?;
            let job = TrainerJob { folder: folder.path().join("job"), time_limit_s: 0 };
            export::write(&job.folder, &contents)?;
            let trained = trainers.run(&name, &job, &mut |event| {
                observe(event);
                Control::Continue
            })?;
            let output = job.folder.join(OUTPUT_FOLDER);
            let read = outcome::read(&output, &contents.labels, |bytes, hints| {
                loader.inspect(bytes, hints).map_err(|error| error.to_string())
            });
            let read = read.map_err(outcome::Unusable::into_error)?;
            Ok(TrainerTrial {
                description,
                steps: trained.steps,
                model_bytes: read.model_bytes(),
                kept: read.kept_names(),
                notes: read.notes,
            })
        })
        .await
    }
}

/// The fewest passes or steps that a parameter of such a name allows.
fn fewest(spec: &ParamSpec) -> Option<(String, ParamValue)> {
    let counts = matches!(spec.name.as_str(), "epochs" | "steps" | "max_steps");
    #[allow(clippy::cast_possible_truncation, reason = "bounds of whole numbers")]
    let least = spec.least.map_or(1, |least| (least.ceil() as i64).max(1));
    (counts && spec.kind == ParamKind::Whole).then(|| (spec.name.clone(), ParamValue::Whole(least)))
}

fn contents(folder: &Path, values: ParamValues) -> Result<JobContents> {
    let broken = || ServiceError::Internal("a drawn picture has no size".to_owned());
    let label = |text: &str| Label::new(text).map_err(|error| ServiceError::Internal(error.to_string()));
    let labels = vec![label("bright")?, label("dark")?];
    let size = Size::new(SIDE, SIDE).ok_or_else(broken)?;
    let mut images = Vec::new();
    for (split, count) in PICTURES {
        for number in 0..count {
            let bright = number % 2 == 0;
            let (x, y) = (number * 7 % (SIDE - SQUARE), number * 13 % (SIDE - SQUARE));
            let path = folder.join(format!("{split}-{number}.jpg"));
            let pixels = Pixels::new(size, drawn(x, y, bright)).ok_or_else(broken)?;
            std::fs::write(&path, imaging::encode_jpeg(&pixels, JPEG_QUALITY)?)?;
            let side = f64::from(SQUARE);
            let rect = Rect::new(f64::from(x), f64::from(y), side, side).map_err(|_| broken())?;
            let label = labels.get(usize::from(!bright)).cloned().ok_or_else(broken)?;
            let annotations = vec![Annotation { label, rect, ignore: false }];
            images.push(TrainImage { path, size, split, annotations });
        }
    }
    let checkpoints = folder.join("kept");
    std::fs::create_dir_all(&checkpoints)?;
    let experiment = "trial".to_owned();
    Ok(JobContents {
        experiment,
        labels,
        images,
        old: BTreeSet::new(),
        repeats: 1,
        base: None,
        values,
        checkpoints,
    })
}

/// A bright or a dark square on grey, row by row.
fn drawn(left: u32, top: u32, bright: bool) -> Vec<u8> {
    let inside = |at: u32, from: u32| (from..from + SQUARE).contains(&at);
    let pixel = |index: u32| {
        let (x, y) = (index % SIDE, index / SIDE);
        match (inside(x, left) && inside(y, top), bright) {
            (false, _) => 128,
            (true, true) => 250,
            (true, false) => 5,
        }
    };
    (0..SIDE * SIDE).flat_map(|index| [pixel(index); 3]).collect()
}
