//! Tables, and something in them to look at. Made without telemetry: the first trace to be seen is that of a request.

use std::fmt;

use ormcore::{Executor, Result, entities, schema, sql};

use crate::{
    database,
    entities::{Account, Comment, NewComment, NewPost, NewUser, Post, User},
};

/// Every post has an author of its own, so that lazy loading really has to ask for each.
const BLOG: [(&str, &str, &str, &str); 10] = [
    (
        "Ada",
        "Notes on the Analytical Engine",
        "It weaves algebraic patterns just as the loom weaves flowers and leaves.",
        "Note G alone was worth the paper.",
    ),
    (
        "Grace",
        "A moth in relay 70",
        "First actual case of a bug being found; it is taped into the logbook.",
        "Please keep the moth.",
    ),
    (
        "Alan",
        "On computable numbers",
        "A machine that reads its own table can do what every other machine does.",
        "Does it halt?",
    ),
    (
        "Barbara",
        "What a subtype promises",
        "Whatever holds for the type has to hold for every subtype of it.",
        "I substituted, and nothing broke.",
    ),
    (
        "Edsger",
        "The shortest way to Groningen",
        "Worked out in twenty minutes, on a terrace, without pencil and paper.",
        "All roads considered, I am relieved.",
    ),
    (
        "Frances",
        "What a compiler can know",
        "Follow the flow of data far enough and half of the program goes away.",
        "Which half?",
    ),
    (
        "Donald",
        "Programs as literature",
        "Explain to people what you want the machine to do; the machine comes second.",
        "I read it to the end.",
    ),
    (
        "Margaret",
        "Alarm 1202",
        "Too much to do, so the computer did what mattered and said so.",
        "We are go on that alarm.",
    ),
    (
        "Tony",
        "An expensive reference",
        "Leaving it out was never easier than on the day it was put in.",
        "None taken.",
    ),
    (
        "Radia",
        "A tree that spans",
        "A graph of bridges whose loops do not loop: there is a poem about it.",
        "A tree that must be sure to span.",
    ),
];

/// What [`tables`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seeded {
    Filled,
    /// Somebody's data are left alone.
    Found {
        users: u64,
        posts: u64,
    },
}

impl fmt::Display for Seeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filled => {
                let count = BLOG.len();
                write!(
                    f,
                    "users, posts, comments and accounts: created, with {count} posts by {count} authors"
                )
            }
            Self::Found { users, posts } => {
                write!(
                    f,
                    "users, posts, comments and accounts: left as found, with {users} users and {posts} posts"
                )
            }
        }
    }
}

/// Creates the tables that are missing, and fills them if there are no users.
pub(crate) async fn tables(url: &str) -> Result<Seeded> {
    let db = database::quietly(url).await?;
    let seeded = db
        .transaction(async |tx| {
            // Of several instances that start at once, one does the work and the others find it done.
            sql("SELECT pg_advisory_xact_lock(hashtext('fastapi_otel'))")
                .execute(tx)
                .await?;
            create(tx).await?;
            if User::find().exists(tx).await? {
                let (users, posts) = (User::find().count(tx).await?, Post::find().count(tx).await?);
                return Ok(Seeded::Found { users, posts });
            }
            fill(tx).await?;
            Ok::<_, ormcore::Error>(Seeded::Filled)
        })
        .await?;
    db.close();
    Ok(seeded)
}

/// The tables that are missing, a column that posts did not always have, and the rule that no two addresses differ by
/// large and small letters alone.
pub(crate) async fn create(executor: &impl Executor) -> Result<()> {
    schema::create(executor, entities![User, Post, Comment, Account]).await?;
    sql("ALTER TABLE posts ADD COLUMN IF NOT EXISTS version integer NOT NULL DEFAULT 1")
        .execute(executor)
        .await?;
    let whatever_the_letters =
        sql("CREATE UNIQUE INDEX IF NOT EXISTS users_email_lower_key ON users (lower(email))");
    whatever_the_letters.execute(executor).await?;
    Ok(())
}

async fn fill(executor: &impl Executor) -> Result<()> {
    let authors = BLOG.iter().map(|(name, ..)| NewUser {
        name: (*name).to_owned(),
        email: format!("{}@example.org", name.to_lowercase()),
        age: None,
    });
    let authors = User::insert_many(authors.collect()).all(executor).await?;
    let posts = BLOG
        .iter()
        .zip(&authors)
        .map(|((_, title, content, _), author)| NewPost {
            title: (*title).to_owned(),
            content: (*content).to_owned(),
            author_id: author.id,
        });
    let posts = Post::insert_many(posts.collect()).all(executor).await?;
    let comments = BLOG
        .iter()
        .zip(&posts)
        .map(|((.., comment), post)| NewComment {
            post_id: post.id,
            content: (*comment).to_owned(),
        });
    Comment::insert_many(comments.collect())
        .execute(executor)
        .await?;
    Ok(())
}
