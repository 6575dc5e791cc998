//! However two relations, one inside the other, are loaded, the same comes of it: with keys of several columns, from an entity
//! to itself, cut or not.

use crate::fresh::{Fresh, fresh};
use ormcore::{Condition, Entity, Many, One, entities, sql};

#[derive(Entity, Debug, serde::Serialize)]
#[orm(table = "spots")]
struct Spot {
    #[orm(primary_key)]
    x: i32,
    #[orm(primary_key)]
    y: String,
    up_x: Option<i32>,
    up_y: Option<String>,
    eldest: bool,
    #[orm(belongs_to(key = (up_x, up_y)))]
    up: One<Option<Spot>>,
    #[orm(has_many(Spot, key = (up_x, up_y)))]
    downs: Many<Spot>,
    #[orm(has_one(Spot, key = (up_x, up_y), when = Spot::is_eldest))]
    heir: One<Option<Spot>>,
    #[orm(many_to_many(Spot, through = "paths", here = (from_x, from_y), there = (to_x, to_y)))]
    paths: Many<Spot>,
}

impl Spot {
    fn is_eldest() -> Condition<Spot> {
        Spot::ELDEST.eq(true)
    }
}

/// Thirteen spots, each the upper one of three others, and paths that lead from most to several.
async fn spots() -> Fresh {
    let fresh = fresh(entities![Spot]).await;
    let fill = "INSERT INTO spots
            SELECT n % 4, chr(97 + n), (n - 1) / 3 % 4, chr(97 + (n - 1) / 3), n % 3 = 1
            FROM generate_series(1, 12) AS n;
        INSERT INTO spots VALUES (0, 'a', NULL, NULL, true);
        INSERT INTO paths
            SELECT a % 4, chr(97 + a), b % 4, chr(97 + b)
            FROM generate_series(0, 12) AS a, generate_series(0, 12) AS b WHERE (a * 7 + b * 5) % 4 = 1 AND a <> 6";
    sql(fill).batch(&fresh.db).await.expect("spots");
    fresh
}

macro_rules! styled {
    ($how:expr, $wish:expr) => {
        match $how {
            0 => $wish,
            1 => $wish.joined(),
            _ => $wish.lateral(),
        }
    };
}

/// Loads one inside the other in all nine ways, and of a page.
macro_rules! agree {
    ($spots:expr, $outer:expr, $inner:expr) => {
        for page in [4, 13] {
            let mut first = None;
            for outer in 0..3 {
                for inner in 0..3 {
                    let wish = styled!(outer, $outer).with(styled!(inner, $inner));
                    let find = Spot::find().order_by(Spot::Y).limit(page).with(wish);
                    let found = find.all(&$spots.db).await.expect("spots");
                    assert_eq!(found.len(), page as usize);
                    let found = serde_json::to_value(&found).expect("JSON");
                    let first = first.get_or_insert_with(|| found.clone());
                    let what = concat!(stringify!($outer), " with ", stringify!($inner));
                    assert_eq!(found, *first, "{what}: {outer} {inner}");
                }
            }
        }
    };
}

macro_rules! agree_inside {
    ($spots:expr, $outer:expr) => {
        agree!($spots, $outer, Spot::UP.filter(Spot::X.lt(3)));
        agree!($spots, $outer, Spot::HEIR.filter(Spot::X.lt(3)));
        agree!($spots, $outer, Spot::DOWNS.order_by(Spot::Y.desc()));
        agree!(
            $spots,
            $outer,
            Spot::DOWNS.order_by(Spot::Y).limit(1).offset(1)
        );
        agree!($spots, $outer, Spot::PATHS.order_by(Spot::Y));
        agree!(
            $spots,
            $outer,
            Spot::PATHS.order_by(Spot::Y).filter(Spot::X.gt(0)).limit(2)
        );
    };
}

#[tokio::test]
async fn inside_of_a_row_that_is_referred_to() {
    let spots = spots().await;
    agree_inside!(spots, Spot::UP.filter(Spot::X.gt(0)));
}

#[tokio::test]
async fn inside_of_the_only_row_that_refers() {
    let spots = spots().await;
    agree_inside!(spots, Spot::HEIR.filter(Spot::X.ne(2)));
}

#[tokio::test]
async fn inside_of_all_that_refer() {
    let spots = spots().await;
    agree_inside!(spots, Spot::DOWNS.order_by(Spot::Y));
    agree_inside!(
        spots,
        Spot::DOWNS
            .order_by(Spot::X)
            .order_by(Spot::Y.desc())
            .limit(2)
    );
}

