//! What operations cost where machines do not differ: in round trips and in allocations.

mod allocations;
#[expect(
    dead_code,
    reason = "an entity has its table's columns, whoever reads them"
)]
mod library;
mod lockstep;
mod multiplexed;
mod operations;
mod round_trips;
mod sessions;
