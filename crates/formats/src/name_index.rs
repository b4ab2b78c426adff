//! Files by a key of their names, at 16 bytes each: a map of texts takes some
//! two hundred, and a data set may have a hundred thousand files.

use std::hash::{DefaultHasher, Hash, Hasher};

/// The number of a key, by which it is found again.
pub(crate) fn hash_of(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// Positions in a list by keys.
#[derive(Debug, Default)]
pub(crate) struct NameIndex {
    /// Hash of the key and position, sorted.
    entries: Vec<(u64, u32)>,
}

impl NameIndex {
    /// Of a list's keys, in its order.
    pub(crate) fn new(keys: impl Iterator<Item = String>) -> Self {
        let mut entries: Vec<(u64, u32)> = keys.map(|key| hash_of(&key)).zip(0..).collect();
        entries.sort_unstable();
        entries.shrink_to_fit();
        Self { entries }
    }

    /// Where the key is, in the list's order. Two keys may have one hash: who
    /// asks compares what lies there.
    pub(crate) fn of<'a>(&'a self, key: &str) -> impl Iterator<Item = usize> + use<'a> {
        let hash = hash_of(key);
        let first = self.entries.partition_point(|(own, _)| *own < hash);
        let from_first = self.entries.get(first..).unwrap_or_default();
        from_first.iter().take_while(move |(own, _)| *own == hash).map(|(_, position)| *position as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_position_of_a_key_is_found_in_order() {
        let index = NameIndex::new(["b", "a", "b", "c", "b"].into_iter().map(str::to_owned));
        assert_eq!(index.of("b").collect::<Vec<_>>(), [0, 2, 4]);
        assert_eq!(index.of("a").collect::<Vec<_>>(), [1]);
        assert_eq!(index.of("d").count(), 0);
    }
}
