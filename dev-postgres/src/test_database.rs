//! A database for one test.

use crate::{Cluster, Error};

/// A database nobody else uses. Dropping the value drops the database, without waiting for it.
#[derive(Debug)]
pub struct TestDatabase {
    cluster: Cluster,
    name: String,
    url: String,
}

impl TestDatabase {
    /// An empty one on [`Cluster::shared`]. Waits some milliseconds, which is harmless in an async test.
    pub fn create() -> Result<TestDatabase, Error> {
        Cluster::shared()?.database()
    }

    pub(crate) fn new(cluster: Cluster, name: String, url: String) -> TestDatabase {
        TestDatabase { cluster, name, url }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name on the server.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        self.cluster.drop_database(&self.name);
    }
}
