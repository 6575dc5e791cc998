//! What ormcore promises, on a real PostgreSQL and through a real exporter.

mod arrays;
mod awkward_values;
mod blog;
mod dice;
mod eager;
mod filters;
mod find;
mod fresh;
mod graphs;
mod identifiers;
mod keys;
mod logic;
mod one_by_one;
mod own_types;
mod raw;
mod relations;
mod schema;
mod shapes;
mod statements;
mod values;
mod writes;
