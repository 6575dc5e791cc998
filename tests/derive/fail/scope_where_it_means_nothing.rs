use ormcore::{Entity, Many};

#[derive(Entity)]
#[orm(scope)]
struct User {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(scope)]
    tenant_id: i64,
    #[orm(scope)]
    region_id: i64,
    #[orm(scope, has_many(User, key = region_id))]
    others: Many<User>,
}

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(scope = "tenant", default = "1")]
    tenant_id: i64,
}

#[derive(Entity)]
struct Comment {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(scope, generated)]
    tenant_id: Option<i64>,
}

#[derive(Entity)]
struct Like {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(scope, default = "1", version)]
    tenant_id: i64,
    #[orm(tenant)]
    of: i64,
}

fn main() {}
