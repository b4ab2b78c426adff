//! Images on their way in and out: decoded within limits, kept byte for byte
//! under their hash, with a thumbnail beside them.

use crate::{
    Result, ServiceError,
    base::decoding_room::{DecodingRoom, Taken},
    base::one_thread::OneThread,
    base::{Base, blocking},
};
use bytes::{Bytes, BytesMut};
use domain::{
    deployment::Deployment,
    fault::{ApiError, ErrorKind},
    feedback::Fingerprint,
    geometry::Size,
    inference::Pixels,
    retention::Retention,
    review::Share,
};
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use std::{io::Read as _, path::PathBuf, sync::Arc};
use store::{BlobKind, NewPrediction, StoreError, Stored};

/// Which rendering of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageSize {
    /// A small JPEG.
    Thumb,
    /// The file as it came.
    Full,
    /// What any program shows as the model saw it: the file as it came, or an
    /// upright, opaque PNG where programs would show something else.
    Plain,
}

/// Files that are sent out of memory once they were looked at; longer ones are
/// read again while they are sent, however slow the reader is.
const SENT_FROM_MEMORY: usize = 1 << 20;

/// An image's file, read as it is sent: a slow reader holds a piece of it in
/// memory and not the whole.
pub struct ImageFile {
    /// Length in bytes.
    pub size: u64,
    /// Told from the first bytes.
    pub media_type: &'static str,
    /// Changes when the bytes do.
    pub etag: String,
    /// The bytes, piece by piece.
    pub stream: BoxStream<'static, Result<Bytes>>,
}

impl std::fmt::Debug for ImageFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ImageFile({}, {} bytes)", self.media_type, self.size)
    }
}

impl ImageFile {
    /// The whole file.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn into_bytes(mut self) -> Result<Bytes> {
        let mut bytes = BytesMut::with_capacity(usize::try_from(self.size).unwrap_or_default());
        while let Some(piece) = self.stream.try_next().await? {
            bytes.extend_from_slice(&piece);
        }
        Ok(bytes.freeze())
    }
}

/// An image that was read.
#[derive(Clone, Debug)]
pub(crate) struct DecodedImage {
    pub(crate) bytes: Bytes,
    pub(crate) pixels: Pixels,
    /// Memory that is counted as long as the pixels are held.
    _room: Arc<Taken>,
}

/// What an image was seen to be while it was stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Of the upright image.
    pub(crate) size: Size,
    /// 64 bits that change little when the image does.
    pub(crate) perceptual_hash: u64,
}

/// Under what an image was stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredImage {
    pub(crate) content_hash: String,
    pub(crate) pixel_hash: String,
}

/// Images in memory and on disk. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Images {
    base: Base,
    decoding: Arc<DecodingRoom>,
}

impl Images {
    pub(crate) fn new(base: Base) -> Self {
        let decoding = DecodingRoom::new(base.limits().decode_bytes);
        Self { base, decoding: Arc::new(decoding) }
    }

    /// What the file's head says. Not on the threads that answer requests: the
    /// codes of a lossless WebP picture are read for it, and all of a JPEG.
    pub(crate) async fn probe_image(&self, bytes: Bytes) -> Result<imaging::Probe> {
        let limits = self.base.limits().image;
        blocking(move || Ok(imaging::probe(&bytes, &limits)?)).await
    }

    /// Decodes within the limits, and within the memory that all images
    /// share.
    ///
    /// A decoder cannot be stopped: one that takes longer than its time goes
    /// on, and holds its memory, while the caller has an answer. What it may
    /// take is bounded by what [`imaging::probe`] lets pass.
    pub(crate) async fn decode_image(&self, bytes: Bytes) -> Result<DecodedImage> {
        let limits = self.base.limits().image;
        let probe = self.probe_image(bytes.clone()).await?;
        let mut room = self.decoding.take(probe.decode_bytes).await?;
        let work = blocking(move || {
            let pixels = imaging::decode(&bytes, &limits)?;
            room.shrink_to(pixels.rgb().len() as u64);
            Ok(DecodedImage { bytes, pixels, _room: Arc::new(room) })
        });
        let patience = self.base.limits().decode_patience;
        tokio::time::timeout(patience, work).await.unwrap_or_else(|_| {
            let message = format!(
                "Decoding the image takes longer than {} seconds: scale it down, or save it as a baseline JPEG.",
                patience.as_secs()
            );
            Err(ApiError::new(ErrorKind::TooLarge, message).at("image").into())
        })
    }

