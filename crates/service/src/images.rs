//! Images on their way in and out: decoded within limits, kept byte for byte
//! under their hash, with a thumbnail beside them.

use crate::{Result, Service, ServiceError, blocking, decoding_room::Taken};
use bytes::{Bytes, BytesMut};
use domain::inference::Pixels;
use futures::{StreamExt, TryStreamExt, stream::BoxStream};
use std::sync::Arc;
use store::BlobKind;

/// Which rendering of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageSize {
    /// A small JPEG.
    Thumb,
    /// The file as it came.
    Full,
}

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

/// Under what an image was stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredImage {
    pub(crate) content_hash: String,
    pub(crate) pixel_hash: String,
}

impl Service {
    /// Decodes within the limits, and within the memory that all images
    /// share.
    pub(crate) async fn decode_image(&self, bytes: Bytes) -> Result<DecodedImage> {
        let limits = self.limits().image;
        // Looking for the dimensions may walk through all of a file.
        let probed = bytes.clone();
        let probe = blocking(move || Ok(imaging::probe(&probed, &limits)?)).await?;
        let mut room = self.inner.decoding.take(probe.decode_bytes).await?;
        blocking(move || {
            let pixels = imaging::decode(&bytes, &limits)?;
            room.shrink_to(pixels.rgb().len() as u64);
            Ok(DecodedImage { bytes, pixels, _room: Arc::new(room) })
        })
        .await
    }

    /// Stores the file and its thumbnail; twice is once.
    pub(crate) async fn store_image(&self, image: DecodedImage) -> Result<StoredImage> {
        let side = self.limits().thumbnail_px;
        let DecodedImage { bytes, pixels, _room } = image;
        let (pixel_hash, thumbnail) = blocking(move || {
            let thumbnail = imaging::thumbnail(&pixels, side)?;
            Ok((imaging::pixel_hash(&pixels), thumbnail))
        })
        .await?;
        let blobs = self.store().blobs();
        let content_hash = blobs.put(BlobKind::Images, bytes).await?;
        blobs.put_as(BlobKind::Thumbnails, &content_hash, Bytes::from(thumbnail)).await?;
        Ok(StoredImage { content_hash, pixel_hash })
    }

    /// A stored image's file or thumbnail.
    pub(crate) async fn image_file(&self, content_hash: &str, size: ImageSize) -> Result<ImageFile> {
        let (kind, etag) = match size {
            ImageSize::Full => (BlobKind::Images, format!("\"{content_hash}\"")),
            ImageSize::Thumb => (BlobKind::Thumbnails, format!("\"{content_hash}-t\"")),
        };
        let blob = self.store().blobs().get_stream(kind, content_hash).await?;
        let mut pieces = blob.stream.err_into::<ServiceError>().boxed();
        let first = pieces.try_next().await?.unwrap_or_default();
        let media_type = imaging::sniff(&first).map_or("application/octet-stream", imaging::MediaType::mime);
        let stream = futures::stream::once(async move { Ok(first) }).chain(pieces).boxed();
        Ok(ImageFile { size: blob.size, media_type, etag, stream })
    }
}

impl Service {
    /// Deletes an image that nothing refers to any more.
    pub(crate) async fn delete_image(&self, content_hash: &str) -> Result<()> {
        let blobs = self.store().blobs();
        blobs.delete(BlobKind::Thumbnails, content_hash).await?;
        Ok(blobs.delete(BlobKind::Images, content_hash).await?)
    }
}
