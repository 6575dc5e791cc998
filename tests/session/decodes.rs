//! A row that is known is not read again: it is found by its key before anything of it is decoded.

use crate::fresh::Fresh;
use crate::shelves::{Author, Book, Tag, book, counted, decoded, known, shelves};
use crate::shop::until_somebody_waits;
use futures_util::future::{Either, join, select};
use ormcore::{ErrorKind, Isolation, RowState, Session, Transaction};
use std::pin::pin;

#[tokio::test]
async fn rows_that_come_along_are_found_before_they_are_read_at_any_depth() {
    let (fresh, mut s) = shelves().await;
    let (authors, books, tags) = known(&mut s).await;
    let of_books = || Author::BOOKS.order_by(Book::ID);
    let books_of_tag = || Tag::BOOKS.order_by(Book::ID);
    let of_tags = || Book::TAGS.order_by(Tag::ID);
    let deep = || Author::find().order_by(Author::ID);
    let questions = [
        (deep().with(of_books().with(of_tags())), 3),
        // Each tag comes once for each of its books, and so does what belongs to it.
        (
            deep().with(of_books().with(of_tags().with(books_of_tag()))),
            4,
        ),
        (
            deep().with(
                of_books()
                    .with(of_tags().with(books_of_tag().joined()))
                    .joined(),
            ),
            2,
        ),
        (deep().with(of_books().with(of_tags().joined()).joined()), 1),
        (
            deep().with(of_books().with(of_tags().lateral()).lateral()),
            1,
        ),
        (deep().with(of_books().with(of_tags().joined())), 2),
        (deep().with(of_books().with(of_tags()).joined()), 2),
        (deep().with(of_books().limit(3).with(of_tags())), 3),
        (
            deep().with(of_books().with(of_tags().limit(2)).limit(3).joined()),
            2,
        ),
    ];
    for (number, (question, statements)) in questions.into_iter().enumerate() {
        fresh.statements();
        let question = question.with(Author::LIFE.joined());
        assert_eq!(s.all(question).await.unwrap(), authors, "{number}");
        assert_eq!(decoded(), 0, "{number}");
        assert_eq!(fresh.statements().len(), statements, "{number}");
        assert_eq!(s.related(authors[1], Author::BOOKS).unwrap(), &books[3..]);
        for book in &books {
            assert_eq!(s.related(*book, Book::TAGS).unwrap(), tags, "{number}");
        }
        let life = s.related(authors[0], Author::LIFE).unwrap().unwrap();
        assert_eq!(s[life].author_id, s[authors[0]].id);
    }
    for tag in &tags {
        assert_eq!(s.related(*tag, Tag::BOOKS).unwrap(), books);
    }
    for with_author in [
        Book::AUTHOR.with(Author::LIFE),
        Book::AUTHOR.with(Author::LIFE).joined(),
    ] {
        let question = Book::find().order_by(Book::ID).with(with_author);
        assert_eq!(s.all(question).await.unwrap(), books);
        assert_eq!(decoded(), 0);
        assert_eq!(s.related(books[5], Book::AUTHOR).unwrap(), Some(authors[1]));
    }
}

#[tokio::test]
async fn where_a_key_leads_is_not_asked_along_with_its_row_if_it_is_known() {
    let (fresh, mut s) = shelves().await;
    let ada = s.get::<Author>(1).await.unwrap();
    fresh.statements();
    let question = || Book::find().order_by(Book::ID).with(Book::AUTHOR);
    let books = s.all(question()).await.unwrap();
    // Bob was not known yet.
    let sent = fresh.statements();
    assert_eq!(sent.len(), 2);
    assert_eq!(decoded(), 1 + 6 + 1);
    assert_eq!(s.related(books[0], Book::AUTHOR).unwrap(), Some(ada));
    assert_eq!(s.all(question()).await.unwrap(), books);
    assert_eq!(fresh.statements().len(), 1);
    // One that has expired is read again, and so is what has a condition.
    s.expire(ada).unwrap();
    s.all(question()).await.unwrap();
    assert_eq!((decoded(), fresh.statements().len()), (1, 2));
    let with_bob = Book::AUTHOR.filter(Author::ID.eq(2));
    s.all(Book::find().with(with_bob)).await.unwrap();
    assert_eq!((decoded(), fresh.statements().len()), (0, 2));
}

