//! Names under which any image can be written into any folder.

use std::collections::HashSet;

/// Longest name in bytes: file systems allow 255, and a number may follow.
const LONGEST: usize = 200;

/// Names given so far. No two have the same stem, not even on a file system
/// that takes `a` and `A` for the same: label files are named by stems.
#[derive(Debug, Default)]
pub(crate) struct SafeNames {
    taken: HashSet<String>,
}

/// A file name in two parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SafeName {
    /// Before the last dot.
    pub(crate) stem: String,
    /// With its dot.
    pub(crate) extension: String,
}

impl SafeName {
    /// As the file is called.
    pub(crate) fn full(&self) -> String {
        format!("{}{}", self.stem, self.extension)
    }
}

impl SafeNames {
    /// The name itself if it can be one and is free, else one like it.
    /// `extension` is for names without any, and has no dot.
    pub(crate) fn claim(&mut self, wanted: &str, extension: &str) -> SafeName {
        let last = wanted.rsplit(['/', '\\']).next().unwrap_or_default();
        let plain: String = last.chars().map(|c| if is_harmless(c) { c } else { '_' }).collect();
        let plain = plain.trim().trim_end_matches('.');
        let (stem, extension) = match plain.rsplit_once('.') {
            Some((stem, own)) if is_extension(own) => (stem, format!(".{own}")),
            _ => (plain, format!(".{extension}")),
        };
        let stem = shortened(stem.trim_end_matches(['.', ' ']).trim(), LONGEST - extension.len());
        let stem = if stem.is_empty() || stem.starts_with('.') || is_reserved(&stem) {
            format!("_{stem}")
        } else {
            stem
        };
        let numbered = (2u64..).map(|number| format!("{stem}_{number}"));
        let free =
            std::iter::once(stem.clone()).chain(numbered).find(|stem| self.taken.insert(stem.to_lowercase()));
        SafeName { stem: free.unwrap_or(stem), extension }
    }
}

/// Not a separator or a wildcard anywhere, and not invisible.
fn is_harmless(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' | '\u{FFFE}' | '\u{FFFF}')
}

fn is_extension(text: &str) -> bool {
    ["jpg", "jpeg", "png", "webp"].iter().any(|known| text.eq_ignore_ascii_case(known))
}

/// Names that Windows keeps for devices.
fn is_reserved(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = |name: &str| first.strip_prefix(name).is_some_and(|n| n.len() == 1 && n != "0");
    ["con", "prn", "aux", "nul"].contains(&first.as_str()) || numbered("com") || numbered("lpt")
}

fn shortened(text: &str, longest: usize) -> String {
    let mut end = text.len().min(longest);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().trim_end_matches(['.', ' ']).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::path::{Component, Path};

    fn claimed(wanted: &str) -> String {
        SafeNames::default().claim(wanted, "jpg").full()
    }

    #[test]
    fn harmless_names_stay_as_they_are() {
        for name in ["a.jpg", "Straße 7 – 北京.PNG", "a.b.c.webp", "IMG_0001 2_jpg.rf.a64c.jpg"] {
            assert_eq!(claimed(name), name);
        }
    }

    #[test]
    fn names_that_lead_elsewhere_are_made_harmless() {
        assert_eq!(claimed("../../etc/passwd"), "passwd.jpg");
        assert_eq!(claimed("C:\\x\\y.png"), "y.png");
        assert_eq!(claimed(".."), "_.jpg");
        assert_eq!(claimed(".hidden.png"), "_.hidden.png");
        assert_eq!(claimed("a\0b\n.jpg"), "a_b_.jpg");
        assert_eq!(claimed("con.png"), "_con.png");
        assert_eq!(claimed(""), "_.jpg");
    }

    #[test]
    fn names_that_differ_only_in_case_or_ending_are_told_apart() {
        let mut names = SafeNames::default();
        let claims = ["a.jpg", "A.jpg", "a.png", "x/a.jpg"].map(|name| names.claim(name, "jpg").full());
        assert_eq!(claims, ["a.jpg", "A_2.jpg", "a_3.png", "a_4.jpg"]);
    }

    proptest! {
        #[test]
        fn any_name_becomes_one_plain_file_name(wanted: Vec<String>) {
            let mut names = SafeNames::default();
            let mut stems = HashSet::new();
            for wanted in wanted {
                let name = names.claim(&wanted, "png");
                let full = name.full();
                let components: Vec<_> = Path::new(&full).components().collect();
                prop_assert!(matches!(components.as_slice(), [Component::Normal(_)]), "{full:?}");
                prop_assert!(full.len() < 255 && full.trim() == full && !full.starts_with('.'));
                prop_assert!(stems.insert(name.stem.to_lowercase()));
            }
        }
    }
}
