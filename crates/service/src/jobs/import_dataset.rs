//! An archive that was sent becomes a dataset version, or a report of what it
//! would become.
//!
//! An attempt begins anew what the one before it did not end: the version has
//! the item's id, so that a half-filled one is found and discarded; the
//! archive is unpacked aside and then renamed, so that a folder under the
//! right name is whole. What was unpacked for a look serves the import after
//! it, and goes with the upload.

mod findings;
mod watched;

use super::{Ended, Job, JobContext, Lane};
use crate::{
    Admin, As, Result, ServiceError,
    base::blocking,
    catalogue::{
        imports::{ImportRequest, ImportTarget},
        uploads::{beside_upload, make_private_folder},
    },
};
use domain::{
    access::Actor,
    dataset_import::DatasetImport,
    ids::{DatasetVersionId, WorkItemId},
    work::WorkItem,
};
pub use findings::within_wrappings;
use findings::{CameOut, Source, report_of};
use formats::{
    Choices, Import, ImportFormat, Options, SplitChoice,
    archive::{ArchiveError, UnpackLimits, Unpacked, unpack},
};
use serde::{Deserialize, Serialize};
use std::{path::Path, sync::Arc};
use watched::{State, Watched};

/// Imports an archive, or only looks at it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ImportDataset {
    /// In whose name versions are made.
    pub(crate) actor: Actor,
}

impl Job for ImportDataset {
    const KIND: &'static str = "import";
    const LANE: Lane = Lane::Long;

    async fn run(&self, context: &JobContext<'_>) -> Result<Ended> {
        let catalogue = context.service().catalogue();
        let actor = As::<Admin>::check(&self.actor)?;
        let Some(id) = context.item() else { return Ok(Ended::done()) };
        let import = catalogue.known_import(id).await?;
        if let Some(made) = discard_former(context, &actor, id).await? {
            return Ok(Ended::Done(made));
        }
        let work = Watched::new(context, &import);
        let ended = work.until_ended(carry_out(context, &actor, &import, &work.state)).await;
        match ended {
            Ok(Some(said)) => Ok(Ended::Done(said)),
            Ok(None) => Ok(Ended::Cancelled),
            Err(error) => Err(error),
        }
    }

    /// Nothing half stays of one whose last worker died.
    async fn moved(&self, context: &JobContext<'_>, item: &WorkItem) -> Result<()> {
        if item.state.is_final() {
            let actor = As::<Admin>::check(&self.actor)?;
            discard_former(context, &actor, item.id).await?;
        }
        Ok(())
    }
}

/// Discards what an attempt before this one left open; gives the name of the
/// version that it had finished.
async fn discard_former(
    context: &JobContext<'_>,
    actor: &As<Admin>,
    id: WorkItemId,
) -> Result<Option<String>> {
    let version = DatasetVersionId(id.0);
    match context.store().datasets().find(version).await? {
        Some(made) if made.open => {
            context.service().catalogue().discard_version(actor, version).await?;
            Ok(None)
        }
        made => Ok(made.map(|made| made.full_name())),
    }
}

/// What there is to say of its end; `None` when somebody asked for one.
async fn carry_out(
    context: &JobContext<'_>,
    actor: &As<Admin>,
    import: &DatasetImport,
    state: &Arc<State>,
) -> Result<Option<String>> {
    let catalogue = context.service().catalogue();
    let order = &import.order;
    let Some(source) = unpacked(context, import, state).await? else { return Ok(None) };
    state.say(0.2, "reading the annotations");
    let looking = source.clone();
    let (format, why) = match &order.format {
        Some(word) => (word.parse()?, None),
        None => {
            let options = options_of(import)?;
            blocking(move || looking.choose(&options)).await?
        }
    };
    let request = request_of(import, &source, format)?;
    let hears = state.clone();
    let read = catalogue.read_files(&request, move |progress| {
        let share = progress.done as f64 / progress.total.max(1) as f64;
        hears.say(0.2 + 0.3 * share, &format!("{} of {} images looked at", progress.done, progress.total));
    });
    let read = read.await.map_err(|error| source.without_root_in(error))?;
    if state.is_over() {
        return Ok(None);
    }
    let mut report = report_of(&read, &source, format, why);
    context.store().datasets().set_import_report(import.id, &report).await?;
    if order.check {
        return Ok(Some(sum(&read, order.choices.keep_going)));
    }
    let target = ImportTarget {
        id: DatasetVersionId(import.id.0),
        dataset: order.dataset.clone(),
        version: order.version.clone(),
        strict: order.strict,
        keep_going: order.choices.keep_going,
    };
    let known = read.faults.len();
    let mut go_on = |done: u64, all: u64| {
        state.say(0.5 + 0.5 * done as f64 / all.max(1) as f64, &format!("{done} of {all} images stored"));
        !state.is_over()
    };
    let made = catalogue.import_read(actor, target, read, &mut go_on).await;
    let Some(made) = made.map_err(|error| source.without_root_in(error))? else { return Ok(None) };
    findings::add_undecodable(&mut report, &made, known, &source);
    context.store().datasets().set_import_report(import.id, &report).await?;
    catalogue.forget_upload(order.upload).await?;
    Ok(Some(made.version.full_name()))
}

