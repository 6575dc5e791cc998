//! What ormcore promises, on a real PostgreSQL and through a real exporter.

mod blog;
mod find;
