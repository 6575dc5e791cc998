//! Counts what happens on the thread of a runtime that has no other.

use crate::library::library;
use allocation_counter::{AllocationInfo, measure};
use dev_postgres::TestDatabase;
use ormcore::{Config, Db};
use std::fmt::Debug;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls, Statement};

pub(crate) struct Counter {
    pub(crate) db: Db,
    runtime: Runtime,
    database: TestDatabase,
}

impl Counter {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let database = library();
        let config = Config::new(database.url()).expect("a URL").pool_size(1);
        let db = runtime.block_on(config.connect()).expect("a connection");
        Self {
            db,
            runtime,
            database,
        }
    }

    pub(crate) fn bare(&self, text: &str) -> (Client, Statement) {
        self.runtime.block_on(async {
            let (client, connection) = tokio_postgres::connect(self.database.url(), NoTls)
                .await
                .expect("a connection");
            tokio::spawn(connection);
            let statement = client.prepare(text).await.expect("a statement");
            (client, statement)
        })
    }

    /// Does it so often.
    pub(crate) fn run<T, E: Debug>(
        &self,
        times: u64,
        operation: impl AsyncFn(u64) -> Result<T, E>,
    ) {
        self.runtime.block_on(async {
            for number in 0..times {
                operation(number).await.expect("no failure");
            }
        });
    }

    /// What so many take together, after as many to warm up.
    pub(crate) fn count<T, E: Debug>(
        &self,
        times: u64,
        operation: impl AsyncFn(u64) -> Result<T, E>,
    ) -> AllocationInfo {
        self.run(times, &operation);
        measure(|| self.run(times, &operation))
    }
}

/// How many allocations one of so many took.
pub(crate) fn each(count: u64, times: u64) -> f64 {
    count as f64 / times as f64
}
