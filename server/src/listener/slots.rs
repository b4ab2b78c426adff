//! The slots that connections take.

use super::{Limits, activity::Activity};
use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// What a connection is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// For anything.
    Common,
    /// For the server's health only.
    ForHealth,
}

/// Every connection that is open.
#[derive(Debug)]
pub(super) struct ConnectionSlots {
    limits: Limits,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    connections: BTreeMap<u64, Connection>,
}

#[derive(Debug)]
struct Connection {
    kind: Kind,
    /// By which address it is counted; `None` where it is not.
    address: Option<IpAddr>,
    activity: Arc<Activity>,
    close: CancellationToken,
}

/// The slot of one connection; given back when dropped.
#[derive(Debug)]
pub(super) struct ConnectionSlot {
    slots: Arc<ConnectionSlots>,
    number: u64,
    kind: Kind,
    activity: Arc<Activity>,
    close: CancellationToken,
}

impl ConnectionSlot {
    pub(super) fn kind(&self) -> Kind {
        self.kind
    }

    pub(super) fn activity(&self) -> &Arc<Activity> {
        &self.activity
    }

    /// Returns once the connection must end.
    pub(super) async fn closed(&self) {
        self.close.cancelled().await;
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        self.slots.lock().connections.remove(&self.number);
    }
}

impl ConnectionSlots {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, open: Mutex::default() }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A slot for a connection from `peer`, if need be that of the one that
    /// has been idle for longest.
    pub(super) fn take(self: &Arc<Self>, peer: IpAddr) -> Option<ConnectionSlot> {
        let address = self.limits.of_one_address.and_then(|_| counted_as(peer));
        let mut open = self.lock();
        if let (Some(address), Some(most)) = (address, self.limits.of_one_address) {
            let own = |one: &Connection| one.address == Some(address);
            if open.count(own) >= most && !open.close_oldest_idle(own) {
                return None;
            }
        }
        let common = |one: &Connection| one.kind == Kind::Common;
        let for_health = |one: &Connection| one.kind == Kind::ForHealth;
        let kind = if open.count(common) < self.limits.connections || open.close_oldest_idle(common) {
            Kind::Common
        } else if open.count(for_health) < self.limits.for_health || open.close_oldest_idle(for_health) {
            Kind::ForHealth
        } else {
            return None;
        };
        let number = open.next;
        open.next += 1;
        let (activity, close) = (Activity::new(), CancellationToken::new());
        let connection = Connection { kind, address, activity: activity.clone(), close: close.clone() };
        open.connections.insert(number, connection);
        drop(open);
        Some(ConnectionSlot { slots: self.clone(), number, kind, activity, close })
    }

    /// Closes the connection that has been idle for longest, if any is.
    pub(super) fn close_oldest_idle(&self) {
        self.lock().close_oldest_idle(|_| true);
    }

    /// Closes all that take too long over something.
    pub(super) fn close_overdue(&self) {
        let now = Instant::now();
        self.lock().connections.retain(|_, one| {
            let overdue = one.activity.is_overdue(now, &self.limits);
            if overdue {
                one.close.cancel();
            }
            !overdue
        });
    }
}

impl Open {
    fn count(&self, which: impl Fn(&Connection) -> bool) -> usize {
        self.connections.values().filter(|one| which(one)).count()
    }

    /// Whether there was one. Its slot is free at once, though its task ends
    /// a moment later.
    fn close_oldest_idle(&mut self, which: impl Fn(&Connection) -> bool) -> bool {
        let idle = self.connections.iter().filter(|(_, one)| which(one));
        let idle = idle.filter_map(|(number, one)| Some((one.activity.idle_since()?, *number)));
        let Some((_, number)) = idle.min() else { return false };
        if let Some(connection) = self.connections.remove(&number) {
            connection.close.cancel();
        }
        true
    }
}

/// Whole networks of IPv6 (/64) belong to one subscriber. This machine's own
/// connections are not counted.
fn counted_as(peer: IpAddr) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    if peer.is_loopback() {
        return None;
    }
    Some(match peer {
        IpAddr::V4(_) => peer,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn slots(connections: usize, of_one_address: usize) -> Arc<ConnectionSlots> {
        let limits =
            Limits { connections, for_health: 2, of_one_address: Some(of_one_address), ..Limits::default() };
        Arc::new(ConnectionSlots::new(limits))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn the_one_that_is_idle_for_longest_gives_its_place_away() {
        let slots = slots(2, 9);
        let first = slots.take(HERE).expect("a slot");
        let second = slots.take(HERE).expect("a slot");
        let _busy = first.activity().begin();
        let third = slots.take(HERE).expect("a slot");
        assert_eq!((third.kind(), first.close.is_cancelled()), (Kind::Common, false));
        assert!(second.close.is_cancelled());
    }

    #[test]
    fn when_all_are_busy_a_few_more_may_ask_for_health_and_then_nobody() {
        let slots = slots(1, 9);
        let mut taken: Vec<ConnectionSlot> = Vec::new();
        let mut busy = Vec::new();
        let mut kinds = Vec::new();
        for _ in 0..3 {
            let slot = slots.take(HERE).expect("a slot");
            busy.push(slot.activity().begin());
            kinds.push(slot.kind());
            taken.push(slot);
        }
        assert_eq!(kinds, [Kind::Common, Kind::ForHealth, Kind::ForHealth]);
        assert!(slots.take(HERE).is_none());
        taken.remove(0);
        assert_eq!(slots.take(HERE).map(|slot| slot.kind()), Some(Kind::Common));
    }

    #[test]
    fn one_address_has_its_number_a_network_of_ipv6_counts_as_one_and_this_machine_as_none() {
        let slots = slots(100, 2);
        let hold = |text: &str| {
            let slot = slots.take(address(text))?;
            let busy = slot.activity().begin();
            Some((slot, busy))
        };
        let held = ["192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "2001:db8::2:1"].map(hold);
        assert!(held.iter().all(Option::is_some));
        assert!(hold("192.0.2.1").is_none() && hold("2001:db8::3").is_none());
        assert!(hold("192.0.2.2").is_some() && hold("2001:db8:0:1::3").is_some());
        let own: Vec<_> = (0..9).map(|_| hold("127.0.0.1")).collect();
        assert!(own.iter().all(Option::is_some));
    }
}
