use ormcore::Entity;

#[derive(Entity)]
#[orm(insert(NewTick), patch(TickPatch))]
struct Tick {
    #[orm(primary_key, generated)]
    id: i64,
}

fn main() {}
