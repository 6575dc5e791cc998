//! A server span and the HTTP metrics for every request worth one.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Uri,
        header::HOST,
        uri::{PathAndQuery, Scheme},
    },
    middleware::{Next, from_fn_with_state, map_request},
    response::Response,
};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value, trace::TraceContextExt};
use opentelemetry_instrumentation_tower::http::server::LayerBuilder;
use opentelemetry_semantic_conventions::attribute::ERROR_TYPE;

use super::excluded::{Excluded, Unless};

/// Names the server span of the answer (W3C Trace Context, level 2), so that a client can find its trace.
pub(crate) const TRACERESPONSE: HeaderName = HeaderName::from_static("traceresponse");

/// Never in a span, even when listed: this wins over what the environment asks for.
const SECRET: [&str; 5] = ["authorization", "cookie", "api-key", "token", "secret"];

/// Values of the query that are not recorded: what the layer itself leaves out (the four of the conventions), and what
/// somebody may write there by mistake that belongs into a body or a header.
const SECRET_PARAMETERS: [&str; 11] = [
    "AWSAccessKeyId",
    "Signature",
    "sig",
    "X-Goog-Signature",
    "access_token",
    "email",
    "login",
    "password",
    "secret",
    "token",
    "username",
];

#[derive(Debug, Clone)]
pub(crate) struct HttpTelemetry {
    excluded: Excluded,
    captured: Captured,
}

/// Headers that are recorded.
#[derive(Debug, Clone)]
struct Captured {
    of_requests: Arc<[HeaderName]>,
    of_responses: Arc<[HeaderName]>,
}

impl HttpTelemetry {
    /// All are comma lists: paths, where a `*` at the end stands for any rest, and names of headers of requests and of
    /// responses.
    pub(crate) fn new(excluded_urls: Option<&str>, of_requests: &str, of_responses: &str) -> Self {
        Self {
            excluded: Excluded::new(excluded_urls),
            captured: Captured {
                of_requests: names(of_requests),
                of_responses: names(of_responses),
            },
        }
    }

    /// Wraps routes that are complete: the span is named by the route that has been matched.
    /// The global providers have to be set before.
    pub(crate) fn observe(&self, router: Router) -> Router {
        let server = LayerBuilder::builder()
            .with_response_extractor_fn(error_type)
            .with_sensitive_query_parameters(SECRET_PARAMETERS)
            .build();
        let Ok(server) = server else {
            unreachable!("the builder has no setting that could be wrong")
        };
        router
            .layer(from_fn_with_state(self.captured.clone(), describe))
            .layer(Unless {
                excluded: self.excluded.clone(),
                layer: server,
            })
            .layer(map_request(with_scheme))
    }
}

fn names(listed: &str) -> Arc<[HeaderName]> {
    let listed = listed
        .split(',')
        .filter_map(|name| name.trim().parse().ok());
    let is_secret = |name: &HeaderName| SECRET.iter().any(|secret| name.as_str().contains(secret));
    listed.filter(|name| !is_secret(name)).collect()
}

fn error_type<B>(response: &axum::http::Response<B>) -> Vec<KeyValue> {
    let status = response.status();
    if status.is_server_error() {
        vec![KeyValue::new(ERROR_TYPE, status.as_str().to_owned())]
    } else {
        Vec::new()
    }
}

/// Inside the server span. Headers are recorded here and not by the layer's extractor, which would also make every
/// value a label of the metrics.
async fn describe(State(captured): State<Captured>, request: Request, next: Next) -> Response {
    let context = Context::current();
    record(
        &context,
        "request",
        request.headers(),
        &captured.of_requests,
    );
    let mut response = next.run(request).await;
    record(
        &context,
        "response",
        response.headers(),
        &captured.of_responses,
    );
    if let Some(value) = traceresponse(&context) {
        response.headers_mut().insert(TRACERESPONSE, value);
    }
    response
}

fn record(context: &Context, of: &str, headers: &HeaderMap, names: &[HeaderName]) {
    for name in names {
        if let Some(values) = header_values(headers, name) {
            let attribute = KeyValue::new(format!("http.{of}.header.{name}"), values);
            context.span().set_attribute(attribute);
        }
    }
}

fn header_values(headers: &HeaderMap, name: &HeaderName) -> Option<Value> {
    let values: Vec<StringValue> = headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .map(|value| value.to_owned().into())
        .collect();
    (!values.is_empty()).then_some(Value::Array(Array::String(values)))
}

fn traceresponse(context: &Context) -> Option<HeaderValue> {
    let span = context.span().span_context().clone();
    let flags = span.trace_flags().to_u8();
    let value = format!("00-{}-{}-{flags:02x}", span.trace_id(), span.span_id());
    span.is_valid().then(|| value.try_into().ok()).flatten()
}

