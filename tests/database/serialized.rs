//! `#[orm(serialize)]`: what is loaded is in the document, what is not is left out, and neither is what nobody may see.

use crate::fresh::{Fresh, fresh};
use ormcore::{Entity, Many, One, Value, entities};
use serde_json::{Value as Document, json};

#[derive(Value, Clone, Copy, Debug, serde::Serialize)]
struct CaseId(i64);

#[derive(Entity, Debug, serde::Deserialize)]
#[orm(table = "owners", insert(NewOwner), serialize(ids = "string"))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Owner {
    #[orm(primary_key)]
    id: i64,
    full_name: String,
    #[orm(sensitive)]
    password_hash: String,
    #[serde(rename(serialize = "boss", deserialize = "above"), default)]
    #[orm(references(Owner))]
    boss_id: Option<i64>,
    #[serde(skip)]
    secret_note: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", alias = "nick")]
    nick_name: Option<String>,
    #[orm(has_many(Case, key = owner_id))]
    #[serde(skip_deserializing)]
    all_cases: Many<Case>,
    #[orm(has_one(Desk, key = owner_id))]
    #[serde(skip_deserializing)]
    desk: One<Option<Desk>>,
}

#[derive(Entity, Debug)]
#[orm(table = "cases", insert(NewCase), serialize(ids = "string"))]
struct Case {
    #[orm(primary_key)]
    id: CaseId,
    owner_id: i64,
    number: i64,
    r#type: String,
    #[orm(belongs_to(key = owner_id))]
    #[serde(rename = "from")]
    owner: One<Owner>,
    #[orm(many_to_many(Label, through = "case_labels"))]
    labels: Many<Label>,
}

#[derive(Entity, Debug)]
#[orm(table = "desks", insert(NewDesk), serialize)]
struct Desk {
    #[orm(primary_key)]
    id: i64,
    #[orm(unique)]
    owner_id: i64,
}

/// A key that is no number.
#[derive(Entity, Debug)]
#[orm(table = "labels", insert(NewLabel), serialize(ids = "string"))]
struct Label {
    #[orm(primary_key)]
    name: String,
}

const BIG: i64 = 9_007_199_254_740_993;

/// An owner who has two cases and no desk, below one who has a desk and no case.
async fn office() -> Fresh {
    let office = fresh(entities![Owner, Case, Desk, Label]).await;
    let db = &office.db;
    let owner = |id, boss_id| NewOwner {
        id,
        full_name: format!("Owner {id}"),
        password_hash: "$argon2id$".into(),
        boss_id,
        secret_note: Some("fired soon".into()),
        nick_name: (id == 1).then(|| "One".into()),
    };
    let owners = Owner::insert_many(vec![owner(1, None), owner(BIG, Some(1))]);
    owners.execute(db).await.expect("owners");
    let cases = [1, 2].map(|id| NewCase {
        id: CaseId(BIG + id),
        owner_id: BIG,
        number: id,
        r#type: "theft".into(),
    });
    let cases = Case::insert_many(cases.into()).execute(db).await;
    cases.expect("cases");
    let desk = Desk::insert(NewDesk { id: 5, owner_id: 1 });
    desk.execute(db).await.expect("a desk");
    let label = Label::insert(NewLabel { name: "old".into() });
    label.execute(db).await.expect("a label");
    let labels = Case::LABELS.of_key(&CaseId(BIG + 1));
    labels.add(db, ["old".to_owned()]).await.expect("a link");
    office
}

fn document(of: impl serde::Serialize) -> Document {
    serde_json::to_value(of).expect("a document")
}

#[tokio::test]
async fn what_was_not_loaded_is_left_out_and_numbers_that_are_keys_are_strings() {
    let office = office().await;
    let owners = Owner::find().order_by(Owner::ID).all(&office.db).await;
    assert_eq!(
        document(owners.unwrap()),
        json!([
            {"id": "1", "fullName": "Owner 1", "boss": null, "nickName": "One"},
            {"id": "9007199254740993", "fullName": "Owner 9007199254740993", "boss": "1"},
        ])
    );
    let case = Case::find().order_by(Case::ID).first(&office.db).await;
    // A number that is no key stays one.
    let expected = json!({"id": "9007199254740994", "owner_id": "9007199254740993", "number": 1, "type": "theft"});
    assert_eq!(document(case.unwrap().unwrap()), expected);
}

#[tokio::test]
async fn what_was_loaded_is_there_also_when_there_is_nothing() {
    let office = office().await;
    let cases = Owner::ALL_CASES.order_by(Case::ID).with(Case::LABELS);
    let owners = Owner::find().with(cases).with(Owner::DESK);
    let owners = owners.order_by(Owner::ID).all(&office.db).await.unwrap();
    let case = |id: &str, number: i64, labels: Document| json!({"id": id, "owner_id": "9007199254740993", "number": number, "type": "theft", "labels": labels});
    assert_eq!(
        document(owners),
        json!([
            {
                "id": "1", "fullName": "Owner 1", "boss": null, "nickName": "One",
                "allCases": [], "desk": {"id": 5, "owner_id": 1},
            },
            {
                "id": "9007199254740993", "fullName": "Owner 9007199254740993", "boss": "1",
                "allCases": [
                    case("9007199254740994", 1, json!([{"name": "old"}])),
                    case("9007199254740995", 2, json!([])),
                ],
                "desk": null,
            },
        ])
    );
    let case = Case::find()
        .with(Case::OWNER)
        .order_by(Case::ID)
        .first(&office.db);
    let case = document(case.await.unwrap().unwrap());
    assert_eq!(case["from"]["fullName"], "Owner 9007199254740993");
    // Loaded one by one it is there as well.
    let case = Case::get(CaseId(BIG + 2)).one(&office.db).await.unwrap();
    case.owner.load(&office.db).await.unwrap();
    assert_eq!(document(&case)["from"]["boss"], "1");
}

/// Fields are called as serde's own derive calls them.
macro_rules! called_alike {
    ($($name:ident $case:literal;)*) => {$(
        mod $name {
            #[derive(ormcore::Entity)]
            #[orm(table = "names", serialize)]
            #[serde(rename_all = $case)]
            struct Ours {
                #[orm(primary_key)]
                id: i32,
                first_name: i32,
                line_2_of_it: i32,
                _under_score: i32,
                r#type: i32,
            }

            #[derive(serde::Serialize)]
            #[serde(rename_all = $case)]
            struct Theirs {
                id: i32,
                first_name: i32,
                line_2_of_it: i32,
                _under_score: i32,
                r#type: i32,
            }

            #[test]
            fn as_serde_calls_them() {
                let ours = Ours { id: 1, first_name: 2, line_2_of_it: 3, _under_score: 4, r#type: 5 };
                let theirs = Theirs { id: 1, first_name: 2, line_2_of_it: 3, _under_score: 4, r#type: 5 };
                let ours = serde_json::to_string(&ours).expect("a document");
                assert_eq!(ours, serde_json::to_string(&theirs).expect("a document"));
            }
        }
    )*};
}

called_alike! {
    lower "lowercase";
    upper "UPPERCASE";
    pascal "PascalCase";
    camel "camelCase";
    snake "snake_case";
    screaming_snake "SCREAMING_SNAKE_CASE";
    kebab "kebab-case";
    screaming_kebab "SCREAMING-KEBAB-CASE";
}
