//! What ormcore promises, on a real PostgreSQL and through a real exporter.

mod arrays;
mod awkward_values;
mod blog;
mod dice;
mod eager;
mod expressions;
mod filters;
mod find;
mod fresh;
mod graphs;
mod identifiers;
mod keys;
mod locks;
mod logic;
mod one_by_one;
mod own_types;
mod raw;
mod related;
mod relations;
mod schema;
mod selections;
mod shapes;
mod statements;
mod values;
mod windows;
mod writes;
