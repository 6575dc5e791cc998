//! The application with a database of its own, and a client for it.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    body::Body,
    http::{
        HeaderMap, HeaderValue, Method, Request,
        header::{AUTHORIZATION, CONTENT_TYPE},
    },
};
use dev_postgres::{Template, TestDatabase};
use opentelemetry::TraceId;
use ormcore::{Db, sql};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower::ServiceExt;
use uuid::Uuid;

use super::{exported, tree};
use crate::{
    accounts::{Accounts, Secret},
    database::connect,
    routes, seed,
    telemetry::TRACERESPONSE,
    traces::Trace,
};

static EMPTY: Template = Template::new("fastapi_otel_empty", |url| {
    Box::pin(async move {
        let db = Db::connect(&url).await?;
        seed::create(&db).await?;
        Ok(())
    })
});

static SEEDED: Template = Template::new("fastapi_otel_seeded", |url| {
    Box::pin(async move {
        seed::tables(&url).await?;
        Ok(())
    })
});

/// What the tokens of these tests are signed with.
pub(super) const SECRET: &str = "a secret of the tests, and of nobody else";
/// A site that may ask from a browser.
pub(super) const SITE: &str = "https://site.example";
pub(super) const PASSWORD: &str = "correct horse battery staple";

pub(super) struct App {
    router: Router,
    accounts: Arc<Accounts>,
    pub(super) db: Db,
    pub(super) database: TestDatabase,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
    /// Null when it is not JSON.
    pub(super) body: Value,
}

impl App {
    /// With tables, but nothing in them.
    pub(super) async fn empty() -> Self {
        Self::on(EMPTY.database().expect("a database")).await
    }

    /// With ten posts by ten authors, as it starts for everybody.
    pub(super) async fn seeded() -> Self {
        Self::on(SEEDED.database().expect("a database")).await
    }

    async fn on(database: TestDatabase) -> Self {
        let telemetry = exported().telemetry();
        let db = connect(database.url()).await.expect("a connection");
        let secret = |name: &str| (name == "JWT_SECRET").then(|| SECRET.to_owned());
        let secret = Secret::read(secret, "production").expect("a secret");
        let accounts = Arc::new(Accounts::new(&secret).expect("accounts"));
        Self {
            router: routes::app(
                db.clone(),
                Arc::clone(&accounts),
                &telemetry,
                &[HeaderValue::from_static(SITE)],
            ),
            accounts,
            db,
            database,
        }
    }

    /// On a port of this machine, until the test ends.
    pub(super) async fn serve(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(axum::serve(listener, self.router.clone()).into_future());
        address
    }

    /// Signs somebody up, who then logs in: the user's number, and a token.
    pub(super) async fn somebody(&self, email: &str) -> (i64, String) {
        let new = json!({ "name": "Somebody", "email": email, "password": PASSWORD });
        let signed_up = self.post("/signup", new).await;
        assert_eq!(signed_up.status, 201, "{}", signed_up.body);
        let user = signed_up.body["id"].as_i64().expect("a number");
        let login = json!({ "email": email, "password": PASSWORD });
        (user, self.post("/login", login).await.token())
    }

    /// For a user who has no password.
    pub(super) async fn token_of(&self, user: i64) -> String {
        let account = sql(
            "INSERT INTO accounts (user_id, password_hash) VALUES ($1, 'no hash') RETURNING id",
        );
        let accounts = account.bind(user).scalars::<Uuid>(&self.db).await;
        let account = accounts.expect("an account")[0];
        let token = self.accounts.tokens.issue(account).expect("a token");
        let token = serde_json::to_value(token).expect("json");
        token["access_token"].as_str().expect("a token").to_owned()
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(request(Method::GET, path, Body::empty())).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_text(path, &body.to_string()).await
    }

    pub(super) async fn post_text(&self, path: &str, body: &str) -> Answer {
        let mut request = request(Method::POST, path, body.to_owned().into());
        let json = "application/json".parse().expect("a header");
        request.headers_mut().insert(CONTENT_TYPE, json);
        self.send(request).await
    }

    /// With a token, and a body unless it is null.
    pub(super) async fn send_as(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Value,
    ) -> Answer {
        let text = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.send_text_as(token, method, path, &text).await
    }

    pub(super) async fn send_text_as(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: &str,
    ) -> Answer {
        let mut request = request(method, path, body.to_owned().into());
        let headers = request.headers_mut();
        let bearer = format!("Bearer {token}").parse().expect("a header");
        headers.insert(AUTHORIZATION, bearer);
        let json = "application/json".parse().expect("a header");
        headers.insert(CONTENT_TYPE, json);
        self.send(request).await
    }

    pub(super) async fn get_as(&self, token: &str, path: &str) -> Answer {
        self.send_as(token, Method::GET, path, Value::Null).await
    }

    pub(super) async fn post_as(&self, token: &str, path: &str, body: Value) -> Answer {
        self.send_as(token, Method::POST, path, body).await
    }

    pub(super) async fn delete_as(&self, token: &str, path: &str) -> Answer {
        self.send_as(token, Method::DELETE, path, Value::Null).await
    }

    pub(super) async fn post_form(&self, path: &str, form: &str) -> Answer {
        let mut request = request(Method::POST, path, form.to_owned().into());
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, kind.parse().expect("a header"));
        self.send(request).await
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await;
        let response = response.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await;
        let text = String::from_utf8(body.expect("a body").into()).expect("text");
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_str(&text).unwrap_or_default(),
            text,
        }
    }
}

pub(super) fn request(method: Method, path: &str, body: Body) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    request.body(body).expect("a request")
}

impl Answer {
    /// Of an answer to `POST /login`.
    pub(super) fn token(&self) -> String {
        assert_eq!(self.status, 200, "{}", self.body);
        let token = self.body["access_token"].as_str();
        token.expect("a token").to_owned()
    }

    pub(super) fn trace_id(&self) -> Option<TraceId> {
        let header = self.headers.get(TRACERESPONSE)?.to_str().ok()?;
        TraceId::from_hex(header.split('-').nth(1)?).ok()
    }

    pub(super) async fn trace(&self) -> Trace {
        let id = self.trace_id().expect("a trace");
        exported().trace(id).await.expect("exported spans")
    }

    /// The trace as text, to be compared with an expected one.
    pub(super) async fn tree(&self) -> String {
        tree::text(&self.trace().await)
    }
}
