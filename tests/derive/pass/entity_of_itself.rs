//! An entity that refers to itself, by `Self` and by name, declared inside a function.

use ormcore::{Entity, Many, One};

fn main() {
    #[derive(Entity)]
    #[orm(insert(NewComment))]
    struct Comment {
        #[orm(primary_key, generated)]
        id: i64,
        #[orm(references(Self, on_delete = "cascade"))]
        parent_id: Option<i64>,
        #[orm(belongs_to(key = parent_id))]
        parent: One<Option<Self>>,
        #[orm(has_many(Comment, key = parent_id))]
        replies: Many<Self>,
    }

    let _ = Comment::insert(NewComment { parent_id: None });
    let table = <Comment as Entity>::TABLE;
    let reference = table.columns[1]
        .references
        .as_ref()
        .expect("it refers to itself");
    assert!(std::ptr::eq((reference.table)(), table));
    let _ = |comment: &Comment| comment.id;
}