/// `GET /posts` names no scheme, and the layer would record an empty `url.scheme`: what is served here is plain HTTP.
async fn with_scheme(mut request: Request) -> Request {
    if request.uri().scheme().is_some() {
        return request;
    }
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    let path = request
        .uri()
        .path_and_query()
        .map_or("/", PathAndQuery::as_str);
    let uri = Uri::builder()
        .scheme(Scheme::HTTP)
        .authority(host)
        .path_and_query(path)
        .build();
    if let Ok(uri) = uri {
        *request.uri_mut() = uri;
    }
    request
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, extract::Path, http::Request, routing::get};
    use opentelemetry::{Context, TraceId, trace::TraceContextExt};
    use tower::ServiceExt;

    use super::{HttpTelemetry, TRACERESPONSE};
    use crate::{tests::exported, traces::Trace};

    async fn current_span() -> String {
        tokio::task::yield_now().await;
        Context::current()
            .span()
            .span_context()
            .span_id()
            .to_string()
    }

    /// Body of the answer, and the trace if there is one.
    async fn ask(path: &str) -> (String, Option<Trace>) {
        let exported = exported();
        let routes = Router::new()
            .route(
                "/users/{id}",
                get(async |_: Path<i64>| current_span().await),
            )
            .route("/health", get(current_span))
            .route(
                "/broken",
                get(async || axum::http::StatusCode::SERVICE_UNAVAILABLE),
            );
        let request = Request::get(path)
            .header("x-request-id", "7")
            .header("cookie", "no");
        let request = request.body(Body::empty()).expect("a request");
        let telemetry = HttpTelemetry::new(None, "x-request-id,cookie", "content-type");
        let response = telemetry
            .observe(routes)
            .oneshot(request)
            .await
            .expect("an answer");
        let header = response.headers().get(TRACERESPONSE).cloned();
        let body = axum::body::to_bytes(response.into_body(), 1_000)
            .await
            .expect("a body");
        let trace_id =
            header.and_then(|value| TraceId::from_hex(value.to_str().ok()?.get(3..35)?).ok());
        let trace = match trace_id {
            Some(id) => exported.trace(id).await,
            None => None,
        };
        (String::from_utf8_lossy(&body).into_owned(), trace)
    }

    #[tokio::test]
    async fn a_server_span_is_named_by_its_route_and_is_current_in_the_handler() {
        let (body, trace) = ask("/users/7?eager=true").await;
        let span = &trace.expect("a trace").spans[0];
        assert_eq!(
            (span.name.as_str(), span.kind, span.status),
            ("GET /users/{id}", "server", "unset")
        );
        assert_eq!(span.span_id, body);
        assert_eq!(span.label, "GET /users/7?eager=true");
        assert_eq!(span.attributes["url.scheme"], "http");
    }

    #[tokio::test]
    async fn a_request_that_was_wrong_is_no_error_of_the_server() {
        let (_, trace) = ask("/users/seven").await;
        let span = &trace.expect("a trace").spans[0];
        assert_eq!(
            (span.status, &span.attributes["http.response.status_code"]),
            ("unset", &400.into())
        );
    }

    #[tokio::test]
    async fn a_failing_server_says_so_by_status_and_error_type() {
        let (_, trace) = ask("/broken").await;
        let span = &trace.expect("a trace").spans[0];
        assert_eq!(
            (span.status, &span.attributes["error.type"]),
            ("error", &"503".into())
        );
    }

    #[tokio::test]
    async fn an_excluded_path_has_no_span_at_all() {
        let (body, trace) = ask("/health").await;
        assert_eq!(body, "0000000000000000");
        assert!(trace.is_none());
    }

    #[tokio::test]
    async fn a_listed_header_is_captured_and_a_secret_one_is_not() {
        let (_, trace) = ask("/users/7").await;
        let attributes = &trace.expect("a trace").spans[0].attributes;
        assert_eq!(
            attributes["http.request.header.x-request-id"],
            serde_json::json!(["7"])
        );
        assert!(!attributes.contains_key("http.request.header.cookie"));
        assert_eq!(
            attributes["http.response.header.content-type"],
            serde_json::json!(["text/plain; charset=utf-8"])
        );
    }

    #[test]
    fn secrets_are_not_captured_even_when_they_are_listed() {
        let captured = |listed: &str| {
            let names = super::names(listed);
            names.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(
            captured("Content-Type, Authorization, X-Api-Key, cookie, x-auth-token, X-Request-Id"),
            ["content-type", "x-request-id"]
        );
        assert_eq!(captured("set-cookie,content-length"), ["content-length"]);
    }
}