#[tokio::test]
async fn of_an_answer_only_what_is_new_is_read_and_each_row_once() {
    let (fresh, mut s) = shelves().await;
    let question = || Author::find().order_by(Author::ID);
    let with_all = || question().with(Author::BOOKS.order_by(Book::ID).with(Book::TAGS));
    // Two authors, six books, and two tags that came with each of them.
    let authors = s.all(with_all()).await.unwrap();
    assert_eq!(decoded(), 10);
    let added = Book::insert(book(2, 400)).one(&fresh.db).await.unwrap();
    assert_eq!(decoded(), 1);
    assert_eq!(s.all(with_all()).await.unwrap(), authors);
    assert_eq!(decoded(), 1);
    let books = s.related(authors[1], Author::BOOKS).unwrap().to_vec();
    assert_eq!(s[books[3]].id, added.id);
    assert_eq!(s.related(books[3], Book::TAGS).unwrap(), []);
    // What has expired is read again, and nothing else.
    s.expire(books[3]).unwrap();
    s.all(with_all()).await.unwrap();
    assert_eq!(decoded(), 1);
    assert_eq!(s.state(books[3]).unwrap(), RowState::Clean);
    s.expire(authors[0]).unwrap();
    s.all(question().with(Author::BOOKS.joined()))
        .await
        .unwrap();
    assert_eq!(decoded(), 1);
}

#[tokio::test]
async fn a_load_takes_wishes_and_reads_only_what_is_new() {
    let (fresh, mut s) = shelves().await;
    let (authors, books, tags) = known(&mut s).await;
    fresh.statements();
    let longest = Author::BOOKS
        .filter(Book::PAGES.gt(100))
        .order_by(Book::PAGES.desc())
        .limit(1)
        .with(Book::TAGS.order_by(Tag::ID.desc()));
    s.load(authors[0], longest).await.unwrap();
    assert_eq!((decoded(), fresh.statements().len()), (0, 2));
    // For those that came together, all at once.
    for (author, longest) in authors.iter().zip([books[2], books[5]]) {
        assert_eq!(s.related(*author, Author::BOOKS).unwrap(), [longest]);
        assert_eq!(s.related(longest, Book::TAGS).unwrap(), [tags[1], tags[0]]);
    }
    assert!(s.related(books[0], Book::TAGS).is_err());
    // Some of the rows are not all of them.
    s.load(authors[1], Author::BOOKS).await.unwrap();
    assert_eq!((decoded(), fresh.statements().len()), (0, 1));
    assert_eq!(s.related(authors[0], Author::BOOKS).unwrap().len(), 3);
    s.load(authors[0], Author::BOOKS).await.unwrap();
    assert_eq!(fresh.statements(), [""; 0]);
    // What is joined stands apart here, and what is joined to that does not.
    let joined = Author::BOOKS.with(Book::TAGS.joined()).joined();
    s.load(authors[0], joined).await.unwrap();
    assert_eq!((decoded(), fresh.statements().len()), (0, 1));
    s.load(books[4], Book::AUTHOR.with(Author::LIFE))
        .await
        .unwrap();
    assert_eq!((decoded(), fresh.statements().len()), (0, 2));
    let added = Book::insert(book(1, 500)).one(&fresh.db).await.unwrap();
    decoded();
    s.load(authors[0], Author::BOOKS.order_by(Book::ID.desc()))
        .await
        .unwrap();
    assert_eq!(decoded(), 1);
    let newest = s.related(authors[0], Author::BOOKS).unwrap()[0];
    assert_eq!(s[newest].id, added.id);
}

