//! JPEG: grey, YCbCr, RGB, CMYK and YCCK, baseline and progressive.

mod damage;
mod frame;
mod header;
mod huffman;
mod idct;
mod outline;
mod plane;
mod progress;
mod progressive;
mod scans;
pub(crate) mod segments;
mod standard;
mod upsample;

use super::{Head, checked_size};
use crate::{ImageError, Limits};
use frame::{Coding, Frame};
use outline::Outline;
use plane::Plane;
use zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions};
use zune_jpeg::{ImageInfo, JpegDecoder, SampleRatios, errors::DecodeErrors};

type Decoder<'a> = JpegDecoder<ZCursor<&'a [u8]>>;

pub(super) fn read_head(bytes: &[u8], limits: &Limits) -> Result<Head, ImageError> {
    let outline = Outline::read(bytes)?;
    // T.81 has 16 bits for each side.
    let stored = checked_size(outline.frame.width.into(), outline.frame.height.into(), limits)?;
    outline.check_scans(stored)?;
    let scratch_bytes = match Way::of(&outline) {
        Way::Bands(shape) => outline.metadata_copies() + shape.scratch_bytes(outline.frame.coding),
        Way::Planes => {
            Plane::all_bytes(&outline.frame) + upsample::scratch_bytes(&outline.frame) + DECODER_BYTES
        }
    };
    Ok(Head {
        stored,
        orientation: outline.orientation,
        scratch_bytes,
        is_shown_alike: is_shown_alike(&outline),
    })
}

/// Browsers convert the inks of a press by other rules, choose another of
/// several EXIF blocks, and some show nothing without an end mark.
fn is_shown_alike(outline: &Outline) -> bool {
    outline.frame.components.len() < 4 && outline.exif_blocks < 2 && outline.has_end
}

/// Fills `target` with RGB; its length is three bytes a pixel.
pub(super) fn decode(bytes: &[u8], target: &mut [u8]) -> Result<(), ImageError> {
    let outline = Outline::read(bytes)?;
    let Way::Bands(expected) = Way::of(&outline) else {
        let planes = scans::decode(bytes, &outline.frame)?;
        upsample::to_rgb(&outline.frame, outline.colours, &planes, target);
        return Ok(());
    };
    let mut decoder = open(bytes)?;
    // What was announced was computed by our own reading: a file in which the
    // decoder finds other headers is not decoded.
    if Shape::of(&decoder)? != expected {
        return Err(ImageError::broken("JPEG: its headers contradict each other"));
    }
    decoder.decode_into(target).map_err(to_error)
}

/// Which decoder reads a file.
enum Way {
    /// zune-jpeg, band by band: pictures whose components are all of one
    /// resolution, for which it gives the picture that libjpeg gives.
    Bands(Shape),
    /// Our own, which reads every layout, by whole planes, and scales colours
    /// up as libjpeg does: zune-jpeg's differ by up to 6 of 255.
    Planes,
}

impl Way {
    fn of(outline: &Outline) -> Self {
        let frame = &outline.frame;
        let factors: Vec<(u8, u8)> = frame.components.iter().map(|one| (one.h, one.v)).collect();
        let is_even = matches!(factors.as_slice(), [(1, 1)] | [(1, 1), (1, 1), (1, 1)]);
        if outline.is_plain && is_even { Self::Bands(Shape::expected(frame)) } else { Self::Planes }
    }
}

/// What the memory of zune-jpeg depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    width: u16,
    height: u16,
    components: u8,
    /// The largest sampling factors, horizontal and vertical.
    sampling: (u64, u64),
}

impl Shape {
    fn expected(frame: &Frame) -> Self {
        let (h, v) = frame.factors();
        Self {
            width: frame.width,
            height: frame.height,
            components: frame.components.len() as u8,
            sampling: (h.into(), v.into()),
        }
    }

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
    /// component a band of samples with their upsampled form, and all
    /// coefficients of a progressive picture. 16 bits a sample.
    fn scratch_bytes(self, coding: Coding) -> u64 {
        let (h, v) = self.sampling;
        let components = u64::from(self.components);
        let width = u64::from(self.width).next_multiple_of(8 * h);
        let height = u64::from(self.height).next_multiple_of(8 * v);
        // A component whose factor is below the largest so far is laid out
        // wider by up to one unit.
        let stride = width + 32;
        let band = stride * 8 * v;
        let upsampled = if (h, v) == (1, 1) { 0 } else { stride * (8 * h * v * 2 + h * v + 2 * v + 8) };
        let units = (width / (8 * h)) * (height / (8 * v));
        let blocks_held = if coding == Coding::Progressive { h * v + components - 1 } else { 0 };
        2 * components * (band + upsampled) + 2 * 64 * units * blocks_held + DECODER_BYTES
    }
}

/// The decoder itself, its tables of codes, and small change.
const DECODER_BYTES: u64 = 128 << 10;

/// A decoder past the headers. Strict, since otherwise missing data becomes
/// grey.
fn open(bytes: &[u8]) -> Result<Decoder<'_>, ImageError> {
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::from(u16::MAX))
        .set_max_height(usize::from(u16::MAX))
        .jpeg_set_max_scans(outline::MAX_SCANS as usize)
        .jpeg_set_out_colorspace(ColorSpace::RGB);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(to_error)?;
    Ok(decoder)
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
