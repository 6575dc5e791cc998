//! What sessions take.

use crate::library::{NewAuthor, NewBook, Person, new_person};
use crate::operations::Table;
use ormcore::{Error, Result};

impl Table {
    pub(crate) async fn sessions(&mut self) -> Result<()> {
        self.row("session, nothing changed", |db| async move {
            let mut s = db.session();
            let first = s.get::<Person>(1).await?;
            let again = s.get::<Person>(1).await?;
            assert_eq!(first, again);
            s.commit().await
        })
        .await?;
        self.row("session, one row added", |db| async move {
            let mut s = db.session();
            s.add(new_person());
            s.commit().await
        })
        .await?;
        // The key of the one comes back before the others are sent, and nothing else is asked for.
        self.row("session, a row and two that refer to it", |db| async move {
            let mut s = db.session();
            let name = "Ada".into();
            let author = s.add(NewAuthor { name });
            let author_id = s.key(author);
            s.add_all([NewBook { author_id }, NewBook { author_id }]);
            s.commit().await
        })
        .await?;
        self.row("session, 1 000 rows added", |db| async move {
            let mut s = db.session();
            s.add_all((0..1_000).map(|_| new_person()));
            s.commit().await
        })
        .await?;
        self.row("session, 1 000 rows read and changed", |db| async move {
            let mut s = db.session();
            let people = s.all(Person::find().limit(1_000)).await?;
            assert_eq!(people.len(), 1_000);
            for person in people {
                let age = s[person].age;
                s[person].age = Some(age.map_or(0, |age| (age + 1) % 90));
            }
            assert_eq!(s.commit().await?.dirty, 1_000);
            Ok::<_, Error>(())
        })
        .await?;
        self.row("session, one row each way", |db| async move {
            let mut s = db.session();
            let added = s.add(new_person());
            s.flush().await?;
            let people = s
                .all(Person::find().order_by(Person::ID.desc()).limit(2))
                .await?;
            s[people[0]].active ^= true;
            s.remove(people[1]);
            s.add(new_person());
            s.commit().await?;
            assert_eq!(people[0], added);
            Ok::<_, Error>(())
        })
        .await
    }
}
