//! Light, dark, or as the system says.

/// The name of the cookie that remembers it.
pub const COOKIE: &str = "fovea_theme";

/// What the pages look like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the browser prefers.
    #[default]
    System,
    /// Light, whatever the browser prefers.
    Light,
    /// Dark, whatever the browser prefers.
    Dark,
}

impl Theme {
    /// The word in the cookie and on the root element.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The theme after this one, when the button is pressed.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::System => Self::Light,
            Self::Light => Self::Dark,
            Self::Dark => Self::System,
        }
    }

    /// Reads a word; anything unknown is [`Theme::System`].
    #[must_use]
    pub fn parse(word: &str) -> Self {
        [Self::Light, Self::Dark].into_iter().find(|theme| theme.as_str() == word).unwrap_or_default()
    }

    /// Finds it among `name=value` pairs, parted by semicolons.
    #[cfg(any(feature = "ssr", test))]
    #[must_use]
    pub fn in_cookies(cookies: &str) -> Self {
        cookies
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(name, _)| *name == COOKIE)
            .map(|(_, value)| Self::parse(value))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_theme_is_found_among_other_cookies() {
        assert_eq!(Theme::in_cookies("id=abc; fovea_theme=dark; x=1"), Theme::Dark);
        assert_eq!(Theme::in_cookies("not_fovea_theme=dark"), Theme::System);
        assert_eq!(Theme::in_cookies("fovea_theme=<script>"), Theme::System);
    }

    #[test]
    fn three_presses_come_back() {
        assert_eq!(Theme::Dark.next().next().next(), Theme::Dark);
    }
}
