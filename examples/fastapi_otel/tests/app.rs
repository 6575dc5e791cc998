//! The application with a database of its own, and a client for it.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, header::CONTENT_TYPE},
};
use dev_postgres::{Template, TestDatabase};
use opentelemetry::TraceId;
use ormcore::{Db, entities, schema};
use serde_json::Value;
use tokio::net::TcpListener;
use tower::ServiceExt;

use super::{exported, tree};
use crate::{
    database::connect,
    entities::{Comment, Post, User},
    routes, seed,
    telemetry::{TRACERESPONSE, Telemetry},
    traces::Trace,
};

static EMPTY: Template = Template::new("fastapi_otel_empty", |url| {
    Box::pin(async move {
        let db = Db::connect(&url).await?;
        schema::create(&db, entities![User, Post, Comment]).await?;
        Ok(())
    })
});

static SEEDED: Template = Template::new("fastapi_otel_seeded", |url| {
    Box::pin(async move {
        seed::tables(&url).await?;
        Ok(())
    })
});

pub(super) struct App {
    router: Router,
    pub(super) db: Db,
    pub(super) database: TestDatabase,
}

pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
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
        exported();
        let db = connect(database.url()).await.expect("a connection");
        let telemetry = Telemetry::uninstalled().expect("telemetry");
        Self {
            router: routes::app(db.clone(), &telemetry),
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

    pub(super) async fn delete(&self, path: &str) -> Answer {
        self.send(request(Method::DELETE, path, Body::empty()))
            .await
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await;
        let response = response.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await;
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: serde_json::from_slice(&body.expect("a body")).unwrap_or_default(),
        }
    }
}

pub(super) fn request(method: Method, path: &str, body: Body) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    request.body(body).expect("a request")
}

impl Answer {
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
