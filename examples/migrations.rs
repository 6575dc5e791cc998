//! A little tool for the migrations of a program, in whose folder `migrations` they are.
//! Run it with `cargo run --example migrations -- status`, or without a word to see what it can do, one after the other.
//! It needs nothing: without DATABASE_URL a PostgreSQL is found or fetched, and forgotten at the end.

use dev_postgres::Database;
use ormcore::migrate::{self, Migrations, State, Step};
use ormcore::{Db, embed_migrations, sql};
use std::time::SystemTime;

type Outcome = Result<(), Box<dyn std::error::Error>>;

const WORDS: &str =
    "up [--dry-run], down [steps] [--dry-run], status, history, current, or validate";

fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    start(&words)
}

#[tokio::main]
async fn start(words: &[&str]) -> Outcome {
    let database = Database::find()?;
    println!("on {database}");
    let db = Db::connect(&database.url()).await?;
    let migrations = embed_migrations!("migrations");
    match words {
        [] => tour(&db, &migrations).await,
        words => tool(&db, &migrations, words).await,
    }
}

/// What a deployment, or a person, says.
async fn tool(db: &Db, migrations: &Migrations, words: &[&str]) -> Outcome {
    match words {
        ["up"] => show(&migrate::run(db, migrations).await?),
        ["up", "--dry-run"] => show_sql(&migrate::plan(db, migrations).await?),
        ["down"] => show(&migrate::down(db, migrations, 1).await?),
        ["down", "--dry-run"] => show_sql(&migrate::plan_down(db, migrations, 1).await?),
        ["down", steps] => show(&migrate::down(db, migrations, steps.parse()?).await?),
        ["down", steps, "--dry-run"] => {
            show_sql(&migrate::plan_down(db, migrations, steps.parse()?).await?);
        }
        ["status"] => {
            for one in migrate::status(db, migrations).await? {
                let state = match one.state {
                    State::Pending => "has not run".to_owned(),
                    State::Applied => format!("ran at {}", shown(one.applied_at)),
                    other => format!("{other:?}, see validate"),
                };
                println!("{}  {}: {state}", one.version, one.name);
            }
        }
        ["history"] => {
            for record in migrate::history(db).await? {
                let (at, took) = (shown(Some(record.applied_at)), record.took.as_millis());
                println!("{at}  {} up, {took} ms", record.name);
                if record.undone_at.is_some() {
                    println!("{}  {} down", shown(record.undone_at), record.name);
                }
            }
        }
        ["current"] => match migrate::current(db).await? {
            Some(record) => println!("{}  {}", record.version, record.name),
            None => println!("nothing has run"),
        },
        ["validate"] => {
            migrate::validate(db, migrations).await?;
            println!("the database and the files agree");
        }
        _ => return Err(format!("say {WORDS}").into()),
    }
    Ok(())
}

fn show(steps: &[Step]) {
    for step in steps {
        println!("{step}");
    }
    if steps.is_empty() {
        println!("nothing to do");
    }
}

fn show_sql(steps: &[Step]) {
    for step in steps {
        println!("-- {step}\n{}", step.sql.trim_end());
    }
}

fn shown(moment: Option<SystemTime>) -> String {
    let moment = moment.map(chrono::DateTime::<chrono::Utc>::from);
    moment.map_or_else(String::new, |moment| {
        moment.format("%Y-%m-%d %H:%M:%S").to_string()
    })
}

/// All of it, one after the other.
async fn tour(db: &Db, migrations: &Migrations) -> Outcome {
    let say = async |words: &[&str]| {
        println!("\n$ migrations {}", words.join(" "));
        tool(db, migrations, words).await
    };
    say(&["validate"]).await?;
    say(&["up", "--dry-run"]).await?;
    say(&["up"]).await?;
    say(&["status"]).await?;
    let states = migrate::status(db, migrations).await?;
    assert!(states.iter().all(|one| one.state == State::Applied));

    // The columns are there, and a second `up` finds nothing to do.
    let people = "INSERT INTO migrations_people (name, phone_number) VALUES ('Ada', '1815')";
    assert_eq!(sql(people).execute(db).await?, 1);
    say(&["up"]).await?;

    say(&["down", "--dry-run"]).await?;
    say(&["down", "2"]).await?;
    say(&["current"]).await?;
    let current = migrate::current(db).await?;
    assert_eq!(current.map(|one| one.name).as_deref(), Some("people"));
    say(&["status"]).await?;

    // A file that is another than it was when it ran is refused, and nothing is run.
    let edited = migrations.all().iter().map(|migration| {
        let file = format!("{}_{}.sql", migration.version, migration.name);
        (file, "-- UP\nSELECT 'something else';\n")
    });
    let edited = Migrations::new(edited)?;
    match migrate::run(db, &edited).await {
        Err(error) => println!("\nafter an edit: {error}"),
        Ok(_) => return Err("an edited file was taken".into()),
    }

    say(&["down", "1"]).await?;
    say(&["history"]).await?;
    assert_eq!(migrate::current(db).await?, None);
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs() {
        super::start(&[]).expect("the example runs to its end");
    }
}
