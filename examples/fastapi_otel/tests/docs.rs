//! Whether `/openapi.json` describes what is answered.

use axum::{
    body::Body,
    http::{Method, StatusCode, header::CONTENT_TYPE},
};
use serde_json::{Value, json};

use super::app::{Answer, App, PASSWORD, request};

/// What the page is about, and what is not for programs.
const NOT_DESCRIBED: [&str; 3] = ["GET /docs", "GET /traces", "GET /metrics"];

struct Api(Value);

impl Api {
    async fn of(app: &App) -> Self {
        let description = app.get("/openapi.json").await;
        assert_eq!(description.headers[CONTENT_TYPE], "application/json");
        Self(description.body)
    }

    /// What a reference stands for; whatever else there is stands for itself.
    fn resolved<'a>(&'a self, part: &'a Value) -> &'a Value {
        match part["$ref"].as_str() {
            Some(reference) => {
                let found = self.0.pointer(&reference[1..]);
                self.resolved(found.unwrap_or_else(|| panic!("no {reference}")))
            }
            None => part,
        }
    }

    /// Method, path and what is said about them.
    fn operations(&self) -> Vec<(Method, &str, &Value)> {
        let paths = self.0["paths"].as_object().expect("paths");
        let of_path = paths.iter().flat_map(|(path, operations)| {
            let operations = operations.as_object().expect("operations");
            operations
                .iter()
                .map(move |(method, said)| (method, path, said))
        });
        let operations = of_path.filter(|(method, ..)| *method != "parameters");
        operations
            .map(|(method, path, said)| {
                let method = method.to_uppercase().parse().expect("a method");
                (method, path.as_str(), said)
            })
            .collect()
    }

