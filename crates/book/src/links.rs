//! Where the links of a chapter lead when it is read on a server instead of in
//! the repository.

use crate::chapters::{chapter, picture};

/// The address of what a chapter links to, on a server whose addresses begin
/// with `base`; `None` for a file of the repository that no server has.
#[must_use]
pub(crate) fn resolve(target: &str, base: &str) -> Option<String> {
    if target.starts_with('#') || target.contains("://") || target.starts_with("mailto:") {
        return Some(target.to_owned());
    }
    let (file, place) =
        target.split_once('#').map_or((target, String::new()), |(file, place)| (file, format!("#{place}")));
    if let Some(slug) = file.strip_suffix(".md") {
        return chapter(slug).map(|target| format!("{base}/docs/{}{place}", target.slug));
    }
    picture(file).map(|_| format!("{base}/docs/{file}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chapters_and_pictures_are_found_below_the_base_path() {
        assert_eq!(resolve("data.md#backups", "/fovea").as_deref(), Some("/fovea/docs/data#backups"));
        assert_eq!(resolve("dashboard.png", "").as_deref(), Some("/docs/dashboard.png"));
        assert_eq!(resolve("#here", "/fovea").as_deref(), Some("#here"));
        assert_eq!(resolve("https://example.org/a.md", "").as_deref(), Some("https://example.org/a.md"));
        assert_eq!(resolve("../trainers/minimal.py", ""), None);
        assert_eq!(resolve("nothing.md", ""), None);
    }
}
