//! What is decided before a route is: which other sites may ask from a browser, and that a slash at the end says nothing.

use axum::{
    Router,
    http::{
        HeaderName, HeaderValue, Method,
        header::{AUTHORIZATION, CONTENT_TYPE},
    },
};
use tower::Layer;
use tower_http::{
    cors::{AllowOrigin, CorsLayer},
    normalize_path::NormalizePathLayer,
};

use crate::telemetry::TRACERESPONSE;

/// A browser's part of a trace.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Without origins, browsers let only this application's own pages ask.
pub(super) fn before(routes: Router, origins: &[HeaderValue]) -> Router {
    let routes = NormalizePathLayer::trim_trailing_slash().layer(routes);
    let routes = Router::new().fallback_service(routes);
    if origins.is_empty() {
        return routes;
    }
    // No cookies: who asks is in a header that nobody sends by accident.
    let sites = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().cloned()))
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, TRACEPARENT])
        .expose_headers([TRACERESPONSE]);
    routes.layer(sites)
}
