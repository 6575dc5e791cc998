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
                    let mut sum = Checksum::default();
                    for row in world.bare.query(&statement, &[&100_i64]).await? {
                        let (id, title, name): (i64, String, String) =
                            (row.get(0), row.get(2), row.get(4));
                        sum.add(id);
                        sum.text(&title);
                        sum.text(&name);
                    }
                    Ok(sum.sum())
                }
            })
            .way("ormcore, joined", move |_| async move {
                let posts = Post::find()
                    .with(Post::AUTHOR.joined())
                    .order_by(Post::ID)
                    .limit(100);
                sum_of_posts(&posts.all(&world.db).await?)
            })
            .way("ormcore, select-in", move |_| async move {
                let posts = Post::find()
                    .with(Post::AUTHOR)
                    .order_by(Post::ID)
                    .limit(100);
                sum_of_posts(&posts.all(&world.db).await?)
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
            let authors: Vec<(i64, String)> = world
                .bare
                .query(&authors, &[])
                .await?
                .iter()
                .map(|row| (row.get(0), row.get(1)))
                .collect();
            let keys: Vec<i64> = authors.iter().map(|(id, _)| *id).collect();
            let posts: Vec<(i64, i64, String)> = world
                .bare
                .query(&posts, &[&keys])
                .await?
                .iter()
                .map(|row| (row.get(0), row.get(1), row.get(2)))
                .collect();
            let keys: Vec<i64> = posts.iter().map(|(id, ..)| *id).collect();
            let mut comments_of: HashMap<i64, Vec<(i64, i64, String)>> = HashMap::new();
            for row in world.bare.query(&comments, &[&keys]).await? {
                let comment: (i64, i64, String) = (row.get(0), row.get(1), row.get(2));
                comments_of.entry(comment.1).or_default().push(comment);
            }
            let mut posts_of: HashMap<i64, Vec<(i64, String)>> = HashMap::new();
            for (id, author, title) in posts {
                posts_of.entry(author).or_default().push((id, title));
            }
            let (mut rows, mut ids) = (0, 0);
            for (id, name) in &authors {
                (rows, ids) = (rows + 1, ids + id + name.len() as i64);
                for (id, title) in posts_of.get(id).into_iter().flatten() {
                    (rows, ids) = (rows + 1, ids + id + title.len() as i64);
                    for (id, _, body) in comments_of.get(id).into_iter().flatten() {
                        (rows, ids) = (rows + 1, ids + id + body.len() as i64);
                    }
                }
            }
            Ok(sum_of_tree(rows, ids))
        }
    })
    .way("ormcore, select-in", move |_| async move {
        let authors = Author::find()
            .with(Author::POSTS.with(Post::COMMENTS))
            .order_by(Author::ID);
        let (mut rows, mut ids) = (0, 0);
        for author in authors.all(&world.db).await? {
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
