//! Numbers in sentences.

/// A number with its noun, and with the verb where the sentence goes on:
/// `1 image is`, `3 images are`.
#[must_use]
pub fn counted(number: impl TryInto<u64>, one: &str, many: &str) -> String {
    let number = number.try_into().unwrap_or(u64::MAX);
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn one_is_one_and_all_others_are_many() {
        let words = [0_usize, 1, 2].map(|number| counted(number, "image is", "images are"));
        assert_eq!(words, ["0 images are", "1 image is", "2 images are"]);
    }
}