#[tokio::test]
async fn what_was_changed_or_removed_here_stays_so_when_it_comes_along() {
    let (fresh, s) = shelves().await;
    let mut s = s.autoflush(false);
    let (authors, books, _) = known(&mut s).await;
    s[books[0]].title = counted("changed");
    s.remove(books[1]);
    s.remove(authors[1]);
    for joined in [false, true] {
        let books_of = Author::BOOKS.order_by(Book::ID);
        let books_of = if joined { books_of.joined() } else { books_of };
        let question = Author::find().order_by(Author::ID).with(books_of);
        assert_eq!(s.all(question).await.unwrap(), [authors[0]]);
        let found = s.related(authors[0], Author::BOOKS).unwrap();
        assert_eq!(found, [books[0], books[2]]);
    }
    assert_eq!(s[books[0]].title, counted("changed"));
    assert_eq!(
        s.changes().to_string(),
        "delete 1 from authors\nupdate 1 of books: title\ndelete 1 from books"
    );
    // A row that is locked is as it is now, unless it was changed here.
    let update = "UPDATE books SET title = 'elsewhere', pages = 1";
    ormcore::sql(update).execute(&fresh.db).await.unwrap();
    let locked = Book::find().order_by(Book::ID).with(Book::AUTHOR.joined());
    let locked = s.all(locked.for_update()).await.unwrap();
    assert_eq!(locked.len(), 5);
    assert_eq!((&*s[books[0]].title.0, s[books[0]].pages), ("changed", 100));
    assert_eq!((&*s[books[2]].title.0, s[books[2]].pages), ("elsewhere", 1));
}

#[tokio::test]
async fn a_question_that_is_dropped_half_way_loses_nothing() {
    let (fresh, mut s) = shelves().await;
    let question = || Author::find().order_by(Author::ID).with(Author::BOOKS);
    let known = s.get::<Author>(1).await.unwrap();
    s[known].name = counted("changed");
    s.add(book(1, 400));
    s.flush().await.unwrap();
    decoded();
    let holder = fresh.db.begin().await.unwrap();
    let lock = ormcore::sql("LOCK TABLE book_tags").execute(&holder);
    lock.await.unwrap();
    {
        let with_tags = Author::find().with(Author::BOOKS.with(Book::TAGS));
        let waits = pin!(s.all(with_tags));
        let Either::Right(((), _)) = select(waits, pin!(until_somebody_waits(&fresh.db))).await
        else {
            panic!("it does not wait");
        };
    }
    // All but an author and a book were new, and nothing of it is kept.
    assert_eq!(decoded(), 1 + 6);
    holder.rollback().await.unwrap();
    assert!(s.related(known, Author::BOOKS).is_err());
    s.add(book(1, 500));
    let authors = s.all(question()).await.unwrap();
    assert_eq!(decoded(), 1 + 1 + 6);
    assert_eq!(authors[0], known);
    assert_eq!(s[known].name, counted("changed"));
    assert_eq!(s.related(known, Author::BOOKS).unwrap().len(), 5);
    s.commit().await.unwrap();
    assert_eq!(Book::find().count(&fresh.db).await.unwrap(), 8);
}

/// A session that has written a book, and whose question for all of them was dropped while somebody had locked them.
async fn spoilt(fresh: &Fresh, s: &mut Session) -> Transaction {
    s.add(book(1, 400));
    s.flush().await.expect("a flush");
    let holder = fresh.db.begin().await.expect("a transaction");
    let lock = ormcore::sql("LOCK TABLE tags").execute(&holder);
    lock.await.expect("a lock");
    let waits = pin!(s.all(Tag::find()));
    let Either::Right(((), _)) = select(waits, pin!(until_somebody_waits(&fresh.db))).await else {
        panic!("it does not wait");
    };
    holder
}

#[tokio::test]
async fn a_commit_waits_for_a_question_that_was_dropped() {
    let (fresh, mut s) = shelves().await;
    let holder = spoilt(&fresh, &mut s).await;
    fresh.statements();
    let (committed, released) = join(s.commit(), holder.rollback()).await;
    released.unwrap();
    committed.unwrap();
    assert_eq!(fresh.statements(), [""; 0]);
    assert_eq!(Book::find().count(&fresh.db).await.unwrap(), 7);
}

