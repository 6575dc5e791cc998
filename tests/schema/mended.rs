//! A database that was changed behind the entities' back, and is mended by what is written for it.

use crate::fresh::Fresh;
use crate::library::{all, library};
use ormcore::schema::{self, Changes, Difference, DifferenceKind, Table};
use ormcore::{Db, ErrorKind, sql};

/// The library after this SQL, how it differs, and what was written and run to mend it.
pub(crate) struct Mended {
    pub fresh: Fresh,
    pub differences: Vec<Difference>,
    pub changes: Changes,
}

/// Changes the library, and mends it.
pub(crate) async fn mended(set_up: &'static str) -> Mended {
    let fresh = library().await;
    sql(set_up).batch(&fresh.db).await.expect("set-up");
    mend(fresh, all()).await
}

/// Mends a database for these entities. Afterwards nothing differs.
pub(crate) async fn mend<const N: usize>(fresh: Fresh, tables: [&'static Table; N]) -> Mended {
    let differences = schema::differences(&fresh.db, tables)
        .await
        .expect("differences");
    let error = schema::verify(&fresh.db, tables)
        .await
        .expect_err("a difference");
    assert_eq!(error.kind(), ErrorKind::SchemaMismatch);
    for difference in &differences {
        let (error, text) = (error.to_string(), format!("\n- {difference}\n"));
        assert!(error.contains(&text), "{text} is not in {error}");
    }
    let changes = schema::diff(&fresh.db, tables).await.expect("changes");
    assert!(!changes.is_empty());
    run(&fresh, &changes).await;
    fits(&fresh, tables).await;
    Mended {
        fresh,
        differences,
        changes,
    }
}

/// Runs the text as somebody would who pastes it.
pub(crate) async fn run(fresh: &Fresh, changes: &Changes) {
    let text = changes.to_string();
    let ran = sql(text.clone()).batch(&fresh.db).await;
    ran.unwrap_or_else(|error| panic!("{error}\n{text}"));
}

/// Nothing differs, and nothing has to be done.
pub(crate) async fn fits<const N: usize>(fresh: &Fresh, tables: [&'static Table; N]) {
    // Another pool: nothing that was prepared before is used.
    let db = Db::connect(fresh.database.url())
        .await
        .expect("a connection");
    let differences = schema::differences(&db, tables).await.expect("differences");
    assert_eq!(differences, []);
    schema::verify(&db, tables).await.expect("no difference");
    let changes = schema::diff(&db, tables).await.expect("changes");
    assert!(changes.is_empty(), "{changes}");
}

impl Mended {
    /// The only difference is this one.
    pub(crate) fn was(&self, kind: DifferenceKind, text: &str) -> &Self {
        let found: Vec<_> = self
            .differences
            .iter()
            .map(|one| (one.kind, one.to_string()))
            .collect();
        assert_eq!(found, [(kind, text.to_owned())]);
        self
    }

    /// This was written to mend it.
    pub(crate) fn by(&self, text: &str) -> &Self {
        assert_eq!(self.changes.to_string(), text);
        self
    }
}
