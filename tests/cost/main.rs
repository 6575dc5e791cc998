//! What operations cost where machines do not differ: in round trips and in allocations.

mod allocations;
mod library;
mod lockstep;
mod multiplexed;
mod operations;
mod round_trips;
mod sessions;
