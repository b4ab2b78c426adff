//! Why bytes are no usable image.

/// Why bytes are no usable image; each message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// There are no bytes.
    #[error("the file is empty: send the bytes of a JPEG, PNG or WebP image")]
    Empty,
    /// The bytes begin like no image.
    #[error("the bytes are not an image: send a JPEG, PNG or WebP file")]
    NotAnImage,
    /// Text, of a kind that is known to be sent in place of images.
    #[error("the bytes are {what}")]
    Text {
        /// What they are, and what to do.
        what: &'static str,
    },
    /// An image, but of a kind that is not read here.
    #[error("{what} is not supported: convert it to JPEG, PNG or WebP")]
    Unsupported {
        /// The file type, or the feature of a supported one.
        what: String,
    },
    /// The file ends before its picture does.
    #[error("the image is cut short: the file ends before the picture does; send it again in full")]
    Truncated,
    /// The file contradicts itself.
    #[error("the image is broken ({why}): open it in an image editor and save it again")]
    Broken {
        /// What the decoder says.
        why: String,
    },
    /// More pixels than the limit; found before decoding.
    #[error("the image has {width}×{height} pixels, more than the limit of {limit}: scale it down")]
    TooManyPixels {
        /// As stored in the file.
        width: u32,
        /// As stored in the file.
        height: u32,
        /// Pixels allowed.
        limit: u64,
    },
    /// More bytes than the limit.
    #[error("the file has {bytes} bytes, more than the limit of {limit}: compress it or scale it down")]
    TooManyBytes {
        /// Length of the file.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// Decoding would take more memory than the limit; found before decoding.
    #[error(
        "decoding the image takes {} MiB of memory, more than the limit of {} MiB: scale it down, or save it \
         as a baseline JPEG",
        .bytes.div_ceil(1 << 20), .limit >> 20
    )]
    TooMuchMemory {
        /// What decoding would hold at its peak.
        bytes: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// More parts than any encoder writes, each of which costs the decoder
    /// time or memory; found before decoding.
    #[error(
        "the image has {count} {what}, more than the limit of {limit}: open it in an image editor and save \
         it again"
    )]
    TooMany {
        /// How many.
        count: u64,
        /// Of what.
        what: &'static str,
        /// How many are allowed.
        limit: u64,
    },
}

impl ImageError {
    pub(crate) fn broken(why: impl std::fmt::Display) -> Self {
        Self::Broken { why: why.to_string() }
    }

    pub(crate) fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported { what: what.into() }
    }
}