    fn assert_fits(&self, schema: &Value, value: &Value, at: &str) {
        let schema = self.resolved(schema);
        let is = |name: &str| match name {
            "null" => value.is_null(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64(),
            "string" => value.is_string(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            other => panic!("{at}: what is a {other}?"),
        };
        match &schema["type"] {
            Value::String(name) => assert!(is(name), "{at}: {value} is no {name}"),
            Value::Array(names) => {
                let one = names.iter().filter_map(Value::as_str).any(is);
                assert!(one, "{at}: {value} is none of {names:?}");
            }
            _ => {}
        }
        if let Some(values) = schema["enum"].as_array() {
            assert!(values.contains(value), "{at}: {value}");
        }
        if let Some(constant) = schema.get("const") {
            assert_eq!(constant, value, "{at}");
        }
        for (index, item) in value.as_array().into_iter().flatten().enumerate() {
            self.assert_fits(&schema["items"], item, &format!("{at}[{index}]"));
        }
        let Some(properties) = schema["properties"].as_object() else {
            return;
        };
        for name in schema["required"].as_array().into_iter().flatten() {
            let name = name.as_str().expect("a name");
            assert!(value.get(name).is_some(), "{at}: no {name} in {value}");
        }
        for (name, value) in value.as_object().into_iter().flatten() {
            let property = properties.get(name);
            let property = property.unwrap_or_else(|| panic!("{at}: {name} is not described"));
            self.assert_fits(property, value, &format!("{at}.{name}"));
        }
    }

    /// The status is one that is described, and the body is of its shape.
    fn assert_describes(&self, said: &Value, answer: &Answer, at: &str) {
        let described = &said["responses"][answer.status.to_string()];
        assert!(
            !described.is_null(),
            "{at}: {} {}",
            answer.status,
            answer.text
        );
        let content = self.resolved(described)["content"].as_object();
        match content.and_then(|content| content.iter().next()) {
            Some((kind, body)) => {
                assert_eq!(answer.headers[CONTENT_TYPE], kind.as_str(), "{at}");
                self.assert_fits(&body["schema"], &answer.body, at);
            }
            None => assert_eq!(answer.text, "", "{at}"),
        }
    }
}

#[tokio::test]
async fn everything_that_is_described_is_there_and_takes_a_token_where_it_says_so() {
    let app = App::seeded().await;
    let api = Api::of(&app).await;
    for (method, path, said) in api.operations() {
        let at = format!("{method} {path}");
        let asked = request(method, &path.replace("{id}", "1"), Body::empty());
        let answer = app.send(asked).await;
        api.assert_describes(said, &answer, &at);
        let takes_a_token = answer.status == StatusCode::UNAUTHORIZED;
        assert_eq!(takes_a_token, said.get("security").is_some(), "{at}");
    }
}

#[tokio::test]
async fn what_is_answered_is_of_the_shape_that_is_described() {
    let app = App::seeded().await;
    let api = Api::of(&app).await;
    let token = app.token_of(1).await;
    let mary = json!({ "name": "Mary", "email": "mary@example.org", "password": PASSWORD });
    let listed = json!({ "name": "Joan", "email": "joan@example.org", "age": 29 });
    let post = json!({ "title": "x", "content": "x" });
    let changed = json!({ "title": "y", "content": "y", "version": 1 });
    let nothing = Value::Null;
    for (method, path, id, body, status) in [
        ("GET", "/", "", &nothing, 200),
        ("POST", "/users", "", &listed, 201),
        ("POST", "/users", "", &listed, 409),
        ("POST", "/users", "", &post, 422),
        ("GET", "/users", "", &nothing, 200),
        ("GET", "/users/{id}", "11", &nothing, 200),
        ("GET", "/users/{id}", "99", &nothing, 404),
        ("DELETE", "/users/{id}", "2", &nothing, 403),
        ("POST", "/signup", "", &mary, 201),
        ("POST", "/signup", "", &mary, 409),
        ("POST", "/login", "", &mary, 200),
        ("GET", "/me", "", &nothing, 200),
        ("POST", "/posts", "", &post, 201),
        ("GET", "/posts", "", &nothing, 200),
        ("GET", "/posts/{id}", "1", &nothing, 200),
        ("PUT", "/posts/{id}", "1", &changed, 200),
        ("PUT", "/posts/{id}", "1", &changed, 409),
        ("PUT", "/posts/{id}", "2", &changed, 403),
        ("DELETE", "/posts/{id}", "1", &nothing, 204),
        ("DELETE", "/posts/{id}", "1", &nothing, 404),
        ("DELETE", "/users/{id}", "1", &nothing, 204),
    ] {
        let at = format!("{method} {path} {status}");
        let said = &api.0["paths"][path][method.to_lowercase()];
        let method = method.parse().expect("a method");
        let path = path.replace("{id}", id);
        let answer = app.send_as(&token, method, &path, body.clone()).await;
        assert_eq!(answer.status, status, "{at}: {}", answer.text);
        api.assert_describes(said, &answer, &at);
    }
}

#[tokio::test]
async fn the_readme_lists_what_is_described() {
    let app = App::empty().await;
    let api = Api::of(&app).await;
    let operations = api.operations().into_iter();
    let mut described: Vec<_> = operations
        .map(|(method, path, _)| format!("{method} {path}"))
        .chain(NOT_DESCRIBED.map(str::to_owned))
        .collect();
    let (_, table) = include_str!("../../README.md")
        .split_once("| request | answers with |")
        .expect("a table of requests");
    let (table, _) = table.split_once("\n\n").expect("its end");
    let cells = table.lines().filter_map(|line| line.split('|').nth(1));
    let mut listed: Vec<_> = cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(|request| request.split('?').next().unwrap_or(request).to_owned())
        .collect();
    for list in [&mut described, &mut listed] {
        list.sort();
        list.dedup();
    }
    assert_eq!(listed, described);
}

#[tokio::test]
async fn the_page_about_it_loads_nothing_from_anywhere() {
    let page = App::empty().await.get("/docs").await;
    assert_eq!(page.status, 200);
    for outside in ["http://", "https://", "innerHTML", "document.write"] {
        assert!(!page.text.contains(outside), "{outside}");
    }
}
