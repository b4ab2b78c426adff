//! JPEG: grey, YCbCr, RGB, CMYK and YCCK, baseline and progressive.

mod outline;
pub(crate) mod segments;

use super::{Head, checked_size};
use crate::{ImageError, Limits};
use outline::Outline;
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::{ImageInfo, JpegDecoder, SampleRatios, errors::DecodeErrors};

type Decoder<'a> = JpegDecoder<ZCursor<&'a [u8]>>;

pub(super) fn read_head(bytes: &[u8], limits: &Limits) -> Result<Head, ImageError> {
    let outline = Outline::read(bytes)?;
    let shape = Shape::of(&open(&outline.head)?)?;
    // T.81 has 16 bits for each side.
    let stored = checked_size(shape.width.into(), shape.height.into(), limits)?;
    outline.check_scans(stored)?;
    let scratch_bytes = outline.metadata_copies() + shape.scratch_bytes(&outline);
    Ok(Head { stored, orientation: outline.orientation, scratch_bytes })
}

/// Fills `target` with RGB; its length is three bytes a pixel.
pub(super) fn decode(bytes: &[u8], target: &mut [u8]) -> Result<(), ImageError> {
    let expected = Shape::of(&open(&Outline::read_headers(bytes)?.head)?)?;
    let mut decoder = open(bytes)?;
    // What was announced was computed from the headers alone: a file in which
    // the decoder finds other headers is not decoded.
    if Shape::of(&decoder)? != expected {
        return Err(ImageError::broken("JPEG: its headers contradict each other"));
    }
    decoder.decode_into(target).map_err(to_error)
}

/// What the decoder's memory depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    width: u16,
    height: u16,
    components: u8,
    /// The largest sampling factors, horizontal and vertical.
    sampling: (u64, u64),
}

impl Shape {
    fn of(decoder: &Decoder<'_>) -> Result<Self, ImageError> {
        let info = decoder.info().ok_or_else(|| ImageError::broken("no frame header"))?;
        let ImageInfo { width, height, components, sample_ratio, .. } = info;
        let sampling = match sample_ratio {
            SampleRatios::None => (1, 1),
            SampleRatios::H => (2, 1),
            SampleRatios::V => (1, 2),
            SampleRatios::HV => (2, 2),
            SampleRatios::Generic(h, v) => (h as u64, v as u64),
        };
        Ok(Self { width, height, components, sampling })
    }

    /// What zune-jpeg 0.5 allocates besides the pixels it writes: for each
    /// component a band of samples with their upsampled form, and all samples
    /// where they do not come together in one scan. 16 bits a sample.
    fn scratch_bytes(&self, outline: &Outline<'_>) -> u64 {
        let (h, v) = if outline.is_orderly { self.sampling } else { (4, 4) };
        let components = if outline.is_orderly { u64::from(self.components) } else { 4 };
        let width = u64::from(self.width).next_multiple_of(8 * h);
        let height = u64::from(self.height).next_multiple_of(8 * v);
        // A component whose factor is below the largest so far is laid out
        // wider by up to one unit.
        let stride = width + 32;
        let band = stride * 8 * v;
        let upsampled = if (h, v) == (1, 1) { 0 } else { stride * (8 * h * v * 2 + h * v + 2 * v + 8) };
        let units = (width / (8 * h)) * (height / (8 * v));
        2 * components * (band + upsampled) + 2 * 64 * units * outline.blocks_held() + DECODER_BYTES
    }
}

/// The decoder itself, its tables of codes, and small change.
const DECODER_BYTES: u64 = 128 << 10;

/// A decoder past the headers. Strict, since otherwise missing data becomes
/// grey; but stray bytes between headers, which some cameras write, do no
/// harm, so headers that fail strictly are read again leniently.
fn open(bytes: &[u8]) -> Result<Decoder<'_>, ImageError> {
    let mut strict = JpegDecoder::new_with_options(ZCursor::new(bytes), options(true));
    if strict.decode_headers().is_ok() {
        return Ok(strict);
    }
    // Before the second one makes its own copy of the metadata.
    drop(strict);
    let mut lenient = JpegDecoder::new_with_options(ZCursor::new(bytes), options(false));
    lenient.decode_headers().map_err(to_error)?;
    lenient.set_options(options(true));
    Ok(lenient)
}

fn options(strict: bool) -> DecoderOptions {
    DecoderOptions::default()
        .set_strict_mode(strict)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_max_scans(outline::MAX_SCANS as usize)
        .jpeg_set_out_colorspace(ColorSpace::RGB)
}

fn to_error(error: DecodeErrors) -> ImageError {
    match error {
        DecodeErrors::ExhaustedData => ImageError::Truncated,
        DecodeErrors::Unsupported(scheme) => {
            ImageError::unsupported(format!("this kind of JPEG ({scheme:?})"))
        }
        DecodeErrors::ZeroError => ImageError::broken("a side has no pixels"),
        error => ImageError::broken(format!("JPEG: {error:?}")),
    }
}