    /// Pixels without a file, within the same limits; a PNG is made of them.
    pub(crate) async fn file_of_pixels(&self, pixels: Pixels) -> Result<DecodedImage> {
        let (Size { width, height }, limit) = (pixels.size(), self.base.limits().image.max_pixels);
        if pixels.size().pixels() > limit {
            return Err(imaging::ImageError::TooManyPixels { width, height, limit }.into());
        }
        // The file of noise is as long as its pixels.
        let mut room = self.decoding.take(2 * pixels.rgb().len() as u64).await?;
        blocking(move || {
            let bytes = imaging::encode_png(&pixels)?.into();
            room.shrink_to(pixels.rgb().len() as u64);
            Ok(DecodedImage { bytes, pixels, _room: Arc::new(room) })
        })
        .await
    }

    /// Stores the file and its thumbnail; twice is once.
    pub(crate) async fn store_image(&self, image: DecodedImage) -> Result<StoredImage> {
        let side = self.base.limits().thumbnail_px;
        let DecodedImage { bytes, pixels, _room } = image;
        let (pixel_hash, thumbnail) =
            blocking(move || Ok((imaging::pixel_hash(&pixels), imaging::thumbnail(&pixels, side)?))).await?;
        let store = self.base.store();
        let content_hash = store.files().put(BlobKind::Images, bytes, self.base.now()).await?;
        store.blobs().put_as(BlobKind::Thumbnails, &content_hash, Bytes::from(thumbnail)).await?;
        Ok(StoredImage { content_hash, pixel_hash })
    }

    /// Reads, decodes and stores a file of this machine, as an import does: all
    /// that takes memory happens on `thread`.
    pub(crate) async fn store_file(&self, path: PathBuf, thread: &OneThread) -> Result<(StoredImage, Look)> {
        let (limits, side) = (self.base.limits().image, self.base.limits().thumbnail_px);
        let most = limits.max_bytes.saturating_add(1);
        let read = move || {
            let mut bytes = Vec::new();
            std::fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
            let probe = imaging::probe(&bytes, &limits)?;
            Ok((Bytes::from(bytes), probe.decode_bytes))
        };
        let (bytes, decode_bytes) = thread.run(read).await?;
        let room = self.decoding.take(decode_bytes).await?;
        let file = bytes.clone();
        let look = move || {
            let _room = room;
            let pixels = imaging::decode(&file, &limits)?;
            let perceptual_hash = imaging::perceptual_hash(&pixels);
            let thumbnail = imaging::thumbnail(&pixels, side)?;
            Ok((pixels.size(), imaging::pixel_hash(&pixels), perceptual_hash, thumbnail))
        };
        let (size, pixel_hash, perceptual_hash, thumbnail) = thread.run(look).await?;
        let store = self.base.store();
        let content_hash = store.files().put(BlobKind::Images, bytes, self.base.now()).await?;
        store.blobs().put_as(BlobKind::Thumbnails, &content_hash, Bytes::from(thumbnail)).await?;
        Ok((StoredImage { content_hash, pixel_hash }, Look { size, perceptual_hash }))
    }

    /// A stored image's file, its thumbnail, or what any program shows alike.
    pub(crate) async fn image_file(&self, content_hash: &str, size: ImageSize) -> Result<ImageFile> {
        if size == ImageSize::Plain {
            return self.plain_file(content_hash).await;
        }
        let (kind, etag) = match size {
            ImageSize::Full | ImageSize::Plain => (BlobKind::Images, format!("\"{content_hash}\"")),
            ImageSize::Thumb => (BlobKind::Thumbnails, format!("\"{content_hash}-t\"")),
        };
        let blob = self.base.store().blobs().get_stream(kind, content_hash).await?;
        let mut pieces = blob.stream.err_into::<ServiceError>().boxed();
        let first = pieces.try_next().await?.unwrap_or_default();
        let media_type = imaging::sniff(&first).map_or("application/octet-stream", imaging::MediaType::mime);
        let stream = futures::stream::once(async move { Ok(first) }).chain(pieces).boxed();
        Ok(ImageFile { size: blob.size, media_type, etag, stream })
    }

