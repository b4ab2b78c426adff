//! The images with which the demo begins: drawn, or those of the visitor.

use super::{
    super::{
        WrongUse,
        import::show_faults,
        output::{self, Progress},
        serve::Running,
    },
    Demo,
};
use crate::demo::Stage;
use domain::{dataset::DatasetVersion, name::Name};
use formats::SplitChoice;
use service::{As, ImportRequest};

impl Demo {
    /// The frozen data set, made when no former run has done it.
    pub(super) async fn dataset(&self, stage: &Stage, running: &Running) -> anyhow::Result<DatasetVersion> {
        let mut progress = Progress::new("pictures");
        let (Some(images), Some(annotations)) = (&self.images, &self.annotations) else {
            output::note("Pictures of blood smears are drawn, unless a former run has done it.");
            let dataset = stage.dataset(&mut |done, all| progress.set(done, all)).await?;
            progress.finish();
            return Ok(dataset);
        };
        let name = Name::new("demo")?;
        if let Some(version) = stage.former(&name).await? {
            output::note("The images of a former run are used; name another --data-dir to begin anew.");
            return Ok(version);
        }
        let request = ImportRequest {
            format: formats::Format::from(self.format).into(),
            images: images.clone(),
            annotations: annotations.clone(),
            dataset: name,
            version: None,
            split: SplitChoice::FromFile,
            strict: false,
            choices: formats::Choices { keep_going: true, ..formats::Choices::default() },
        };
        let actor = As::system();
        let report = running
            .data
            .service
            .catalogue()
            .import(&actor, request, &mut |done, all| progress.set(done, all))
            .await?;
        progress.finish();
        show_faults(&report.faults);
        if report.version.counts.by_split.len() < 2 {
            let message = "The annotations put all images into one split: nothing is left to arrive. \
                           Give at least some of them the split val or test.";
            return Err(WrongUse(message.to_owned()).into());
        }
        Ok(report.version)
    }
}
