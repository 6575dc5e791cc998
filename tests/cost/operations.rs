//! Every operation, and the round trips it took.

use crate::library::{Author, Book, Chapter, Person, library, new_person};
use crate::lockstep::Lockstep;
use ormcore::{Config, Db, Find, Isolation, Result, sql};
use std::fmt::Write as _;
use std::sync::Arc;

pub(crate) struct Table {
    lockstep: Arc<Lockstep>,
    proxied: String,
    text: String,
}

impl Table {
    /// One line for each operation: the first time on a connection, and from then on.
    pub(crate) async fn of_operations(lockstep: &Arc<Lockstep>) -> String {
        let database = library();
        let (proxied, port) = lockstep.before(database.url());
        // What only prepares a case is not counted.
        let aside = Db::connect(database.url()).await.expect("a connection");
        let mut table = Self {
            lockstep: Arc::clone(lockstep),
            proxied,
            text: format!("\n{:<41}{:>4}  {:>4}\n", "", "cold", "warm"),
        };
        table.fill(aside).await.expect("each operation");
        lockstep.close(port);
        table.text
    }

    /// One line for each operation on the first connection of a `Db` and on the next.
    pub(crate) async fn of_connections(lockstep: &Arc<Lockstep>) -> String {
        let database = library();
        let (proxied, port) = lockstep.before(database.url());
        let mut table = Self {
            lockstep: Arc::clone(lockstep),
            proxied,
            text: format!("\n{:<40}{:>5}  {:>4}  {:>4}\n", "", "first", "next", "then"),
        };
        table.next_connection().await.expect("each operation");
        lockstep.close(port);
        table.text
    }

    async fn fill(&mut self, aside: Db) -> Result<()> {
        self.questions().await?;
        self.writes().await?;
        self.relations(aside).await?;
        self.raw().await?;
        self.transactions().await?;
        self.sessions().await
    }

    async fn questions(&mut self) -> Result<()> {
        self.row("get", |db| async move { Person::get(1).one(&db).await })
            .await?;
        self.row("find", |db| async move {
            let adults = Person::find().filter(Person::AGE.ge(18)).limit(10);
            adults.all(&db).await
        })
        .await?;
        self.row("count", |db| async move { Person::find().count(&db).await })
            .await?;
        self.row(
            "exists",
            |db| async move { Person::find().exists(&db).await },
        )
        .await
    }

    async fn writes(&mut self) -> Result<()> {
        self.row("insert one", |db| async move {
            Person::insert(new_person()).one(&db).await
        })
        .await?;
        self.row("insert one, not returning it", |db| async move {
            Person::insert(new_person()).execute(&db).await
        })
        .await?;
        let many = || (0..100).map(|_| new_person()).collect();
        self.row("insert 100", move |db| async move {
            Person::insert_many(many()).execute(&db).await
        })
        .await?;
        self.row("insert 100, returning them", move |db| async move {
            Person::insert_many(many()).all(&db).await
        })
        .await?;
        self.row("copy 100", |db| async move {
            let rows = (0..100).map(|_| new_person());
            Person::copy_in(rows).execute(&db).await
        })
        .await?;
        self.row("update", |db| async move {
            Person::update(1).set(Person::AGE, 37).execute(&db).await
        })
        .await?;
        self.row("update, returning it", |db| async move {
            Person::update(1).set(Person::AGE, 38).one(&db).await
        })
        .await?;
        self.row("delete", |db| async move {
            let nobody = Person::delete().filter(Person::AGE.lt(0));
            nobody.execute(&db).await
        })
        .await
    }

