//! What a session takes of a thread's stack: half of what tokio gives its threads, without optimisation.

use crate::shop::{Post, User, new_post, new_user, shop};
use ormcore::Error;
use std::thread;

#[test]
fn a_session_takes_little_of_a_threads_stack() {
    let work = async {
        let (_fresh, mut s) = shop().await;
        let ada = s.add(new_user("Ada"));
        let key = s.key(ada);
        let post = s.add(new_post(key, "Hello"));
        s.commit().await?;
        s[ada].age = Some(36);
        s.all(Post::find().with(Post::AUTHOR)).await?;
        s[ada].age = Some(37);
        s.get::<User>(2).await.unwrap_err();
        s.load(post, Post::AUTHOR).await?;
        s.nested(async |s| {
            s[ada].age = Some(38);
            s.refresh(post).await
        })
        .await?;
        s.commit().await?;
        Ok::<_, Error>(s[ada].age)
    };
    let on_a_small_stack = || {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(work).unwrap()
    };
    let thread = thread::Builder::new().stack_size(1 << 20);
    let age = thread.spawn(on_a_small_stack).unwrap().join().unwrap();
    assert_eq!(age, Some(38));
}
