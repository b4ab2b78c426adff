//! The data sets of the demo: one that is drawn, and the beginning of one that
//! somebody brought.

use super::{
    super::{
        cells::Kind,
        smear::{Look, draw},
        traffic::encode,
    },
    DEPLOYMENT, Stage, found,
};
use anyhow::Context as _;
use domain::{
    dataset::{Asset, DatasetVersion, Split},
    name::{Label, Name, VersionRef},
    page::PageRequest,
};
use service::{AssetUpload, ImageSize};

const TRAIN_IMAGES: u64 = 96;
// What the model never trains on is what drift and outliers are measured from;
// with fewer than a hundred images nothing could be called unusual.
const VAL_IMAGES: u64 = 40;
const TEST_IMAGES: u64 = 80;

impl Stage {
    /// The first version of a data set that a former run has frozen.
    ///
    /// # Errors
    /// When it cannot be looked for.
    pub(crate) async fn former(&self, dataset: &Name) -> anyhow::Result<Option<DatasetVersion>> {
        let name = VersionRef { name: dataset.clone(), version: Name::new("v1")? };
        Ok(found(self.service.catalogue().dataset(&self.actor, &name).await)?.filter(|version| !version.open))
    }

    /// The drawn data set, made when it is not there.
    ///
    /// # Errors
    /// When it cannot be drawn or stored.
    pub(crate) async fn dataset(
        &self,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> anyhow::Result<DatasetVersion> {
        let name = VersionRef { name: Name::new(DEPLOYMENT)?, version: Name::new("v1")? };
        match found(self.service.catalogue().dataset(&self.actor, &name).await)? {
            Some(version) if !version.open => return Ok(version),
            // A former run ended in the middle.
            Some(version) => self.service.catalogue().discard_version(&self.actor, version.id).await?,
            None => {}
        }
        let labels = Kind::ALL.iter().map(|kind| Label::new(kind.label())).collect::<Result<Vec<_>, _>>()?;
        let version = self
            .service
            .catalogue()
            .create_version(&self.actor, name.name, Some(name.version), labels)
            .await?;
        let all = TRAIN_IMAGES + VAL_IMAGES + TEST_IMAGES;
        let mut waiting = tokio::task::JoinSet::new();
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        let mut done = 0;
        for number in 0..all {
            if waiting.len() >= workers {
                self.add(&version, waiting.join_next().await).await?;
                done += 1;
                progress(done, all);
            }
            waiting.spawn_blocking(move || upload(number));
        }
        while let Some(drawn) = waiting.join_next().await {
            self.add(&version, Some(drawn)).await?;
            done += 1;
            progress(done, all);
        }
        Ok(self.service.catalogue().freeze_version(&self.actor, version.id).await?)
    }

    async fn add(&self, version: &DatasetVersion, drawn: Option<Drawn>) -> anyhow::Result<()> {
        if let Some(upload) = drawn {
            self.service.catalogue().add_asset(&self.actor, version.id, upload??).await?;
        }
        Ok(())
    }

    /// The first images of a data set as one of its own, `<name>/v1`: of its
    /// train split `train` images, of its val split a third as many, and the
    /// whole test split. Made when it is not there.
    ///
    /// # Errors
    /// When there are too few images, or they cannot be stored.
    pub(crate) async fn beginning(
        &self,
        whole: &DatasetVersion,
        name: &Name,
        train: u64,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> anyhow::Result<DatasetVersion> {
        let v1 = VersionRef { name: name.clone(), version: Name::new("v1")? };
        match found(self.service.catalogue().dataset(&self.actor, &v1).await)? {
            Some(version) if !version.open => return Ok(version),
            Some(version) => self.service.catalogue().discard_version(&self.actor, version.id).await?,
            None => {}
        }
        let images = |split| whole.counts.by_split.get(&split).copied().unwrap_or(0);
        anyhow::ensure!(
            images(Split::Train) > train,
            "the train split has {} images: more than {train} are needed, so that some can arrive",
            images(Split::Train)
        );
        let labels = whole.labels.clone();
        let version =
            self.service.catalogue().create_version(&self.actor, v1.name, Some(v1.version), labels).await?;
        let wanted = [(Split::Train, train), (Split::Val, (train / 3).max(1)), (Split::Test, u64::MAX)];
        let all: u64 = wanted.iter().map(|(split, most)| images(*split).min(*most)).sum();
        let mut done = 0;
        for (split, most) in wanted {
            let mut page = PageRequest { limit: Some(200), cursor: None };
            let mut taken = 0;
            'split: loop {
                let assets =
                    self.service.catalogue().assets(&self.actor, whole.id, Some(split), page.clone()).await?;
                for asset in assets.items {
                    if taken == most {
                        break 'split;
                    }
                    taken += 1;
                    self.copy(&version, asset).await?;
                    done += 1;
                    progress(done, all);
                }
                match assets.next_cursor {
                    Some(cursor) => page.cursor = Some(cursor),
                    None => break,
                }
            }
        }
        Ok(self.service.catalogue().freeze_version(&self.actor, version.id).await?)
    }

    async fn copy(&self, version: &DatasetVersion, asset: Asset) -> anyhow::Result<()> {
        let image = self
            .service
            .catalogue()
            .asset_image(&self.actor, asset.id, ImageSize::Full)
            .await?
            .into_bytes()
            .await?;
        let upload = AssetUpload {
            filename: asset.filename,
            split: asset.split,
            annotations: asset.annotations,
            bytes: image,
        };
        self.service.catalogue().add_asset(&self.actor, version.id, upload).await?;
        Ok(())
    }
}

type Drawn = Result<anyhow::Result<AssetUpload>, tokio::task::JoinError>;

fn upload(number: u64) -> anyhow::Result<AssetUpload> {
    let split = match number {
        n if n < TRAIN_IMAGES => Split::Train,
        n if n < TRAIN_IMAGES + VAL_IMAGES => Split::Val,
        _ => Split::Test,
    };
    let picture = draw(number, Look::USUAL).context("the picture has no size")?;
    let bytes = encode(&picture)?;
    Ok(AssetUpload {
        filename: format!("smear-{number:04}.jpg"),
        split,
        annotations: picture.annotations,
        bytes,
    })
}
