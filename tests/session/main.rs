//! What a session promises, on a real PostgreSQL.

#[path = "../database/fresh.rs"]
#[allow(dead_code, reason = "other tests use what these do not")]
mod fresh;

#[path = "../database/chance.rs"]
#[allow(dead_code, reason = "other tests use what these do not")]
mod chance;

mod agreement;
mod ahead;
mod blame;
mod conflicts;
mod decodes;
mod dropped;
mod faults;
mod flushes;
mod hooks;
mod hooks_again;
mod hooks_change;
mod identity;
mod keys;
mod kinds;
mod leaving;
mod links;
mod model;
mod nested;
mod orders;
mod parts;
mod promised;
mod random;
mod relations;
mod replaced;
mod shelves;
mod shop;
mod stack;
mod taken;
mod trial;
mod turns;
mod undone;
mod validation;
mod values;