fn sum(read: &Import, keep_going: bool) -> String {
    if let Err(error) = read.check(keep_going) {
        return format!("nothing would be imported: {error}");
    }
    format!("{} images with {} boxes would be imported", read.images.len(), read.boxes())
}

/// How the files of a folder are to be read.
fn request_of(import: &DatasetImport, source: &Source, format: ImportFormat) -> Result<ImportRequest> {
    let (order, Options { split, strict, choices, .. }) = (&import.order, options_of(import)?);
    Ok(ImportRequest {
        format,
        images: source.root.clone(),
        annotations: source.root.clone(),
        dataset: order.dataset.clone(),
        version: order.version.clone(),
        split,
        strict,
        choices,
    })
}

fn options_of(import: &DatasetImport) -> Result<Options> {
    let order = &import.order;
    let choices = Choices::try_from(&order.choices);
    Ok(Options {
        split: order.split.map_or(SplitChoice::FromFile, SplitChoice::All),
        strict: order.strict,
        choices: choices.map_err(|error| ServiceError::invalid_at("encoding", error.to_string()))?,
        ..Options::default()
    })
}

/// The folder of what is in the archive, unpacked now or by a look before.
async fn unpacked(
    context: &JobContext<'_>,
    import: &DatasetImport,
    state: &Arc<State>,
) -> Result<Option<Source>> {
    let base = context.service().base().clone();
    let upload = import.order.upload;
    let archive = beside_upload(&base, upload, crate::catalogue::uploads::SENT);
    let folder = beside_upload(&base, upload, "unpacked");
    let told = beside_upload(&base, upload, "left-out.json");
    let aside = beside_upload(&base, upload, &format!("unpacking-{}", context.new_id::<WorkItemId>()));
    let state = state.clone();
    blocking(move || {
        if !folder.is_dir() {
            match into_folder(&archive, &aside, &state) {
                Ok(Some(unpacked)) => {
                    let told_aside = aside.with_extension("json");
                    CameOut::from(unpacked).keep(&told_aside)?;
                    // Before the folder is there under its name.
                    std::fs::rename(&told_aside, &told)?;
                    take_name(&aside, &folder)?;
                }
                Ok(None) => return Ok(None),
                Err(error) => {
                    // Whatever came out by then goes at once: the disk may be full of it.
                    let _ = std::fs::remove_dir_all(&aside);
                    return Err(error);
                }
            }
        }
        Source::look(&folder, CameOut::kept(&told)?).map(Some)
    })
    .await
}

/// Gives a whole folder its name. An attempt that was given back may have gone
/// on unpacking and come first: what it left is as whole, and stays.
fn take_name(aside: &Path, folder: &Path) -> Result<()> {
    match std::fs::rename(aside, folder) {
        Err(_) if folder.is_dir() => Ok(std::fs::remove_dir_all(aside)?),
        renamed => Ok(renamed?),
    }
}

fn into_folder(archive: &Path, aside: &Path, state: &State) -> Result<Option<Unpacked>> {
    if !archive.is_file() {
        let message = "The file is not on this machine: it was sent to another one, or its time is over. Send it again.";
        return Err(ServiceError::invalid_at("upload", message));
    }
    make_private_folder(aside)?;
    let length = std::fs::metadata(archive)?.len().max(1);
    let mut go_on = |bytes: u64| {
        let share = (bytes as f64 / length as f64).min(1.0);
        state.say(0.2 * share, &format!("unpacking: {} MB", bytes / 1_000_000));
        !state.is_over()
    };
    match unpack(archive, aside, &UnpackLimits::default(), &mut go_on) {
        Ok(unpacked) => Ok(Some(unpacked)),
        Err(ArchiveError::Cancelled) => {
            std::fs::remove_dir_all(aside)?;
            Ok(None)
        }
        Err(ArchiveError::Io(error)) => Err(error.into()),
        Err(error) => Err(ServiceError::invalid_at("upload", error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::take_name;
    use std::fs;

    #[test]
    fn of_two_attempts_that_unpacked_the_first_gives_the_folder() {
        let place = tempfile::tempdir().expect("a folder");
        let [first, second, folder] = ["first", "second", "unpacked"].map(|name| place.path().join(name));
        for aside in [&first, &second] {
            fs::create_dir(aside).expect("made");
            fs::write(aside.join("data.yaml"), aside.to_string_lossy().as_bytes()).expect("written");
            take_name(aside, &folder).expect("one of them has the name");
            assert!(!aside.exists());
        }
        let text = fs::read_to_string(folder.join("data.yaml")).expect("whole");
        assert_eq!(text, first.to_string_lossy());
        take_name(&second, &place.path().join("elsewhere")).expect_err("nothing was unpacked");
    }
}
