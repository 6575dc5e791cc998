//! Connections that many readers share: their statements follow each other without waiting for each other's replies.
//!
//! Nobody waits for a shared connection. As long as there is none that is open, has the statement prepared, has room and
//! gets on, a read takes a connection of the pool like everything else; and what is missing is made in the background.
//! So each read is one request here, and one reply. Whoever drops it leaves a reply that the driver reads past; until it
//! has, its seat stays taken.

use super::connect::Manager;
use super::connection::Connection;
use super::plan::Plan;
use super::prepared::Prepared;
use crate::error::Result;
use deadpool::managed::Manager as _;
use smallvec::SmallVec;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// So many reads are on their way on one connection; those who would wait behind more find a connection in the pool.
const SEATS: u32 = 32;
/// A connection that answers nothing for so long has a slow statement at its head: nobody queues up behind that.
const STUCK: Duration = Duration::from_millis(100);
/// How long to leave a server alone that refused a connection.
const REST: Duration = Duration::from_secs(1);

pub(super) struct Shared {
    manager: Manager,
    slots: Mutex<Box<[Slot]>>,
}

/// The place of one connection.
#[derive(Default)]
struct Slot {
    state: State,
    /// Reads whose replies are not read to their end.
    taken: u32,
    /// When it answered last, or was first asked after it had answered all.
    moved: Option<Instant>,
    /// What is being prepared, by plan.
    preparing: SmallVec<[u32; 4]>,
}

#[derive(Default)]
enum State {
    #[default]
    Empty,
    Opening,
    Open(Arc<Connection>),
    /// The server refused, and is not to be asked again before.
    Refused(Instant),
    /// The `Db` was closed.
    Closed,
}

impl Slot {
    fn has_room(&self, now: Instant) -> bool {
        let gets_on = || {
            let waits = self.moved.map(|moved| now.saturating_duration_since(moved));
            self.taken == 0 || waits.is_some_and(|waits| waits < STUCK)
        };
        match &self.state {
            State::Empty => true,
            State::Open(_) => self.taken < SEATS && gets_on(),
            State::Refused(until) => now >= *until,
            State::Opening | State::Closed => false,
        }
    }
}

impl Shared {
    pub(super) fn new(connections: usize, manager: Manager) -> Self {
        Self {
            manager,
            slots: Mutex::new((0..connections).map(|_| Slot::default()).collect()),
        }
    }

    /// A place on the connection with the fewest reads on their way, if it can be used at once.
    pub(super) fn seat<'s>(
        self: &'s Arc<Self>,
        plan: &Arc<Plan>,
        now: Instant,
    ) -> Option<Seat<'s>> {
        let mut slots = self.lock();
        let (number, slot) = slots
            .iter_mut()
            .enumerate()
            .filter(|(_, slot)| slot.has_room(now))
            .min_by_key(|(_, slot)| slot.taken)?;
        match &slot.state {
            State::Open(connection) if connection.is_usable(now) => {
                let Some(prepared) = connection.prepared(plan) else {
                    let connection = Arc::clone(connection);
                    self.prepare_later(number, slot, connection, plan);
                    return None;
                };
                let connection = Arc::clone(connection);
                if slot.taken == 0 {
                    slot.moved = Some(now);
                }
                slot.taken += 1;
                Some(Seat {
                    shared: self,
                    number,
                    turn: connection.turn(),
                    connection,
                    prepared,
                    read: false,
                })
            }
            _ => {
                self.open_later(number, slot);
                None
            }
        }
    }

    fn open_later(self: &Arc<Self>, number: usize, slot: &mut Slot) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        slot.state = State::Opening;
        let shared = Arc::clone(self);
        runtime.spawn(async move {
            let state = match shared.manager.create().await {
                Ok(connection) => State::Open(Arc::new(*connection)),
                // Whoever takes a connection of the pool instead is told, if that fails too.
                Err(_) => State::Refused(Instant::now() + REST),
            };
            if let Some(slot) = shared.lock().get_mut(number)
                && matches!(slot.state, State::Opening)
            {
                slot.state = state;
            }
        });
    }

    /// Once, however many ask for it. It does not depend on any of them: one that goes away leaves nothing half prepared.
    fn prepare_later(
        self: &Arc<Self>,
        number: usize,
        slot: &mut Slot,
        connection: Arc<Connection>,
        plan: &Arc<Plan>,
    ) {
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if slot.preparing.contains(&plan.id) {
            return;
        }
        slot.preparing.push(plan.id);
        let (shared, plan) = (Arc::clone(self), Arc::clone(plan));
        runtime.spawn(async move {
            // Whoever sends the same statement through the pool is told what is wrong with it.
            let _ = connection.prepare(&plan).await;
            if let Some(slot) = shared.lock().get_mut(number) {
                slot.preparing.retain(|preparing| *preparing != plan.id);
            }
        });
    }

    /// Closes the connections as soon as those who use them have their replies. No new ones are opened.
    pub(super) fn close(&self) {
        for slot in &mut *self.lock() {
            slot.state = State::Closed;
        }
    }

    fn give_back(&self, number: usize, now: Instant) {
        if let Some(slot) = self.lock().get_mut(number) {
            slot.taken = slot.taken.saturating_sub(1);
            slot.moved = Some(now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Box<[Slot]>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among those who share a connection, for one read.
pub(super) struct Seat<'s> {
    shared: &'s Arc<Shared>,
    number: usize,
    connection: Arc<Connection>,
    prepared: Prepared,
    /// How many had been asked before it.
    turn: u32,
    /// Whether its reply was read to the end, or never will be.
    read: bool,
}

impl Seat<'_> {
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) fn prepared(&self) -> &Prepared {
        &self.prepared
    }

    /// What came of the read. A reply that was refused is one that was read.
    pub(super) fn settle<T>(&mut self, result: &Result<T>) {
        self.read = true;
        if result.as_ref().is_err_and(crate::error::Error::is_fatal) {
            self.leave();
        }
    }

    /// Whether the server was silent about an earlier statement, not about this one.
    pub(super) fn waited_in_vain(&self) -> bool {
        self.connection.answers() < self.turn
    }

    /// Nobody gets this connection any more.
    pub(super) fn leave(&self) {
        self.connection.retire();
        let mut slots = self.shared.lock();
        if let Some(slot) = slots.get_mut(self.number)
            && let State::Open(connection) = &slot.state
            && Arc::ptr_eq(connection, &self.connection)
        {
            slot.state = State::Empty;
            drop(slots);
            // It was closed for its silence. All who shared it know: nobody is left whose statement this could end.
            if let Some((cancel, runtime)) =
                self.connection.cancel().zip(Handle::try_current().ok())
                && self.connection.ending().is_some()
            {
                runtime.spawn(async move { cancel.send().await });
            }
        }
    }
}

impl Drop for Seat<'_> {
    fn drop(&mut self) {
        let number = self.number;
        if self.read {
            return self.shared.give_back(number, Instant::now());
        }
        let Ok(runtime) = Handle::try_current() else {
            self.leave();
            return self.shared.give_back(number, Instant::now());
        };
        let (shared, connection) = (Arc::clone(self.shared), Arc::clone(&self.connection));
        runtime.spawn(async move {
            connection.read_past().await;
            shared.give_back(number, Instant::now());
        });
    }
}
