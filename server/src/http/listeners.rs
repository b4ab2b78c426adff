//! How many event streams are open, in all and for each caller, so that no one
//! takes what everybody's pages live by.

use super::problem::Problem;
use domain::{access::Actor, fault::ErrorKind};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// A stream costs a descriptor and a few dozen KiB: together they take a fifth
/// of the memory that a server may have.
const IN_ALL: usize = 1_000;
/// The tabs of one browser share a stream; a wall of screens, or a program that
/// watches for many others, has one account and needs more.
const OF_ONE_CALLER: usize = 128;

/// The streams that are open. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Listeners {
    open: Arc<Mutex<HashMap<String, usize>>>,
}

/// A stream's place; given back when dropped.
#[derive(Debug)]
pub(super) struct Listening {
    listeners: Listeners,
    caller: String,
}

impl Listeners {
    /// A place for one more stream of this caller.
    ///
    /// # Errors
    /// 429 when the caller, or all together, have as many as there may be.
    pub(super) fn begin(&self, actor: &Actor) -> Result<Listening, Problem> {
        let caller = format!("{:?}", actor.who);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let own = open.get(&caller).copied().unwrap_or_default();
        let message = if own >= OF_ONE_CALLER {
            format!("You have {own} event streams open already: close one first.")
        } else if open.values().sum::<usize>() >= IN_ALL {
            format!("{IN_ALL} event streams are open: try again in a while.")
        } else {
            open.insert(caller.clone(), own + 1);
            return Ok(Listening { listeners: self.clone(), caller });
        };
        Err(Problem::new(ErrorKind::Busy, message))
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let mut open = self.listeners.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = open.get_mut(&self.caller) {
            *own -= 1;
            if *own == 0 {
                open.remove(&self.caller);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::access::{Principal, Role};

    fn actor(name: &str) -> Actor {
        Actor {
            who: Principal::Token { id: domain::ids::TokenId(uuid::Uuid::nil()), name: name.to_owned() },
            role: Role::Viewer,
        }
    }

    #[test]
    fn one_caller_has_a_share_and_gets_it_back_when_a_stream_ends() {
        let listeners = Listeners::default();
        let mut streams: Vec<_> =
            (0..OF_ONE_CALLER).map(|_| listeners.begin(&actor("wall")).expect("a place")).collect();
        let refused = listeners.begin(&actor("wall")).expect_err("as many as there may be");
        assert_eq!(refused.0.kind, ErrorKind::Busy);
        let _other = listeners.begin(&actor("other")).expect("others have theirs");
        drop(streams.pop());
        streams.push(listeners.begin(&actor("wall")).expect("one has ended"));
    }

    #[test]
    fn all_together_have_an_end() {
        let listeners = Listeners::default();
        let callers: Vec<_> = (0..IN_ALL).map(|number| actor(&format!("caller-{number}"))).collect();
        let streams: Vec<_> =
            callers.iter().map(|caller| listeners.begin(caller).expect("a place")).collect();
        assert!(listeners.begin(&actor("one more")).is_err());
        drop(streams);
        assert!(listeners.begin(&actor("one more")).is_ok());
        assert!(listeners.open.lock().expect("whole").is_empty(), "nobody is remembered");
    }
}
