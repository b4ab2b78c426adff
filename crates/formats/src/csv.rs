//! Tables of annotation tools (RFC 4180, with commas, semicolons or tabs),
//! record by record, with the line of each. Knows no format.

use crate::{files::Files, json};
use std::{
    io::{self, BufRead, Read as _},
    path::Path,
};

/// Bytes of one record: a quote that is never closed would else swallow the
/// rest of the file.
const RECORD_BYTES: usize = 1 << 20;

/// Bytes that tell what a table is.
const HEAD_BYTES: u64 = 64 << 10;

/// The beginning of a table; what is no UTF-8 is replaced.
///
/// # Errors
/// As [`json::open`].
pub(crate) fn head(files: &Files, path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    json::open(files, path)?.take(HEAD_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Records of a table.
pub(crate) struct Records<R> {
    source: R,
    separator: u8,
    /// Lines read so far.
    line: usize,
}

/// One record.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The line it begins in, from 1.
    pub(crate) line: usize,
    /// Its fields without their quotes.
    pub(crate) fields: Vec<String>,
}

impl<R: BufRead> Records<R> {
    /// Records of `source`, whose fields are separated by `separator`.
    pub(crate) fn new(source: R, separator: u8) -> Self {
        Self { source, separator, line: 0 }
    }

    /// The next record that is not empty; `None` at the end.
    ///
    /// # Errors
    /// When the source fails, is no UTF-8, or a record has no end.
    pub(crate) fn next(&mut self) -> io::Result<Option<Record>> {
        loop {
            let line = self.line + 1;
            let Some(text) = self.whole_record()? else { return Ok(None) };
            let text = text.trim_end_matches(['\r', '\n']);
            if text.trim().is_empty() {
                continue;
            }
            // A comment is one field as it stands.
            let is_comment = text.starts_with('#');
            let fields = if is_comment { vec![text.to_owned()] } else { fields(text, self.separator) };
            return Ok(Some(Record { line, fields }));
        }
    }

    /// Lines up to the one in which all quotes are closed.
    fn whole_record(&mut self) -> io::Result<Option<String>> {
        let (mut bytes, mut quotes) = (Vec::new(), 0);
        loop {
            let before = bytes.len();
            let room = (RECORD_BYTES - before) as u64 + 1;
            io::Read::take(&mut self.source, room).read_until(b'\n', &mut bytes)?;
            if bytes.len() > RECORD_BYTES {
                let message = format!("line {}: a record has more than {RECORD_BYTES} bytes", self.line + 1);
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            if bytes.len() == before {
                break;
            }
            self.line += 1;
            // Of this line only: a record of many lines is not counted anew with each.
            let line = bytes.get(before..).unwrap_or_default();
            quotes += line.iter().filter(|byte| **byte == b'"').count();
            if quotes.is_multiple_of(2) || bytes.first() == Some(&b'#') {
                break;
            }
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        let message = || format!("line {}: the table is not UTF-8", self.line);
        let text =
            String::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, message()))?;
        Ok(Some(if self.line == 1 { text.trim_start_matches('\u{FEFF}').to_owned() } else { text }))
    }
}

/// What separates the fields of a table, by its first line: whatever of
/// comma, semicolon and tab is there most.
pub(crate) fn separator(head: &str) -> u8 {
    let first =
        head.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty()).unwrap_or_default();
    let count = |separator: u8| first.bytes().filter(|byte| *byte == separator).count();
    [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|separator| (count(*separator), *separator == b','))
        .unwrap_or(b',')
}

/// The fields of a record.
pub(crate) fn fields(text: &str, separator: u8) -> Vec<String> {
    let mut fields = vec![String::new()];
    let (mut quoted, mut chars) = (false, text.chars().peekable());
    while let Some(c) = chars.next() {
        let Some(field) = fields.last_mut() else { break };
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if field.trim().is_empty() => {
                field.clear();
                quoted = true;
            }
            c if !quoted && c == char::from(separator) => fields.push(String::new()),
            c => field.push(c),
        }
    }
    fields.into_iter().map(|field| field.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(usize, Vec<String>)> {
        let mut records = Records::new(text.as_bytes(), separator(text));
        let mut list = Vec::new();
        while let Some(Record { line, fields }) = records.next().expect("a table") {
            list.push((line, fields));
        }
        list
    }

    fn owned(fields: &[&str]) -> Vec<String> {
        fields.iter().map(|field| (*field).to_owned()).collect()
    }

    #[test]
    fn records_have_their_fields_and_line() {
        assert_eq!(
            all("\u{FEFF}a,\"b \"\"c\"\", d\",e\r\n\r\n\"two\nlines\",,x\n last"),
            [
                (1, owned(&["a", "b \"c\", d", "e"])),
                (3, owned(&["two\nlines", "", "x"])),
                (5, owned(&["last"]))
            ]
        );
        assert_eq!(all("a;b,c;d\n"), [(1, owned(&["a", "b,c", "d"]))]);
        assert_eq!(all("a\tb\n"), [(1, owned(&["a", "b"]))]);
    }

    #[test]
    fn a_quote_that_is_never_closed_swallows_no_file() {
        let text = format!("a,\"{}", "x\n".repeat(RECORD_BYTES));
        let mut records = Records::new(text.as_bytes(), b',');
        assert!(records.next().is_err());
    }
}
