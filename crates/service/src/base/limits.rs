//! What is accepted from outside.

use std::{path::PathBuf, time::Duration};

/// Limits on what callers send.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Of an image's file and its decoded form.
    pub image: imaging::Limits,
    /// Bytes that all images that are being decoded or predicted hold
    /// together; an eighth is kept for small ones, and one that needs more
    /// than the rest is the only large one.
    pub decode_bytes: u64,
    /// How long decoding one image may take before the caller is told that it
    /// takes too long.
    pub decode_patience: Duration,
    /// Boxes in one report.
    pub boxes: usize,
    /// Tags of one prediction.
    pub tags: usize,
    /// Metadata keys of one prediction.
    pub metadata: usize,
    /// Bytes of a tag, a source, a file name, a metadata key or value.
    pub text: usize,
    /// How far in the future a capture time may lie.
    pub clock_skew: Duration,
    /// How far ahead a sender's clock may be: beyond the skew, the moment of
    /// arrival is stored instead of the sender's, with a note.
    pub clock_ahead: Duration,
    /// Where files lie that were sent and wait to be used; `None` for a folder
    /// beside what is stored.
    pub staging_folder: Option<PathBuf>,
    /// Bytes of one file that is sent in pieces.
    pub upload_bytes: u64,
    /// Bytes of all files of one person that wait to be used.
    pub staged_bytes: u64,
    /// How many such files one person may have.
    pub staged_files: u64,
    /// How long such a file is kept after the last byte was written or read.
    pub upload_kept: Duration,
    /// Longest side of a thumbnail in pixels.
    pub thumbnail_px: u32,
    /// Images that wait for a shadow; one that comes when so many wait is
    /// left out.
    pub shadow_queue: usize,
    /// How long a shadow may take over one image.
    pub shadow_patience: Duration,
    /// Time between two checkpoints of a training: so much of it, at most, is
    /// done again after its process was killed.
    pub checkpoint_every: Duration,
    /// How long a training waits for a database that is away before it goes
    /// back to the queue. Its trainer goes on meanwhile.
    pub outage_patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            image: imaging::Limits::default(),
            decode_bytes: 128 << 20,
            decode_patience: Duration::from_secs(20),
            boxes: 10_000,
            tags: 32,
            metadata: 64,
            text: 512,
            clock_skew: Duration::from_secs(300),
            clock_ahead: Duration::from_secs(24 * 3600),
            staging_folder: None,
            upload_bytes: 32 << 30,
            staged_bytes: 64 << 30,
            staged_files: 16,
            upload_kept: Duration::from_secs(24 * 3600),
            thumbnail_px: 320,
            shadow_queue: 64,
            shadow_patience: Duration::from_secs(30),
            checkpoint_every: Duration::from_secs(60),
            outage_patience: Duration::from_secs(120),
        }
    }
}
