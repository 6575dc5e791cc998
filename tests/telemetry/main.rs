//! What ormcore tells OpenTelemetry, through the real SDK and from a real PostgreSQL.

#[path = "../database/blog.rs"]
#[allow(dead_code, reason = "other tests use what these do not")]
mod blog;
#[path = "../database/fresh.rs"]
#[allow(dead_code, reason = "`blog` mentions it")]
mod fresh;

mod alone;
mod conventions;
mod events;
mod measured;
mod observed;
mod registry;
mod tree_text;
mod wire_tap;

mod attributes;
mod conformance;
mod copies;
mod failures;
mod listeners;
mod log_events;
mod metrics;
mod n_plus_one;
mod pool_metrics;
mod privacy;
mod providers;
mod retries;
mod sampling;
mod statements_sent;
mod switches;
mod trees;
mod trees_of_migrations;
mod trees_of_refused_sessions;
mod trees_of_relations;
mod trees_of_requests;
mod trees_of_sessions;
mod trees_of_whole_sessions;
mod writes;