    async fn relations(&mut self, aside: Db) -> Result<()> {
        self.row("joined", |db| async move {
            Book::find().with(Book::AUTHOR.joined()).all(&db).await
        })
        .await?;
        self.row("select-in, one level", |db| async move {
            Author::find().with(Author::BOOKS).all(&db).await
        })
        .await?;
        self.row("select-in, two levels", |db| async move {
            let books = Author::BOOKS.with(Book::CHAPTERS);
            Author::find().with(books).all(&db).await
        })
        .await?;
        self.row("select-in, three levels", |db| async move {
            let books = Author::BOOKS.with(Book::CHAPTERS.with(Chapter::NOTES));
            Author::find().with(books).all(&db).await
        })
        .await?;
        self.siblings().await?;
        let one = aside.clone();
        self.row("lazy load, to one", move |db| {
            let aside = one.clone();
            async move {
                let book = Book::get(1).one(&aside).await?;
                book.author.load(&db).await.map(|author| author.id)
            }
        })
        .await?;
        self.row("lazy load, to many", move |db| {
            let aside = aside.clone();
            async move {
                let author = Author::get(1).one(&aside).await?;
                author.books.load(&db).await.map(<[Book]>::len)
            }
        })
        .await
    }

    async fn siblings(&mut self) -> Result<()> {
        self.row("select-in, two relations", |db| async move {
            let books = Book::find().with(Book::AUTHOR).with(Book::CHAPTERS);
            books.all(&db).await
        })
        .await?;
        self.row("select-in, three relations", |db| async move {
            everything().all(&db).await
        })
        .await?;
        self.row("select-in, relations on two levels", |db| async move {
            let chapters = Book::CHAPTERS.with(Chapter::NOTES);
            let authors = Book::AUTHOR.with(Author::BOOKS);
            let books = Book::find().with(authors).with(chapters).with(Book::LOANS);
            books.all(&db).await
        })
        .await?;
        self.row("joined, with relations of its own", |db| async move {
            let authors = Book::AUTHOR.with(Author::BOOKS).joined();
            let books = Book::find().with(authors).with(Book::CHAPTERS);
            books.all(&db).await
        })
        .await
    }

    async fn raw(&mut self) -> Result<()> {
        self.row("raw sql", |db| async move {
            let ada = sql("SELECT * FROM people WHERE id = $1").bind(1_i64);
            ada.one::<Person>(&db).await
        })
        .await?;
        self.row("raw batch", |db| async move {
            sql("SELECT 1; SELECT 2").batch(&db).await
        })
        .await
    }

    async fn transactions(&mut self) -> Result<()> {
        self.row("transaction, empty", |db| async move {
            db.begin().await?.commit().await
        })
        .await?;
        self.row("transaction, one read", |db| async move {
            let tx = db.begin().await?;
            Person::get(1).one(&tx).await?;
            tx.commit().await
        })
        .await?;
        self.row("transaction, one write", |db| async move {
            let tx = db.begin().await?;
            write(&tx).await?;
            tx.commit().await
        })
        .await?;
        self.row("transaction, one write, traceable", |db| async move {
            let begin = db.begin().isolation(Isolation::Serializable);
            let tx = begin.lock_timeout(None).traceable().await?;
            write(&tx).await?;
            assert!(tx.id().is_some());
            tx.commit().await
        })
        .await?;
        self.row("transaction, one write, retried", |db| async move {
            let retried = db.begin().retry(1);
            retried.run(async |tx| write(tx).await).await
        })
        .await?;
        self.row("transaction, three writes", |db| async move {
            let tx = db.begin().await?;
            for _ in 0..3 {
                write(&tx).await?;
            }
            tx.commit().await
        })
        .await?;
        self.row("transaction, one write, rolled back", |db| async move {
            let tx = db.begin().await?;
            write(&tx).await?;
            tx.rollback().await
        })
        .await?;
        self.row(
            "transaction, write, savepoint with write",
            |db| async move {
                let mut tx = db.begin().await?;
                write(&tx).await?;
                let savepoint = tx.savepoint().await?;
                write(&savepoint).await?;
                savepoint.release().await?;
                tx.commit().await
            },
        )
        .await?;
        self.row("transaction, savepoint rolled back", |db| async move {
            let mut tx = db.begin().await?;
            write(&tx).await?;
            let savepoint = tx.savepoint().await?;
            write(&savepoint).await?;
            savepoint.rollback().await?;
            tx.commit().await
        })
        .await?;
        self.row("transaction, three relations", |db| async move {
            let tx = db.begin().await?;
            everything().all(&tx).await?;
            tx.commit().await
        })
        .await
    }

