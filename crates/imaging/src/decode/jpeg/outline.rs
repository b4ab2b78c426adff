//! What a JPEG's markers say before its decoder sees them: how often it will
//! walk over the picture, what it will hold, and how the picture is turned.

use super::{
    damage,
    frame::{Coding, ColourHints, Colours, Frame},
    progress::Progress,
    segments::{EOI, SOS, Segment, segments},
};
use crate::{ImageError, Orientation};
use domain::geometry::Size;

/// Scans of a picture of up to 16 million pixels; encoders write 1 to 20.
/// Each one walks over the whole picture, however few its bytes are.
pub(super) const MAX_SCANS: u64 = 100;
/// Pixels that all scans together may walk over.
const MAX_SCANNED_PIXELS: u64 = MAX_SCANS * 16_000_000;
/// Segments in a file. A segment holds up to 64 KiB, so 512 fill the largest
/// file; what they cost the decoder grows with the square of their number.
const MAX_SEGMENTS: u64 = 4_096;
/// Bytes of Huffman and quantisation tables, a few kilobytes in most files:
/// each table of 17 bytes is unfolded into kilobytes.
const MAX_TABLE_BYTES: u64 = 1 << 20;

/// What a file's markers say.
pub(super) struct Outline {
    pub(super) frame: Frame,
    pub(super) colours: Colours,
    pub(super) orientation: Orientation,
    /// Whether any reader of the file comes to the same headers, colours and
    /// picture: what is odd is left to the decoder that reads everything.
    pub(super) is_plain: bool,
    /// Blocks of EXIF; of several, readers choose differently.
    pub(super) exif_blocks: u64,
    pub(super) has_end: bool,
    scans: u64,
    segments: u64,
    metadata_bytes: u64,
}

/// What is gathered on the way.
#[derive(Default)]
struct Reading<'a> {
    frame: Option<Frame>,
    progress: Option<Progress>,
    hints: ColourHints,
    orientation: Option<Orientation>,
    exif_blocks: u64,
    is_orderly: bool,
    has_end: bool,
    /// Which tables of codes were given: of means, of the others.
    codes: [[bool; 4]; 2],
    /// The file behind the first scan's header.
    picture: &'a [u8],
    /// Components of the first scan.
    first_scan: Option<u8>,
    scans: u64,
    segments: u64,
    metadata_bytes: u64,
    table_bytes: u64,
}

impl Outline {
    /// Of the whole file.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, ImageError> {
        let mut reading = Reading { is_orderly: true, ..Reading::default() };
        for segment in segments(bytes) {
            reading.see(&segment)?;
        }
        let frame = reading.take_frame()?;
        damage::check_line_ends(bytes)?;
        let sequential_in_one = frame.coding == Coding::Progressive
            || reading.scans == 1 && reading.first_scan == Some(frame.components.len() as u8);
        let is_plain = reading.is_orderly
            && reading.has_end
            && reading.has_usual_codes(frame.components.len())
            && sequential_in_one
            && reading.hints.are_plain(&frame.components)
            && !damage::has_long_zeros(reading.picture);
        Ok(Self {
            colours: reading.hints.colours(&frame.components),
            frame,
            orientation: reading.orientation.unwrap_or(Orientation::UPRIGHT),
            is_plain,
            exif_blocks: reading.exif_blocks,
            has_end: reading.has_end,
            scans: reading.scans,
            segments: reading.segments,
            metadata_bytes: reading.metadata_bytes,
        })
    }

    /// # Errors
    /// [`ImageError::TooMany`] when decoding would walk over the picture too
    /// often.
    pub(super) fn check_scans(&self, size: Size) -> Result<(), ImageError> {
        within(self.scans, "scans", (MAX_SCANNED_PIXELS / size.pixels()).clamp(1, MAX_SCANS))
    }

    /// A decoder keeps metadata, and once more what is spread over segments.
    pub(super) fn metadata_copies(&self) -> u64 {
        3 * self.metadata_bytes + 256 * self.segments
    }
}

impl<'a> Reading<'a> {
    fn see(&mut self, segment: &Segment<'a>) -> Result<(), ImageError> {
        self.segments += 1;
        within(self.segments, "segments", MAX_SEGMENTS)?;
        self.is_orderly &= !segment.after_stray_bytes;
        match segment.code {
            0xC4 | 0xDB => {
                self.table_bytes += segment.data.len() as u64;
                within(self.table_bytes, "bytes of tables", MAX_TABLE_BYTES)?;
                if segment.code == 0xC4 {
                    self.see_codes(segment.data);
                }
            }
            SOS => self.see_scan(segment),
            EOI => self.has_end = true,
            0xE0..=0xEF | 0xFE => self.see_metadata(segment),
            code if Frame::begins_with(code) => {
                if self.frame.is_some() {
                    return Err(ImageError::broken("JPEG: it has two frame headers"));
                }
                let frame = Frame::read(segment)?;
                if frame.coding == Coding::Progressive {
                    self.progress = Some(Progress::new(&frame.components));
                }
                self.frame = Some(frame);
            }
            _ => {}
        }
        Ok(())
    }

    /// The frame, once all segments were seen and its scans are there.
    fn take_frame(&mut self) -> Result<Frame, ImageError> {
        if self.scans == 0 && !self.has_end {
            return Err(ImageError::Truncated);
        }
        let is_whole = self.progress.as_ref().is_none_or(Progress::is_complete);
        if !is_whole && self.has_end {
            return Err(ImageError::broken("JPEG: it is progressive, and scans are missing"));
        }
        if !is_whole {
            return Err(ImageError::Truncated);
        }
        self.frame.take().ok_or_else(|| ImageError::broken("JPEG: it has no frame header"))
    }

    /// T.81, B.2.4.2: class and place, counts by length, symbols.
    fn see_codes(&mut self, mut data: &[u8]) {
        while let Some(([place, counts @ ..], rest)) = data.split_first_chunk::<17>() {
            let slot = self.codes.get_mut(usize::from(place >> 4));
            if let Some(slot) = slot.and_then(|kind| kind.get_mut(usize::from(place & 0xF))) {
                *slot = true;
            }
            let length: usize = counts.iter().map(|count| usize::from(*count)).sum();
            data = rest.get(length..).unwrap_or_default();
        }
    }

    /// Whether the tables that encoders write are all there. A frame out of
    /// an MJPEG stream leaves them out.
    fn has_usual_codes(&self, components: usize) -> bool {
        let needed = if components == 1 { 1 } else { 2 };
        self.codes.iter().all(|kind| kind.iter().take(needed).all(|given| *given))
    }

    fn see_scan(&mut self, segment: &Segment<'a>) {
        if self.scans == 0 {
            self.first_scan = segment.data.first().copied();
            self.picture = segment.following;
        }
        self.scans += 1;
        if let Some(progress) = &mut self.progress {
            progress.see(segment.data);
        }
    }

    /// Of metadata counts what stands before the picture.
    fn see_metadata(&mut self, segment: &Segment<'a>) {
        self.metadata_bytes += segment.data.len() as u64;
        if self.scans > 0 {
            return;
        }
        self.hints.see(segment);
        if segment.code == 0xE1 && segment.data.starts_with(b"Exif\0\0") {
            self.exif_blocks += 1;
            self.orientation.get_or_insert_with(|| Orientation::from_exif_block(segment.data));
        }
    }
}

fn within(count: u64, what: &'static str, limit: u64) -> Result<(), ImageError> {
    if count <= limit { Ok(()) } else { Err(ImageError::TooMany { count, what, limit }) }
}
