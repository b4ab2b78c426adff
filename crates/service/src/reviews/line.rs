//! Which images the server gives out at random. A reviewer chooses a query,
//! an order and images to leave out; an image counts as picked at random only
//! where none of this had a say: nothing that still waits was passed over.

use std::collections::VecDeque;

/// So many images may a person hold and yet be given the next one at random:
/// what a page fetches ahead, and the one that it shows. Were it more, whoever
/// holds images could pass them over, up to the one that they want.
const MOST_HELD: usize = 10;

/// Who has an image of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeldBy {
    /// Nobody: it is to be given next.
    Nobody,
    /// The person who asks, in this page or in another one.
    Asker,
    /// Somebody else.
    Other,
}

/// All images of a deployment that wait for a review, in an order of time,
/// as far as it was read.
#[derive(Debug)]
pub(super) struct Line<Id> {
    waiting: VecDeque<(Id, HeldBy)>,
    held: usize,
}

impl<Id: PartialEq> Line<Id> {
    pub(super) fn new(waiting: impl IntoIterator<Item = (Id, HeldBy)>) -> Self {
        Self { waiting: waiting.into_iter().collect(), held: 0 }
    }

    /// Whether the image is next in line, and not merely behind one that was
    /// passed over. It is held by the asker from then on.
    pub(super) fn gives(&mut self, id: &Id) -> bool {
        while self.held < MOST_HELD
            && let Some((next, held_by)) = self.waiting.front()
        {
            let is_it = next == id;
            if !is_it && *held_by == HeldBy::Nobody {
                return false;
            }
            self.held += usize::from(is_it || *held_by == HeldBy::Asker);
            self.waiting.pop_front();
            if is_it {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::HeldBy::{Asker, Nobody, Other};
    use super::*;

    fn given(line: Vec<(u32, HeldBy)>, ids: &[u32]) -> Vec<bool> {
        let mut line = Line::new(line);
        ids.iter().map(|id| line.gives(id)).collect()
    }

    #[test]
    fn images_are_given_in_the_order_of_the_line() {
        assert_eq!(given(vec![(1, Nobody), (2, Nobody), (3, Nobody)], &[1, 2, 3]), [true, true, true]);
    }

    #[test]
    fn behind_an_image_that_is_passed_over_nothing_is_given() {
        assert_eq!(given(vec![(1, Nobody), (2, Nobody), (3, Nobody)], &[1, 3, 2]), [true, false, true]);
        assert_eq!(given(vec![(1, Nobody), (2, Nobody)], &[2]), [false]);
    }

    #[test]
    fn what_somebody_holds_already_is_not_passed_over() {
        assert_eq!(given(vec![(1, Other), (2, Asker), (3, Nobody)], &[3]), [true]);
    }

    #[test]
    fn whoever_holds_ten_images_is_given_no_more() {
        let line = |held| (0..held).map(|id| (id, Asker)).chain([(99, Nobody)]).collect();
        assert_eq!((given(line(9), &[99]), given(line(10), &[99])), (vec![true], vec![false]));
        let others = (0..50).map(|id| (id, Other)).chain([(99, Nobody)]).collect();
        assert_eq!(given(others, &[99]), [true]);
    }

    #[test]
    fn an_image_that_does_not_wait_is_not_given() {
        assert_eq!(given(vec![(1, Other)], &[7]), [false]);
    }
}
