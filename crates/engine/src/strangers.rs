//! What files are that are no model, told from their first bytes: so that a
//! refusal names what was sent, and what to send instead.

/// As far as is looked.
const BEGINNING: usize = 4096;
/// What helps with models in another program's own form.
const EXPORT: &str = "export the model as ONNX (with Ultralytics: yolo export model=FILE format=onnx)";

/// What a file looks like and what to do about it, in a sentence; nothing for
/// bytes that look like nothing known.
pub(crate) fn describe(bytes: &[u8]) -> Option<String> {
    let beginning = &bytes[..bytes.len().min(BEGINNING)];
    if beginning.is_empty() {
        return Some("the file is empty".to_owned());
    }
    let (what, advice) = by_signature(beginning).or_else(|| by_text(beginning))?;
    Some(format!("it looks like {what}: {advice}"))
}

fn by_signature(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let begins = |signature: &[u8]| bytes.starts_with(signature);
    let has = |words: &[u8]| bytes.windows(words.len()).any(|window| window == words);
    let unpack = "unpack it, and send the model that is in it";
    let model = "send the file of the model";
    Some(match bytes {
        // What torch.save and torch.jit.save write is an archive, too.
        _ if begins(b"PK\x03\x04") && has(b"/data.pkl") => ("a model of PyTorch (.pt)", EXPORT),
        [0x80, 2..=5, ..] => ("a pickle of Python, as older models of PyTorch (.pt) are", EXPORT),
        [_, _, _, _, b'T', b'F', b'L', b'3', ..] => ("a model of TensorFlow Lite", EXPORT),
        _ if begins(b"\x89HDF\r\n") => ("an HDF5 file, as models of Keras are", EXPORT),
        _ if begins(b"ftrt") => ("an engine of TensorRT, which only runs on the GPU it was made for", EXPORT),
        _ if begins(b"PK\x03\x04") => ("a ZIP archive", unpack),
        [0x1f, 0x8b, ..] => ("an archive packed with gzip", unpack),
        _ if begins(b"7z\xbc\xaf") || begins(b"Rar!") || begins(b"\x28\xb5\x2f\xfd") => {
            ("an archive", unpack)
        }
        _ if bytes.get(257..262) == Some(b"ustar") => ("a tar archive", unpack),
        [0xff, 0xd8, 0xff, ..] => ("a JPEG picture", model),
        _ if begins(b"\x89PNG") => ("a PNG picture", model),
        _ if begins(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") => ("a WebP picture", model),
        _ if begins(b"GIF8") => ("a GIF picture", model),
        _ => return None,
    })
}

fn by_text(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // The last letter may be cut; anything else that is no letter makes it no text.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    let is_printed = |letter: char| !letter.is_control() || letter.is_ascii_whitespace();
    if !text.chars().all(is_printed) {
        return None;
    }
    let start = text.trim_start().to_lowercase();
    Some(if start.starts_with("version https://git-lfs") {
        ("a pointer of Git LFS to a file that was not fetched", "run git lfs pull, and send the file itself")
    } else if start.starts_with("<!doctype html") || start.starts_with("<html") {
        ("a page of a web site, as a download gives that needs a login", "fetch the model again")
    } else if start.starts_with('<') && start.contains("<net") {
        ("the description of a model of OpenVINO", EXPORT)
    } else {
        ("a text", "send the file of the model")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], what: &str, advice: &str) {
        let said = describe(bytes).unwrap();
        assert!(said.contains(what) && said.contains(advice), "{said}");
    }

    #[test]
    fn files_that_are_no_model_are_called_by_their_name() {
        check(b"", "empty", "");
        check(b"PK\x03\x04\x14\0\0\0best/data.pkl\x80\x02", "PyTorch", "export the model as ONNX");
        check(b"\x80\x02}q\0.", "PyTorch", "export the model as ONNX");
        check(b"PK\x03\x04\x14\0\0\0yolo.onnx", "ZIP archive", "unpack it");
        check(b"\x1c\0\0\0TFL3\0\0", "TensorFlow Lite", "export the model as ONNX");
        check(b"\x89PNG\r\n\x1a\n\0", "PNG picture", "the file of the model");
        check(b"version https://git-lfs.github.com/spec/v1\noid", "Git LFS", "git lfs pull");
        check(b"<!DOCTYPE html>\n<html>", "web site", "again");
        check(b"<?xml version=\"1.0\"?>\n<net name=\"m\">", "OpenVINO", "export");
        check("{\"größe\": 1}".as_bytes(), "text", "the file of the model");
        // A letter cut where the looking ends.
        let long = ["a".repeat(BEGINNING - 1), "ö".to_owned()].concat();
        check(long.as_bytes(), "text", "the file of the model");
        assert_eq!(describe(&[0, 1, 2, 3]), None);
        assert_eq!(describe(&[0xff; 9]), None);
        assert_eq!(describe(b"a\xff"), None, "a stray byte is no letter that was cut");
    }
}
