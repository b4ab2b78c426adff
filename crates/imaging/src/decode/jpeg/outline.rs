//! What a JPEG's markers say before its decoder sees them: how often it will
//! walk over the picture, what it will hold, and how the picture is turned.

use super::segments::{EOI, SOS, Segment, segments};
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
pub(super) struct Outline<'a> {
    /// The file's headers up to its first scan, without metadata.
    pub(super) head: Vec<u8>,
    pub(super) orientation: Orientation,
    /// Whether any reader of the file must come to the same headers: nothing
    /// stands between them, and there is one frame.
    pub(super) is_orderly: bool,
    frame: Option<Frame>,
    first_scan: Option<&'a [u8]>,
    scans: u64,
    segments: u64,
    metadata_bytes: u64,
}

/// The first frame header, in as far as it matters here.
struct Frame {
    is_progressive: bool,
    components: u8,
    /// Blocks of 8×8 samples that all components have in a unit of the frame.
    blocks: u64,
}

impl Frame {
    /// Precision, height, width and the number of components, then for each
    /// its id, its sampling factors and its table.
    fn read(code: u8, data: &[u8]) -> Self {
        let (components, _) = data.get(6..).unwrap_or_default().as_chunks::<3>();
        Self {
            is_progressive: code == 0xC2,
            components: data.get(5).copied().unwrap_or_default(),
            blocks: components.iter().map(|[_, hv, _]| u64::from(hv >> 4) * u64::from(hv & 0xF)).sum(),
        }
    }
}

impl<'a> Outline<'a> {
    /// Of the whole file.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, ImageError> {
        Self::of(segments(bytes))
    }

    /// Of the headers alone, which a large file has read in no time.
    pub(super) fn read_headers(bytes: &'a [u8]) -> Result<Self, ImageError> {
        let mut ended = false;
        Self::of(segments(bytes).take_while(|segment| !std::mem::replace(&mut ended, segment.code == SOS)))
    }

    fn of(segments: impl Iterator<Item = Segment<'a>>) -> Result<Self, ImageError> {
        let mut outline = Self {
            head: vec![0xFF, 0xD8],
            orientation: Orientation::UPRIGHT,
            is_orderly: true,
            frame: None,
            first_scan: None,
            scans: 0,
            segments: 0,
            metadata_bytes: 0,
        };
        let mut table_bytes = 0;
        for segment in segments {
            outline.segments += 1;
            within(outline.segments, "segments", MAX_SEGMENTS)?;
            outline.is_orderly &= !segment.after_stray_bytes;
            match segment.code {
                0xC4 | 0xDB => {
                    table_bytes += segment.data.len() as u64;
                    within(table_bytes, "bytes of tables", MAX_TABLE_BYTES)?;
                }
                0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                    outline.is_orderly &= outline.frame.is_none();
                    outline.frame.get_or_insert(Frame::read(segment.code, segment.data));
                }
                SOS => outline.scans += 1,
                _ => {}
            }
            outline.take_into_head(segment.code, segment.data);
        }
        Ok(outline)
    }

    /// Adds a header before the first scan to the head; metadata is looked at
    /// and left out.
    fn take_into_head(&mut self, code: u8, data: &'a [u8]) {
        let is_metadata = matches!(code, 0xE0..=0xEF | 0xFE);
        if is_metadata {
            self.metadata_bytes += data.len() as u64;
        }
        if self.first_scan.is_some() || code == EOI {
            return;
        }
        if code == 0xE1 && data.starts_with(b"Exif\0\0") {
            self.orientation = Orientation::from_exif_block(data);
        }
        // Adobe's segment says what the components are.
        if !is_metadata || code == 0xEE {
            let length = (data.len() as u16 + 2).to_be_bytes();
            self.head.extend([0xFF, code]);
            self.head.extend(length);
            self.head.extend(data);
        }
        if code == SOS {
            self.first_scan = Some(data);
        }
    }

    /// # Errors
    /// [`ImageError::TooMany`] when decoding would walk over the picture too
    /// often.
    pub(super) fn check_scans(&self, size: Size) -> Result<(), ImageError> {
        within(self.scans, "scans", (MAX_SCANNED_PIXELS / size.pixels()).clamp(1, MAX_SCANS))
    }

    /// Blocks in each unit of the frame that the decoder holds all at once:
    /// those of a progressive picture, and those of one whose components come
    /// in scans of their own. Four components of 4×4 blocks are the most.
    pub(super) fn blocks_held(&self) -> u64 {
        let Some(frame) = self.frame.as_ref().filter(|_| self.is_orderly) else { return 4 * 16 };
        let components_of_scan = self.first_scan.and_then(|scan| scan.first());
        let comes_together = components_of_scan.is_some_and(|count| *count == frame.components);
        if frame.is_progressive || !comes_together { frame.blocks } else { 0 }
    }

    /// The decoder keeps metadata, and once more what is spread over segments.
    pub(super) fn metadata_copies(&self) -> u64 {
        3 * self.metadata_bytes + 256 * self.segments
    }
}

fn within(count: u64, what: &'static str, limit: u64) -> Result<(), ImageError> {
    if count <= limit { Ok(()) } else { Err(ImageError::TooMany { count, what, limit }) }
}
