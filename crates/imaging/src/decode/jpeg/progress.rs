//! Whether the scans of a progressive JPEG bring all of its picture: told
//! from their headers alone (ITU-T T.81, B.2.3 and G.1).

use super::frame::Component;

/// The coefficients that are looked at: what browsers guess when it is
/// missing. Higher ones may never come, where a file has none.
const NEEDED: usize = 10;
/// What no scan has brought.
const NEVER: u8 = u8::MAX;

/// The lowest bit that has come, of each component's coefficients.
pub(super) struct Progress(Vec<(u8, [u8; 64])>);

impl Progress {
    pub(super) fn new(components: &[Component]) -> Self {
        Self(components.iter().map(|one| (one.id, [NEVER; 64])).collect())
    }

    /// Takes note of a scan's header.
    pub(super) fn see(&mut self, scan: &[u8]) {
        let Some((count, rest)) = scan.split_first() else { return };
        let Some((pairs, rest)) = rest.split_at_checked(2 * usize::from(*count)) else { return };
        let Some(&[from, to, bits]) = rest.first_chunk::<3>() else { return };
        for [id, _] in pairs.as_chunks::<2>().0 {
            for (_, lowest) in self.0.iter_mut().filter(|(own, _)| own == id) {
                let brought = lowest.get_mut(usize::from(from)..=usize::from(to.min(63)));
                brought.into_iter().flatten().for_each(|lowest| *lowest = bits & 0xF);
            }
        }
    }

    /// Whether nothing is missing that a browser would guess.
    pub(super) fn is_complete(&self) -> bool {
        self.0.iter().all(|(_, lowest)| {
            lowest.iter().take(NEEDED).all(|lowest| *lowest == 0)
                && lowest.iter().all(|lowest| matches!(*lowest, 0 | NEVER))
        })
    }
}