#[tokio::test]
async fn inside_of_all_that_a_table_between_leads_to() {
    let spots = spots().await;
    agree_inside!(spots, Spot::PATHS.order_by(Spot::Y));
    agree_inside!(
        spots,
        Spot::PATHS.order_by(Spot::Y.desc()).limit(2).offset(1)
    );
}

#[tokio::test]
async fn side_by_side() {
    let spots = spots().await;
    let mut shown = Vec::new();
    for how in 0..9 {
        let downs = styled!(how % 3, Spot::DOWNS.order_by(Spot::Y).limit(2));
        let paths = styled!(how / 3, Spot::PATHS.order_by(Spot::Y).with(Spot::HEIR));
        let find = Spot::find().order_by(Spot::Y).with(downs).with(paths);
        let find = find.with(Spot::UP.joined()).with(Spot::HEIR.lateral());
        let found = find.all(&spots.db).await.expect("spots");
        shown.push(serde_json::to_value(&found).expect("JSON"));
    }
    assert!(shown.iter().all(|other| *other == shown[0]));
    // What is loaded later is the same.
    let found = Spot::find().order_by(Spot::Y).all(&spots.db).await;
    for (spot, shown) in found
        .expect("spots")
        .iter()
        .zip(shown[0].as_array().expect("a list"))
    {
        let names = |spots: &[Spot]| -> Vec<String> {
            let mut names: Vec<_> = spots.iter().map(|spot| spot.y.clone()).collect();
            names.sort();
            names
        };
        let listed = |shown: &serde_json::Value| -> Vec<String> {
            let names = shown.as_array().expect("a list").iter();
            names
                .map(|spot| spot["y"].as_str().expect("a name").to_owned())
                .collect()
        };
        let downs = names(spot.downs.load(&spots.db).await.expect("spots"));
        assert_eq!(downs.get(..2).unwrap_or(&downs), listed(&shown["downs"]));
        let paths = names(spot.paths.load(&spots.db).await.expect("spots"));
        assert_eq!(paths, listed(&shown["paths"]));
        for (one, shown) in [(&spot.up, &shown["up"]), (&spot.heir, &shown["heir"])] {
            let one = one.load(&spots.db).await.expect("a spot");
            assert_eq!(one.map(|spot| &*spot.y), shown["y"].as_str());
        }
    }
}

#[tokio::test]
async fn a_tree_of_all_that_paths_lead_to() {
    let spots = spots().await;
    let found = Spot::find().with(Spot::PATHS).all(&spots.db).await;
    let found = found.expect("spots");
    for root in &found {
        let mut reached = vec![root.y.clone()];
        let mut at = 0;
        while let Some(name) = reached.get(at) {
            let spot = found.iter().find(|spot| spot.y == *name).expect("a spot");
            let next = spot.paths.get().expect("paths").iter();
            let next: Vec<_> = next.map(|next| next.y.clone()).collect();
            reached.extend(
                next.into_iter()
                    .filter(|next| !reached.contains(next))
                    .collect::<Vec<_>>(),
            );
            at += 1;
        }
        reached.sort();
        let roots = Spot::find().filter(Spot::Y.eq(&*root.y));
        let tree = Spot::find().tree(roots, Spot::PATHS).order_by(Spot::Y);
        let tree = tree.all(&spots.db).await.expect("spots");
        let names: Vec<_> = tree.into_iter().map(|spot| spot.y).collect();
        assert_eq!(names, reached);
    }
}

#[tokio::test]
async fn questions_about_some_of_what_paths_lead_to() {
    let spots = spots().await;
    let db = &spots.db;
    let first = || Spot::PATHS.order_by(Spot::Y).limit(2);
    let asked = Spot::find().order_by(Spot::Y);
    let asked = asked.select((first().count(), first().aggregate(Spot::Y.max())));
    let asked: Vec<(i64, Option<String>)> = asked.all(db).await.expect("rows");
    let loaded = Spot::find().order_by(Spot::Y).with(first()).all(db).await;
    for (spot, (count, last)) in loaded.expect("spots").iter().zip(&asked) {
        let paths = spot.paths.get().expect("paths");
        assert_eq!(i64::try_from(paths.len()).expect("a number"), *count);
        assert_eq!(paths.last().map(|spot| &spot.y), last.as_ref());
    }
}
