use ormcore::{Entity, Many, One};

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(many_to_many(Tag))]
    tableless: Many<Tag>,
    #[orm(many_to_many(Tag, trough = "post_tags"))]
    misspelt: Many<Tag>,
    #[orm(many_to_many(Tag, through = "blog.post_tags"))]
    dotted: Many<Tag>,
    #[orm(many_to_many(Tag, through = 7))]
    number: Many<Tag>,
    #[orm(many_to_many(Tag, through = "post_tags", key = post_id))]
    keyed: Many<Tag>,
    #[orm(many_to_many(Tag, through = "post_tags", here = (post_id, line)))]
    longer: Many<Tag>,
    #[orm(many_to_many(Post, through = "post_tags"))]
    other: Many<Tag>,
    #[orm(many_to_many(Post, through = "citations"))]
    itself: Many<Post>,
    #[orm(many_to_many(Tag, through = "post_tags"))]
    one: One<Tag>,
    #[orm(many_to_many(Tag, through = "post_tags"), has_many(Tag, key = id))]
    both: Many<Tag>,
    #[orm(has_many(Tag, through = "post_tags"))]
    has_many: Many<Tag>,
    #[orm(many2many(Tag, through = "post_tags"))]
    elsewhere: Many<Tag>,
}

#[derive(Entity)]
struct Tag {
    #[orm(primary_key, generated)]
    id: i64,
}

fn main() {}
