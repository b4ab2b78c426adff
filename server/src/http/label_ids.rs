//! Ids of things that have none of their own: a label is a word, and the same
//! word is the same label everywhere. An id is made of the word, so that it
//! needs no table and is the same on every server.

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// The id of a label: a UUID of version 8 around a hash of the word.
#[must_use]
pub(super) fn label_id(label: &str) -> Uuid {
    named("label", label)
}

/// The id of the only thing of a kind that is called `name`.
#[must_use]
pub(super) fn named(kind: &str, name: &str) -> Uuid {
    let hash = Sha256::new().chain_update(kind).chain_update([0_u8]).chain_update(name).finalize();
    let mut bytes = [0_u8; 16];
    bytes.iter_mut().zip(hash).for_each(|(to, from)| *to = from);
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_word_never_changes_and_differs_from_any_other() {
        assert_eq!(label_id("red cell").to_string(), label_id("red cell").to_string());
        assert_ne!(label_id("red cell"), label_id("Red cell"));
        assert_ne!(label_id("fovea"), named("organisation", "fovea"));
        assert_eq!(label_id("car").get_version_num(), 8);
    }
}
