//! How often somebody may try to sign in as one account, from wherever: a few
//! tries at once, then one every so often. Knows no password.
//!
//! The limit is on guesses, not on the account: where a person signed in from
//! lately they have tries of their own, which nobody elsewhere can use up.

use domain::time::Timestamp;
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

/// Tries at once.
const BURST: i64 = 10;
/// One more comes back after this: some 2,900 guesses a day at most.
const PERIOD_MS: i64 = 30_000;
/// Accounts that are counted at a time. An attacker who names more than these
/// at once makes the oldest forgotten, and has spent as many tries on them.
const COUNTED: usize = 10_000;

/// Whom tries are counted for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Guessed {
    /// As typed, lower-case; an account need not be there.
    pub email: String,
    /// The network, where the person is known to sign in from it.
    pub known: Option<IpAddr>,
}

/// The tries of each: by the generic cell rate algorithm, the moment at which
/// all of them will have come back.
#[derive(Default)]
pub(crate) struct Guesses {
    full: Mutex<HashMap<Guessed, i64>>,
}

impl Guesses {
    /// Takes a try; `false` when there is none left at `now`.
    pub(crate) fn take(&self, guessed: Guessed, now: Timestamp) -> bool {
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        if full.len() >= COUNTED {
            full.retain(|_, at| *at > now.0);
            if full.len() >= COUNTED {
                let first = full.iter().min_by_key(|(_, at)| **at).map(|(guessed, _)| guessed.clone());
                first.and_then(|first| full.remove(&first));
            }
        }
        let at = full.get(&guessed).copied().unwrap_or(now.0).max(now.0) + PERIOD_MS;
        let left = at - now.0 <= BURST * PERIOD_MS;
        if left {
            full.insert(guessed, at);
        }
        left
    }

    /// Gives a try back that was no guess.
    pub(crate) fn give_back(&self, guessed: &Guessed) {
        let mut full = self.full.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = full.get_mut(guessed) {
            *at -= PERIOD_MS;
        }
    }
}

/// Of an address what its holder cannot choose: all of IPv4, the upper half of
/// IPv6, of which a provider gives out no less.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or_else(
            || {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            },
            IpAddr::V4,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guessed(email: &str, known: Option<&str>) -> Guessed {
        Guessed { email: email.to_owned(), known: known.map(|known| known.parse().expect("an address")) }
    }

    #[test]
    fn tries_come_back_one_by_one() {
        let guesses = Guesses::default();
        let now = Timestamp(1_000);
        for _ in 0..BURST {
            assert!(guesses.take(guessed("a@b", None), now));
        }
        assert!(!guesses.take(guessed("a@b", None), now));
        assert!(guesses.take(guessed("c@d", None), now), "another account has its own");
        assert!(guesses.take(guessed("a@b", Some("10.0.0.1")), now), "and so has a known network");
        assert!(!guesses.take(guessed("a@b", None), now.plus_ms(PERIOD_MS - 1)));
        assert!(guesses.take(guessed("a@b", None), now.plus_ms(PERIOD_MS)));
        assert!(!guesses.take(guessed("a@b", None), now.plus_ms(PERIOD_MS)));
        guesses.give_back(&guessed("a@b", None));
        assert!(
            guesses.take(guessed("a@b", None), now.plus_ms(PERIOD_MS)),
            "whoever knows it guesses nothing"
        );
    }

    #[test]
    fn what_is_counted_has_an_end() {
        let guesses = Guesses::default();
        for number in 0..COUNTED + 50 {
            assert!(guesses.take(guessed(&format!("{number}@b"), None), Timestamp(1_000)));
        }
        assert!(guesses.full.lock().expect("whole").len() <= COUNTED);
    }

    #[test]
    fn a_network_is_what_its_holder_cannot_choose() {
        let check = |address: &str, expected: &str| {
            assert_eq!(network(address.parse().expect(address)).to_string(), expected);
        };
        check("192.0.2.7", "192.0.2.7");
        check("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::");
        check("2001:db8:1:2:ffff::1", "2001:db8:1:2::");
        check("2001:db8:1:3::1", "2001:db8:1:3::");
        check("::ffff:192.0.2.7", "192.0.2.7");
    }
}