#[tokio::test]
async fn where_a_question_that_was_dropped_has_failed_the_commit_says_what_to_do() {
    let stop = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let (fresh, mut s) = shelves().await;
    let holder = spoilt(&fresh, &mut s).await;
    ormcore::sql(stop).execute(&fresh.db).await.unwrap();
    let refused = s.commit().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::TransactionAborted);
    assert!(
        refused
            .to_string()
            .contains("has all of it still: commit again"),
        "{refused}"
    );
    assert_eq!(s.commit().await.unwrap().pending, 1);
    holder.rollback().await.unwrap();
    assert_eq!(Book::find().count(&fresh.db).await.unwrap(), 7);
}

/// What was done directly may have been meant to be given up: nobody but its caller knows.
#[tokio::test]
async fn where_the_transaction_was_lent_a_dropped_question_ends_it() {
    let (fresh, mut s) = shelves().await;
    let tx = s.executor().await.unwrap();
    let update = ormcore::sql("UPDATE books SET pages = 1");
    update.execute(tx).await.unwrap();
    let holder = spoilt(&fresh, &mut s).await;
    holder.rollback().await.unwrap();
    for _ in 0..2 {
        let refused = s.commit().await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::TransactionAborted);
        assert!(refused.to_string().contains("call `rollback`"), "{refused}");
    }
    s.rollback().await.unwrap();
    let pages = Book::find().filter(Book::PAGES.eq(1)).count(&fresh.db);
    assert_eq!(pages.await.unwrap(), 0);
}

#[tokio::test]
async fn what_has_come_above_is_not_asked_for_below() {
    let question = || Author::find().order_by(Author::ID);
    for (books, statements) in [
        (Author::BOOKS.with(Book::AUTHOR), 2),
        (Author::BOOKS.with(Book::AUTHOR).joined(), 1),
        (
            Author::BOOKS.with(Book::TAGS.with(Tag::BOOKS.with(Book::AUTHOR))),
            4,
        ),
    ] {
        let (fresh, mut s) = shelves().await;
        let authors = s.all(question().with(books)).await.unwrap();
        assert_eq!(fresh.statements().len(), statements);
        let books = s.related(authors[1], Author::BOOKS).unwrap().to_vec();
        assert_eq!(books.len(), 3);
        for book in books {
            assert_eq!(s.related(book, Book::AUTHOR).unwrap(), Some(authors[1]));
        }
    }
}

/// After a commit too: what is read is read in a transaction, where the session says of which kind.
#[tokio::test]
async fn a_load_begins_the_transaction_that_reads_are_to_be_in() {
    let (_fresh, s) = shelves().await;
    let mut s = s.isolation(Isolation::RepeatableRead);
    let begun = |s: &Session| format!("{s:?}").contains("in_transaction: true");
    let ada = s.get::<Author>(1).await.unwrap();
    assert!(begun(&s));
    s.commit().await.unwrap();
    assert!(!begun(&s));
    s.load(ada, Author::BOOKS).await.unwrap();
    assert!(begun(&s));
    s.rollback().await.unwrap();
}

#[tokio::test]
async fn several_where_there_is_one_are_an_error_here_too() {
    let (fresh, mut s) = shelves().await;
    for change in [
        "ALTER TABLE lives DROP CONSTRAINT lives_author_id_key",
        "INSERT INTO lives (author_id, text) VALUES (1, 'second')",
    ] {
        ormcore::sql(change).execute(&fresh.db).await.unwrap();
    }
    let author = s.get::<Author>(1).await.unwrap();
    let eager = Author::find().with(Author::LIFE);
    for error in [
        s.load(author, Author::LIFE).await.unwrap_err(),
        s.all(eager).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::TooManyRows);
        assert!(error.to_string().contains("decodes.rs"), "{error}");
    }
}