    /// Within the memory that all images share. An image that can be read no
    /// more is given as it came.
    async fn plain_file(&self, content_hash: &str) -> Result<ImageFile> {
        let limits = self.base.limits().image;
        let blobs = self.base.store().blobs();
        let room = self.decoding.take(blobs.size(BlobKind::Images, content_hash).await?).await?;
        let bytes = blobs.get(BlobKind::Images, content_hash).await?;
        let probed = self.probe_image(bytes.clone()).await;
        let etag = format!("\"{content_hash}-p\"");
        match probed {
            Ok(probe) if !probe.is_shown_alike => {
                drop(room);
                let copied = 3 * probe.size.pixels();
                let _room = self.decoding.take(probe.decode_bytes + copied).await?;
                let file = bytes.clone();
                let copy = blocking(move || Ok(imaging::plain_copy(&file, &limits)?)).await;
                let copy = copy.unwrap_or_else(|error| {
                    tracing::warn!(%error, image = content_hash, "an image has no plain copy");
                    None
                });
                Ok(in_memory(copy.map_or(bytes, Bytes::from), etag))
            }
            _ if bytes.len() <= SENT_FROM_MEMORY => Ok(in_memory(bytes, etag)),
            _ => {
                drop((bytes, room));
                let whole = Box::pin(self.image_file(content_hash, ImageSize::Full)).await?;
                Ok(ImageFile { etag, ..whole })
            }
        }
    }
}

fn in_memory(bytes: Bytes, etag: String) -> ImageFile {
    let media_type = imaging::sniff(&bytes).map_or("application/octet-stream", imaging::MediaType::mime);
    let size = bytes.len() as u64;
    ImageFile { size, media_type, etag, stream: futures::stream::once(async move { Ok(bytes) }).boxed() }
}

/// A file that went between its storing and its row is stored again so often;
/// each time takes a deletion of the same bytes and a sweep in between.
pub(crate) const STORE_ATTEMPTS: usize = 3;

impl Images {
    /// Stores a prediction whose image, if it has one, was stored as `image`:
    /// once more when its file went meanwhile.
    pub(crate) async fn insert_with_image(
        &self,
        row: NewPrediction,
        image: Option<&DecodedImage>,
    ) -> Result<Stored> {
        let Some(image) = image.filter(|_| row.image.is_some()) else {
            return Ok(self.base.store().predictions().insert(row).await?);
        };
        for _ in 1..STORE_ATTEMPTS {
            match self.base.store().predictions().insert(row.clone()).await {
                Err(StoreError::FileRemoved { .. }) => {
                    self.store_image(image.clone()).await?;
                }
                stored => return Ok(stored?),
            }
        }
        Ok(self.base.store().predictions().insert(row).await?)
    }

    /// Reads an image once for what tells it apart, and keeps that.
    pub(crate) async fn fingerprint(&self, image: &str) -> Result<Fingerprint> {
        let bytes = self.base.store().blobs().get(BlobKind::Images, image).await?;
        let pixels = self.decode_image(bytes).await?.pixels;
        let fingerprint = blocking(move || {
            let pixel_hash = imaging::pixel_hash(&pixels);
            Ok(Fingerprint { pixel_hash, perceptual_hash: imaging::perceptual_hash(&pixels) })
        })
        .await?;
        self.base.store().feedback().keep_fingerprint(image, &fingerprint).await?;
        Ok(fingerprint)
    }
}

impl Base {
    /// Whether an image on its way is in the share of which all are kept.
    pub(crate) async fn samples_image(&self, deployment: &Deployment, image: &DecodedImage) -> Result<bool> {
        let settings: Retention = self.store().deployment_settings().find(deployment.id).await?;
        Ok(settings.sample_rate == Share::ALL || settings.samples(&imaging::content_hash(&image.bytes)))
    }
}
