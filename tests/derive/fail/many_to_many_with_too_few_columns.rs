use ormcore::{Entity, Many};

#[derive(Entity)]
struct Post {
    #[orm(primary_key, generated)]
    id: i64,
    #[orm(many_to_many(Seat, through = "post_seats"))]
    seats: Many<Seat>,
}

#[derive(Entity)]
struct Seat {
    #[orm(primary_key)]
    row: i32,
    #[orm(primary_key)]
    number: i32,
}

fn main() {}
