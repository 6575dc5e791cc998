//! Servers that cannot be reached, or refuse: each failure names the place and the cause, and never the password.

use crate::blog::blog;
use crate::stage::{in_time, port};
use ormcore::{Config, Error, ErrorKind};
use std::net::TcpListener;
use std::time::Duration;

const SECRET: &str = "s3cr3t";

async fn refusal(url: &str) -> Error {
    let config = Config::new(url)
        .expect("a URL")
        .connect_timeout(Duration::from_millis(300));
    assert!(!format!("{config:?}").contains(SECRET));
    let error = in_time(config.connect()).await.expect_err("no connection");
    assert_eq!(error.kind(), ErrorKind::Connect);
    for text in [error.to_string(), format!("{error:?}")] {
        assert!(!text.contains(SECRET), "{text}");
    }
    error
}

#[tokio::test]
async fn a_wrong_password() {
    let blog = blog().await;
    let port = port(blog.database.url());
    let error = refusal(&format!(
        "postgres://postgres:{SECRET}@127.0.0.1:{port}/postgres"
    ))
    .await;
    assert_eq!(error.code(), Some("28P01"));
    assert!(
        error.to_string().contains(&format!("127.0.0.1:{port}")),
        "{error}"
    );
}

#[tokio::test]
async fn a_missing_password() {
    let blog = blog().await;
    let port = port(blog.database.url());
    let error = refusal(&format!("postgres://postgres@127.0.0.1:{port}/postgres")).await;
    assert!(error.to_string().contains("password"), "{error}");
}

#[tokio::test]
async fn an_unknown_database() {
    let blog = blog().await;
    let nowhere = blog.database.url().replace(blog.database.name(), "nowhere");
    let error = refusal(&nowhere).await;
    assert_eq!(error.code(), Some("3D000"));
    assert!(error.to_string().contains("nowhere"), "{error}");
}

#[tokio::test]
async fn nobody_listening() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = refusal(&format!("postgres://postgres:{SECRET}@127.0.0.1:{port}/x")).await;
    assert!(
        error.to_string().contains(&format!("127.0.0.1:{port}")),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_never_answers() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let error = refusal(&format!("postgres://postgres:{SECRET}@127.0.0.1:{port}/x")).await;
    assert!(error.to_string().contains("connect_timeout"), "{error}");
}

/// Before anything is sent: these tests are built without the feature `tls`.
#[test]
fn encryption_that_is_asked_for() {
    for options in ["sslmode=require", "sslmode=verify-full&sslrootcert=none"] {
        let url = format!("postgres://user:{SECRET}@host/x?{options}");
        let error = Config::new(&url).expect_err("nothing can be encrypted");
        assert_eq!(error.kind(), ErrorKind::Config);
        let said = error.to_string();
        assert!(said.contains("`tls`") && !said.contains(SECRET), "{said}");
    }
}

#[test]
fn urls_that_cannot_be_read() {
    let bad = [
        format!("postgres://user:{SECRET}@host:port/x"),
        format!("mysql://user:{SECRET}@host/x"),
        format!("postgres://user:{SECRET}@host/x?{SECRET}=1"),
        format!("host=h user=u password=a {SECRET}=1"),
        format!("postgres://user:{SECRET}"),
        "no url".to_owned(),
    ];
    for url in bad {
        let error = Config::new(&url).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{url}");
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains(SECRET), "{text}");
            assert!(text.contains("URL"), "{text}");
        }
    }
}
