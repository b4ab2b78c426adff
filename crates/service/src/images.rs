//! Images on their way in and out: decoded within limits, kept byte for byte
//! under their hash, with a thumbnail beside them.

use crate::{Result, Service, ServiceError, blocking};
use bytes::Bytes;
use domain::inference::Pixels;
use store::BlobKind;

/// Which rendering of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageSize {
    /// A small JPEG.
    Thumb,
    /// The file as it came.
    Full,
}

/// An image's file.
#[derive(Clone, Debug)]
pub struct ImageBytes {
    /// The file.
    pub bytes: Bytes,
    /// Told from the bytes.
    pub media_type: &'static str,
    /// Changes when the bytes do.
    pub etag: String,
}

/// An image that was read.
#[derive(Clone, Debug)]
pub(crate) struct DecodedImage {
    pub(crate) bytes: Bytes,
    pub(crate) pixels: Pixels,
}

/// Under what an image was stored.
#[derive(Clone, Debug)]
pub(crate) struct StoredImage {
    pub(crate) content_hash: String,
    pub(crate) pixel_hash: String,
}

impl Service {
    /// Decodes within the limits; only a few at a time, so that memory stays
    /// bounded however many arrive.
    pub(crate) async fn decode_image(&self, bytes: Bytes) -> Result<DecodedImage> {
        let limits = self.limits().image;
        let permit = self.inner.decoders.clone().acquire_owned().await;
        let permit = permit.map_err(|error| ServiceError::Internal(error.to_string()))?;
        blocking(move || {
            let _permit = permit;
            let pixels = imaging::decode(&bytes, &limits)?;
            Ok(DecodedImage { bytes, pixels })
        })
        .await
    }

    /// Stores the file and its thumbnail; twice is once.
    pub(crate) async fn store_image(&self, image: DecodedImage) -> Result<StoredImage> {
        let side = self.limits().thumbnail_px;
        let DecodedImage { bytes, pixels } = image;
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
    pub(crate) async fn image_bytes(&self, content_hash: &str, size: ImageSize) -> Result<ImageBytes> {
        let blobs = self.store().blobs();
        let bytes = match size {
            ImageSize::Full => blobs.get(BlobKind::Images, content_hash).await?,
            ImageSize::Thumb => blobs.get(BlobKind::Thumbnails, content_hash).await?,
        };
        let media_type = imaging::sniff(&bytes).map_or("application/octet-stream", imaging::MediaType::mime);
        let etag = match size {
            ImageSize::Full => format!("\"{content_hash}\""),
            ImageSize::Thumb => format!("\"{content_hash}-t\""),
        };
        Ok(ImageBytes { bytes, media_type, etag })
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
