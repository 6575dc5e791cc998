//! Rows with what belongs to them.

use crate::Outcome;
use crate::case::{Case, Checksum};
use crate::data::{Author, Post, World};
use std::collections::HashMap;

pub(crate) async fn authors(world: &World) -> Outcome<Case<'_>> {
    let text = "SELECT p.id, p.author_id, p.title, a.id, a.name
                FROM posts p LEFT JOIN authors a ON a.id = p.author_id ORDER BY p.id LIMIT $1";
    let statement = world.bare.prepare(text).await?;
    Ok(
        Case::new("100 posts with authors", "tokio-postgres, one join", 30)
            .way("tokio-postgres, one join", move |_| {
                let statement = statement.clone();
                async move {
                    let rows = world.bare.query(&statement, &[&100_i64]).await?;
                    let posts: Vec<bare::Post> = rows.iter().map(bare::with_author).collect();
                    let mut sum = Checksum::default();
                    for post in &posts {
                        sum.add(post.id);
                        sum.text(&post.title);
                        sum.text(&post.author.as_ref().ok_or("a post without an author")?.name);
                    }
                    Ok(sum.sum())
                }
            })
            .ours("ormcore, joined", world, move |db, _| async move {
                let posts = Post::find()
                    .with(Post::AUTHOR.joined())
                    .order_by(Post::ID)
                    .limit(100);
                sum_of_posts(&posts.all(db).await?)
            })
            .ours("ormcore, select-in", world, move |db, _| async move {
                let posts = Post::find()
                    .with(Post::AUTHOR)
                    .order_by(Post::ID)
                    .limit(100);
                sum_of_posts(&posts.all(db).await?)
            })
            .way("ormcore, lazy (N+1)", move |_| async move {
                let posts = Post::find()
                    .order_by(Post::ID)
                    .limit(100)
                    .all(&world.db)
                    .await?;
                for post in &posts {
                    post.author.load(&world.db).await?;
                }
                sum_of_posts(&posts)
            }),
    )
}

fn sum_of_posts(posts: &[Post]) -> Outcome<u64> {
    let mut sum = Checksum::default();
    for post in posts {
        sum.add(post.id);
        sum.text(&post.title);
        sum.text(&post.author.get()?.name);
    }
    Ok(sum.sum())
}

pub(crate) async fn three_levels(world: &World) -> Outcome<Case<'_>> {
    let authors = world
        .bare
        .prepare("SELECT id, name FROM authors ORDER BY id")
        .await?;
    let posts = world
        .bare
        .prepare("SELECT id, author_id, title FROM posts WHERE author_id = ANY($1)")
        .await?;
    let comments = world
        .bare
        .prepare("SELECT id, post_id, body FROM comments WHERE post_id = ANY($1)")
        .await?;
    Ok(Case::new(
        "100 authors × 10 posts × 5 comments",
        "tokio-postgres, select-in with HashMaps",
        2,
    )
    .way("tokio-postgres, select-in with HashMaps", move |_| {
        let (authors, posts, comments) = (authors.clone(), posts.clone(), comments.clone());
        async move {
            let rows = world.bare.query(&authors, &[]).await?;
            let mut authors: Vec<bare::Author> = rows.iter().map(bare::author).collect();
            let keys: Vec<i64> = authors.iter().map(|author| author.id).collect();
            let rows = world.bare.query(&posts, &[&keys]).await?;
            let posts: Vec<bare::Post> = rows.iter().map(bare::post).collect();
            let keys: Vec<i64> = posts.iter().map(|post| post.id).collect();
            let rows = world.bare.query(&comments, &[&keys]).await?;
            let mut comments_of: HashMap<i64, Vec<bare::Comment>> = HashMap::new();
            for comment in rows.iter().map(bare::comment) {
                comments_of
                    .entry(comment.post_id)
                    .or_default()
                    .push(comment);
            }
            let mut posts_of: HashMap<i64, Vec<bare::Post>> = HashMap::new();
            for mut post in posts {
                post.comments = comments_of.remove(&post.id).unwrap_or_default();
                posts_of.entry(post.author_id).or_default().push(post);
            }
            for author in &mut authors {
                author.posts = posts_of.remove(&author.id).unwrap_or_default();
            }
            let (mut rows, mut ids) = (0, 0);
            for author in &authors {
                (rows, ids) = (rows + 1, ids + author.id + author.name.len() as i64);
                for post in &author.posts {
                    (rows, ids) = (rows + 1, ids + post.id + post.title.len() as i64);
                    for comment in &post.comments {
                        (rows, ids) = (rows + 1, ids + comment.id + comment.body.len() as i64);
                    }
                }
            }
            Ok(sum_of_tree(rows, ids))
        }
    })
    .ours("ormcore", world, move |db, _| async move {
        let authors = Author::find()
            .with(Author::POSTS.with(Post::COMMENTS))
            .order_by(Author::ID);
        let (mut rows, mut ids) = (0, 0);
        for author in &authors.all(db).await? {
            (rows, ids) = (rows + 1, ids + author.id + author.name.len() as i64);
            for post in author.posts.get()? {
                (rows, ids) = (rows + 1, ids + post.id + post.title.len() as i64);
                for comment in post.comments.get()? {
                    (rows, ids) = (rows + 1, ids + comment.id + comment.body.len() as i64);
                }
            }
        }
        Ok(sum_of_tree(rows, ids))
    }))
}

/// Neither side orders posts and comments, so the sum does not see their order.
fn sum_of_tree(rows: i64, ids: i64) -> u64 {
    let mut sum = Checksum::default();
    sum.add(rows);
    sum.add(ids);
    sum.sum()
}

/// The same rows as the bare driver's user would have them: owned, one in the other.
mod bare {
    use tokio_postgres::Row;

    pub(super) struct Author {
        pub(super) id: i64,
        pub(super) name: String,
        pub(super) posts: Vec<Post>,
    }

    pub(super) struct Post {
        pub(super) id: i64,
        pub(super) author_id: i64,
        pub(super) title: String,
        pub(super) author: Option<Author>,
        pub(super) comments: Vec<Comment>,
    }

    pub(super) struct Comment {
        pub(super) id: i64,
        pub(super) post_id: i64,
        pub(super) body: String,
    }

    pub(super) fn author(row: &Row) -> Author {
        Author {
            id: row.get(0),
            name: row.get(1),
            posts: Vec::new(),
        }
    }

    pub(super) fn post(row: &Row) -> Post {
        Post {
            id: row.get(0),
            author_id: row.get(1),
            title: row.get(2),
            author: None,
            comments: Vec::new(),
        }
    }

    pub(super) fn with_author(row: &Row) -> Post {
        let author = Author {
            id: row.get(3),
            name: row.get(4),
            posts: Vec::new(),
        };
        Post {
            author: Some(author),
            ..post(row)
        }
    }

    pub(super) fn comment(row: &Row) -> Comment {
        Comment {
            id: row.get(0),
            post_id: row.get(1),
            body: row.get(2),
        }
    }
}
