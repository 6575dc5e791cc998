//! The statements one connection has prepared: bounded, and addressed by plan, so that nothing is hashed or compared.

use super::columns::{check_each, check_types, positions};
use super::plan::{Plan, Reads};
use crate::error::Result;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;
use tokio_postgres::Statement;

/// A prepared statement, and where its result's columns are.
#[derive(Clone)]
pub(super) struct Prepared {
    pub(super) statement: Statement,
    pub(super) positions: Option<Arc<[usize]>>,
}

impl Prepared {
    /// # Errors
    /// When the result cannot be read as the plan expects.
    pub(super) fn new(statement: Statement, plan: &Plan) -> Result<Self> {
        let positions = match &plan.reads {
            Reads::Table(table) => {
                check_types(table, &mut statement.columns().iter())?;
                None
            }
            Reads::Tables(tables) => {
                let mut columns = statement.columns().iter();
                for table in tables {
                    check_types(table, columns.by_ref())?;
                }
                None
            }
            Reads::ByName(table) => {
                let positions = positions(table, statement.columns())?;
                check_types(
                    table,
                    positions
                        .iter()
                        .filter_map(|position| statement.columns().get(*position)),
                )?;
                Some(Arc::from(positions))
            }
            Reads::Each(readers) => {
                check_each(readers, statement.columns())?;
                None
            }
            Reads::Other => None,
        };
        Ok(Self {
            statement,
            positions,
        })
    }
}

/// Prepared statements by plan; the least recently used one makes room.
pub(super) struct Statements {
    slots: ByNumber<u32, Slot>,
    bound: usize,
    clock: u64,
}

struct Slot {
    prepared: Prepared,
    used: u64,
}

impl Statements {
    pub(super) fn new(bound: usize) -> Self {
        Self {
            slots: ByNumber::default(),
            bound,
            clock: 0,
        }
    }

    pub(super) fn keeps_any(&self) -> bool {
        self.bound > 0
    }

    pub(super) fn get(&mut self, plan: u32) -> Option<Prepared> {
        let slot = self.slots.get_mut(&plan)?;
        self.clock += 1;
        slot.used = self.clock;
        Some(slot.prepared.clone())
    }

    /// Keeps a statement, and says how many had to make room. Dropping one closes it on the server.
    pub(super) fn insert(&mut self, plan: u32, prepared: Prepared) -> u64 {
        if self.bound == 0 {
            return 0;
        }
        let mut evicted = 0;
        while self.slots.len() >= self.bound {
            let Some(oldest) = self
                .slots
                .iter()
                .min_by_key(|(_, slot)| slot.used)
                .map(|(plan, _)| *plan)
            else {
                break;
            };
            self.slots.remove(&oldest);
            evicted += 1;
        }
        self.clock += 1;
        self.slots.insert(
            plan,
            Slot {
                prepared,
                used: self.clock,
            },
        );
        evicted
    }

    pub(super) fn remove(&mut self, plan: u32) {
        self.slots.remove(&plan);
    }
}

/// A map by numbers of our own making.
pub(super) type ByNumber<N, T> = HashMap<N, T, BuildHasherDefault<NumberHasher>>;

/// For numbers of our own making, which nobody else can choose to collide: plans' numbers and the hashes of shapes.
#[derive(Default)]
pub(super) struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 << 8 | u64::from(*byte));
        }
    }

    fn write_u32(&mut self, number: u32) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        // The table looks at the upper bits and at the lower ones: both must differ.
        self.0 = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }
}