    async fn next_connection(&mut self) -> Result<()> {
        self.next("get", |db| async move { Person::get(1).one(&db).await })
            .await?;
        self.next("find", |db| async move {
            let adults = Person::find().filter(Person::AGE.ge(18)).limit(10);
            adults.all(&db).await
        })
        .await?;
        self.next("count", |db| async move { Person::find().count(&db).await })
            .await?;
        self.next("select-in, one level", |db| async move {
            Author::find().with(Author::BOOKS).all(&db).await
        })
        .await?;
        self.next("update", |db| async move { write(&db).await })
            .await?;
        self.next("delete", |db| async move {
            let nobody = Person::delete().filter(Person::AGE.lt(0));
            nobody.execute(&db).await
        })
        .await?;
        self.next("insert one, not returning it", |db| async move {
            Person::insert(new_person()).execute(&db).await
        })
        .await?;
        self.next("insert one", |db| async move {
            Person::insert(new_person()).one(&db).await
        })
        .await?;
        self.next("raw sql", |db| async move {
            let ada = sql("SELECT * FROM people WHERE id = $1").bind(1_i64);
            ada.one::<Person>(&db).await
        })
        .await?;
        self.next("transaction, one read", |db| async move {
            let tx = db.begin().await?;
            Person::get(1).one(&tx).await?;
            tx.commit().await
        })
        .await
    }

    /// Does it on a first connection, and twice on a second one.
    async fn next<F, T>(&mut self, name: &str, operation: impl Fn(Db) -> F) -> Result<()>
    where
        F: Future<Output = Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let db = Config::new(&self.proxied)?.pool_size(2).connect().await?;
        let mut turns = [0; 3];
        let mut first = None;
        for (number, turns) in turns.iter_mut().enumerate() {
            if number == 1 {
                // Nothing is sent: it only takes the connection away.
                first = Some(db.begin().await?);
            }
            self.lockstep.turns();
            let done = tokio::spawn(operation(db.clone()));
            done.await.expect("no panic")?;
            *turns = self.lockstep.turns();
        }
        drop(first);
        let [first, next, then] = turns;
        let _ = writeln!(self.text, "{name:<40}{first:>5}  {next:>4}  {then:>4}");
        Ok(())
    }

    /// Does it on a new connection, and again on the same.
    pub(crate) async fn row<F, T>(&mut self, name: &str, operation: impl Fn(Db) -> F) -> Result<()>
    where
        F: Future<Output = Result<T>> + Send + 'static,
        T: Send + 'static,
    {
        let db = Config::new(&self.proxied)?.pool_size(1).connect().await?;
        self.lockstep.turns();
        let mut turns = [0; 3];
        for turns in &mut turns {
            let done = tokio::spawn(operation(db.clone()));
            done.await.expect("no panic")?;
            *turns = self.lockstep.turns();
        }
        let [cold, warm, third] = turns;
        assert_eq!(warm, third, "{name} does not settle");
        let _ = writeln!(self.text, "{name:<41}{cold:>4}  {warm:>4}");
        Ok(())
    }
}

/// Books with all that is theirs.
fn everything() -> Find<Book> {
    let books = Book::find().with(Book::AUTHOR).with(Book::CHAPTERS);
    books.with(Book::LOANS)
}

async fn write(executor: &impl ormcore::Executor) -> Result<u64> {
    let update = Person::update(1).set(Person::AGE, 40);
    update.execute(executor).await
}
