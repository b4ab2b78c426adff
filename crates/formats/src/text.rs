//! Bytes of a text file as text. Nothing is guessed: a byte order mark, the
//! zero bytes of UTF-16, valid UTF-8 and a declaration have one meaning each;
//! what has none of them is read in the encoding that was chosen, or refused.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use std::{fmt, str::FromStr};

/// The encoding of text files that do not say it themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TextEncoding(&'static Encoding);

impl TextEncoding {
    /// Its name in the Encoding Standard.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.0.name()
    }
}

impl FromStr for TextEncoding {
    type Err = UnknownEncoding;
    fn from_str(label: &str) -> Result<Self, Self::Err> {
        Encoding::for_label(label.as_bytes()).map(Self).ok_or_else(|| UnknownEncoding(label.to_owned()))
    }
}

/// A name of no encoding.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no encoding: windows-1252, shift_jis or gbk would.")]
pub struct UnknownEncoding(pub String);

impl fmt::Debug for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text, without byte order mark. `declared` is what the file says of
/// itself, `chosen` what is taken for files that say nothing.
///
/// # Errors
/// What is wrong and which option helps, as the end of a sentence about the
/// file.
pub(crate) fn decode(
    bytes: Vec<u8>,
    declared: Option<&str>,
    chosen: Option<TextEncoding>,
) -> Result<String, String> {
    if let Some((encoding, mark)) = Encoding::for_bom(&bytes) {
        return in_encoding(bytes.get(mark..).unwrap_or_default(), encoding);
    }
    match bytes.as_slice() {
        [first, 0, 0, 0, ..] | [0, 0, 0, first, ..] if *first != 0 => {
            return Err("it is UTF-32; save it as UTF-8".to_owned());
        }
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => return in_encoding(&bytes, UTF_16LE),
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => return in_encoding(&bytes, UTF_16BE),
        _ => {}
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(error) => error.into_bytes(),
    };
    let declared = declared.and_then(|label| Encoding::for_label(label.as_bytes()));
    if let Some(encoding) = declared.filter(|encoding| *encoding != UTF_8).or(chosen.map(|chosen| chosen.0)) {
        return in_encoding(&bytes, encoding);
    }
    let valid = std::str::from_utf8(&bytes).map_or_else(|error| error.valid_up_to(), str::len);
    let line = bytes.iter().take(valid).filter(|byte| **byte == b'\n').count() + 1;
    Err(format!(
        "line {line} is not UTF-8; save the file as UTF-8, or name its encoding, such as --encoding windows-1252"
    ))
}

fn in_encoding(bytes: &[u8], encoding: &'static Encoding) -> Result<String, String> {
    let (text, faulty) = encoding.decode_without_bom_handling(bytes);
    if faulty {
        return Err(format!("it is not all {}; save it as UTF-8", encoding.name()));
    }
    Ok(text.into_owned())
}

/// The lines of a text, whatever ends them: LF, CR LF, or CR alone.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = &str> {
    let alone = !text.contains('\n');
    text.split(move |c| c == '\n' || alone && c == '\r').map(|line| line.strip_suffix('\r').unwrap_or(line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, bytes_of: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes_of).collect()
    }

    #[test]
    fn marks_and_zero_bytes_tell_the_encoding() {
        let sound = |bytes: Vec<u8>| decode(bytes, None, None).expect("sound");
        assert_eq!(sound(b"\xEF\xBB\xBFa".to_vec()), "a");
        assert_eq!(sound(utf16("\u{FEFF}Größe", u16::to_le_bytes)), "Größe");
        assert_eq!(sound(utf16("\u{FEFF}Größe", u16::to_be_bytes)), "Größe");
        assert_eq!(sound(utf16("names: ö", u16::to_le_bytes)), "names: ö");
        assert_eq!(sound(utf16("names: ö", u16::to_be_bytes)), "names: ö");
        assert_eq!(sound(Vec::new()), "");
    }

    #[test]
    fn bytes_of_an_unknown_encoding_are_read_as_declared_or_chosen_and_never_guessed() {
        let bytes = b"ok\nGr\xF6\xDFe".to_vec();
        let why = decode(bytes.clone(), None, None).expect_err("two meanings");
        assert!(why.contains("line 2") && why.contains("--encoding"), "{why}");
        assert_eq!(decode(bytes.clone(), Some("ISO-8859-1"), None).as_deref(), Ok("ok\nGröße"));
        assert_eq!(decode(bytes, None, "latin1".parse().ok()).as_deref(), Ok("ok\nGröße"));
        // What is UTF-8 is not read as anything else.
        assert_eq!(decode("ö".into(), Some("latin1"), "latin1".parse().ok()).as_deref(), Ok("ö"));
        assert!("klingon".parse::<TextEncoding>().is_err());
    }

    #[test]
    fn lines_end_as_on_every_system() {
        for text in ["a\nb", "a\r\nb", "a\rb"] {
            assert_eq!(lines(text).collect::<Vec<_>>(), ["a", "b"], "{text:?}");
        }
        assert_eq!(lines("a\r\nb\r\n").collect::<Vec<_>>(), ["a", "b", ""]);
    }
}
