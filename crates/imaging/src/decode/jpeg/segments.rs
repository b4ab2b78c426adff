//! The marker segments of a JPEG file (ITU-T T.81, annex B). Knows where they
//! begin and end, nothing of what is in them.

use memchr::memchr;

/// A marker with what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Segment<'a> {
    /// The byte behind 0xFF.
    pub(crate) code: u8,
    /// What stands behind the length; empty for the end mark.
    pub(crate) data: &'a [u8],
    /// The file behind it; of a scan's header, its picture's bits first.
    pub(crate) following: &'a [u8],
    /// Whether bytes that belong to no segment and no scan stood before it.
    pub(crate) after_stray_bytes: bool,
}

/// End of image.
pub(crate) const EOI: u8 = 0xD9;
/// Start of scan.
pub(crate) const SOS: u8 = 0xDA;

/// Walks from the first marker to the end mark, which is the last one given;
/// a file that is cut short gives none. Markers are 0xFF and a code; most are
/// followed by a length; in a scan 0xFF 0x00 is data and restart markers stand
/// alone. A thumbnail's end mark inside a segment is stepped over with it.
pub(crate) fn segments(bytes: &[u8]) -> impl Iterator<Item = Segment<'_>> {
    let mut rest = bytes.get(2..).unwrap_or_default();
    let (mut in_scan, mut ended) = (false, false);
    std::iter::from_fn(move || {
        let mut stray = false;
        while !ended {
            let at = memchr(0xFF, rest)?;
            stray |= at > 0 && !in_scan;
            rest = rest.get(at + 1..)?;
            match rest.split_first()? {
                (&EOI, following) => {
                    ended = true;
                    return Some(Segment { code: EOI, data: &[], following, after_stray_bytes: stray });
                }
                (0xFF, _) => {}
                (0x00 | 0x01 | 0xD0..=0xD8, after) => {
                    stray |= !in_scan;
                    rest = after;
                }
                (&code, after) => {
                    let (length, _) = after.split_first_chunk::<2>()?;
                    let length = usize::from(u16::from_be_bytes(*length)).max(2);
                    let data = after.get(2..length)?;
                    rest = after.get(length..)?;
                    in_scan = code == SOS;
                    return Some(Segment { code, data, following: rest, after_stray_bytes: stray });
                }
            }
        }
        None
    })
}
