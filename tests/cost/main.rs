//! What operations cost where machines do not differ: in round trips and in allocations.

mod allocations;
mod counter;
mod library;
mod lockstep;
mod multiplexed;
mod operations;
mod round_trips;
mod session_allocations;
mod sessions;
