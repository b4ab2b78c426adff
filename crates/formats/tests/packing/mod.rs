//! Archives as strangers send them, sound and unsound.

use flate2::{Compression, Crc, write::DeflateEncoder};
use std::io::Write as _;

/// A member of a zip.
#[derive(Clone, Debug)]
pub(crate) struct Member<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) bytes: Vec<u8>,
    /// What the list says of it.
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) checksum: Option<u32>,
    /// The kind of file, as Unix has it; 0 when it was not made there.
    pub(crate) unix_mode: u32,
}

impl<'a> Member<'a> {
    pub(crate) fn new(name: &'a str, bytes: impl Into<Vec<u8>>) -> Self {
        let (flags, method, checksum, unix_mode) = (1 << 11, 8, None, 0o100_644);
        Self { name: name.as_bytes(), bytes: bytes.into(), flags, method, checksum, unix_mode }
    }

    fn packed(&self) -> Vec<u8> {
        if self.method != 8 {
            return self.bytes.clone();
        }
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
        deflated.write_all(&self.bytes).expect("memory");
        deflated.finish().expect("memory")
    }

    fn checksum(&self) -> u32 {
        let mut crc = Crc::new();
        crc.update(&self.bytes);
        self.checksum.unwrap_or_else(|| crc.sum())
    }
}

/// A zip of these members.
pub(crate) fn zip(members: &[Member<'_>]) -> Vec<u8> {
    let (mut file, mut list) = (Vec::new(), Vec::new());
    for member in members {
        let (packed, offset) = (member.packed(), file.len() as u32);
        let mut common = Vec::new();
        for number in [20, member.flags, member.method, 0, 0] {
            common.extend(u16::to_le_bytes(number));
        }
        for number in [member.checksum(), packed.len() as u32, member.bytes.len() as u32] {
            common.extend(u32::to_le_bytes(number));
        }
        common.extend(u16::to_le_bytes(member.name.len() as u16));
        common.extend([0; 2]);
        file.extend(b"PK\x03\x04");
        file.extend(&common);
        file.extend(member.name);
        file.extend(packed);
        list.extend(b"PK\x01\x02");
        // Made on Unix, by version 2.0.
        list.extend([20, 3]);
        list.extend(&common);
        list.extend([0; 6]);
        list.extend(u32::to_le_bytes(member.unix_mode << 16));
        list.extend(u32::to_le_bytes(offset));
        list.extend(member.name);
    }
    ended(file, &list, members.len() as u16)
}

/// The file, the list of its members, and the end.
pub(crate) fn ended(mut file: Vec<u8>, list: &[u8], members: u16) -> Vec<u8> {
    let offset = file.len() as u32;
    file.extend(list);
    file.extend(b"PK\x05\x06");
    file.extend([0; 4]);
    file.extend(members.to_le_bytes());
    file.extend(members.to_le_bytes());
    file.extend(u32::to_le_bytes(list.len() as u32));
    file.extend(u32::to_le_bytes(offset));
    file.extend([0; 2]);
    file
}
