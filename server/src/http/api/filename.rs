//! The name of a file that came in a form, as people read it: without the
//! folders of the machine that it comes from, in whatever alphabet (RFC 7578,
//! RFC 8187, and what browsers and scripts send instead).

use http::{HeaderMap, header};
use percent_encoding::percent_decode;

/// Bytes of a name that are kept, its ending among them.
const KEPT_BYTES: usize = 255;

/// What the head of a part calls its file; `None` for no name.
pub(super) fn of_part(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_DISPOSITION)?.as_bytes();
    let name = extended(value).or_else(|| Some(text_of(&plain(value)?)))?;
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    (!last.is_empty()).then(|| shortened(last))
}

/// `filename*=UTF-8''gr%C3%B6%C3%9Fe.jpg`, which says more than a plain one.
fn extended(value: &[u8]) -> Option<String> {
    let start = find(value, b"filename*=")?;
    let rest = value.get(start..)?;
    let end = rest.iter().position(|byte| *byte == b';').unwrap_or(rest.len());
    let mut parts = rest.get(..end)?.splitn(3, |byte| *byte == b'\'');
    let (_charset, _language, name) = (parts.next()?, parts.next()?, parts.next()?);
    let name: Vec<u8> = percent_decode(name.trim_ascii()).collect();
    Some(text_of(&name))
}

/// `filename="a.jpg"`, or without quotes.
fn plain(value: &[u8]) -> Option<Vec<u8>> {
    let rest = value.get(find(value, b"filename=")?..)?;
    let Some(quoted) = rest.strip_prefix(b"\"") else {
        let end = rest.iter().position(|byte| *byte == b';').unwrap_or(rest.len());
        return Some(rest.get(..end)?.trim_ascii().to_vec());
    };
    let (mut name, mut bytes) = (Vec::new(), quoted.iter().copied().peekable());
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => break,
            // A path of Windows has single ones that stand for themselves.
            b'\\' => name.push(bytes.next_if(|next| matches!(next, b'"' | b'\\')).unwrap_or(byte)),
            byte => name.push(byte),
        }
    }
    // What browsers write for what they may not: the HTML standard's forms.
    let mut text = Vec::new();
    let mut rest = name.as_slice();
    while let Some((byte, after)) = rest.split_first() {
        let written = [(&b"%22"[..], b'"'), (b"%0D", b' '), (b"%0A", b' ')];
        match written.iter().find(|(code, _)| rest.starts_with(code)) {
            Some((code, stands_for)) => {
                text.push(*stands_for);
                rest = rest.get(code.len()..).unwrap_or_default();
            }
            None => {
                text.push(*byte);
                rest = after;
            }
        }
    }
    Some(text)
}

/// Where the value of a parameter begins; names are read in any case.
fn find(value: &[u8], name: &[u8]) -> Option<usize> {
    let at = value.windows(name.len()).position(|window| window.eq_ignore_ascii_case(name))?;
    Some(at + name.len())
}

/// UTF-8, or else each byte as the character of Latin-1.
fn text_of(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}

/// A name that fits, with its ending.
fn shortened(name: &str) -> String {
    if name.len() <= KEPT_BYTES {
        return name.to_owned();
    }
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let ending = if (1..=8).contains(&ending.len()) { format!(".{ending}") } else { String::new() };
    let room = KEPT_BYTES - ending.len();
    let start = name.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= room).last();
    format!("{}{ending}", name.get(..start.unwrap_or(0)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[track_caller]
    fn check(parameters: &[u8], name: Option<&str>) {
        let mut headers = HeaderMap::new();
        let value = [b"form-data; name=\"media\"; ".as_slice(), parameters].concat();
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_bytes(&value).expect("a value"));
        assert_eq!(of_part(&headers).as_deref(), name);
    }

    #[test]
    fn a_name_is_what_people_read_whoever_sends_it() {
        check("filename=\"größe 杯子.jpg\"".as_bytes(), Some("größe 杯子.jpg"));
        check(b"filename=\"x.jpg\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.jpg", Some("größe.jpg"));
        check(b"FileName*=utf-8'en'a%20b.jpg", Some("a b.jpg"));
        check(b"filename=\"gr\xf6\xdfe.jpg\"", Some("größe.jpg"));
        check(b"filename=\"a\\\"b.jpg\"", Some("a\"b.jpg"));
        check(b"filename=\"a%22b%0D%0A.jpg\"", Some("a\"b  .jpg"));
        check(b"filename=plain.jpg; other=1", Some("plain.jpg"));
    }

    #[test]
    fn folders_of_elsewhere_are_left_out_and_no_name_is_none() {
        check(b"filename=\"C:\\Users\\me\\p.jpg\"", Some("p.jpg"));
        check(b"filename=\"C:\\\\Users\\\\p.jpg\"", Some("p.jpg"));
        check(b"filename=\"../../etc/x.jpg\"", Some("x.jpg"));
        check(b"filename=\"\"", None);
        check(b"filename=\"a/\"", None);
        assert_eq!(of_part(&HeaderMap::new()), None);
    }

    #[test]
    fn a_long_name_keeps_its_ending() {
        let long = format!("filename=\"{}.jpg\"", "é".repeat(300));
        let kept = format!("{}.jpg", "é".repeat(125));
        check(long.as_bytes(), Some(&kept));
    }
}
