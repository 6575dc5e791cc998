//! The registry of our own attributes and metrics that ships with the crate.

use serde::Deserialize;
use std::collections::BTreeMap;

const FILE: &str = include_str!("../../ormcore/telemetry/registry.yaml");

#[derive(Deserialize)]
struct File {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    brief: String,
    stability: Option<String>,
    metric_name: Option<String>,
    name: Option<String>,
    instrument: Option<String>,
    unit: Option<String>,
    #[serde(default)]
    attributes: Vec<Attribute>,
}

/// Declared (`id`), or declared elsewhere (`ref`).
#[derive(Deserialize)]
struct Attribute {
    id: Option<String>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    #[serde(rename = "type")]
    kind: Option<Type>,
    brief: Option<String>,
    stability: Option<String>,
    requirement_level: Option<serde_yaml_ng::Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Type {
    Plain(String),
    Members { members: Vec<Member> },
}

#[derive(Deserialize)]
struct Member {
    value: String,
}

/// An attribute as the registry, or the conventions, describe it.
pub(crate) struct Described {
    /// `string`, `int`, `double` or `boolean`.
    pub(crate) kind: String,
    /// The only values it may have, if they are listed.
    pub(crate) values: Option<Vec<String>>,
}

pub(crate) struct DescribedMetric {
    pub(crate) instrument: String,
    pub(crate) unit: String,
    pub(crate) brief: String,
    pub(crate) required: Vec<String>,
    pub(crate) allowed: Vec<String>,
}

fn groups() -> Vec<Group> {
    let file: File = serde_yaml_ng::from_str(FILE).expect("a registry");
    file.groups
}

/// Our own attributes, by name.
pub(crate) fn attributes() -> BTreeMap<String, Described> {
    let mut attributes = BTreeMap::new();
    for attribute in groups().into_iter().flat_map(|group| group.attributes) {
        let (Some(id), Some(kind)) = (attribute.id, attribute.kind) else {
            continue;
        };
        let described = match kind {
            Type::Plain(kind) => Described { kind, values: None },
            Type::Members { members } => Described {
                kind: "string".to_owned(),
                values: Some(members.into_iter().map(|member| member.value).collect()),
            },
        };
        assert!(
            attributes.insert(id.clone(), described).is_none(),
            "{id} is declared once"
        );
    }
    attributes
}

/// Our own metrics, by name.
pub(crate) fn metrics() -> BTreeMap<String, DescribedMetric> {
    let metrics = groups().into_iter().filter(|group| group.kind == "metric");
    let described = metrics.map(|group| {
        let name = |attribute: &Attribute| attribute.reference.clone().expect("a reference");
        let required = group
            .attributes
            .iter()
            .filter(|attribute| is_required(attribute));
        let described = DescribedMetric {
            instrument: group.instrument.clone().expect("an instrument"),
            unit: group.unit.clone().expect("a unit"),
            brief: group.brief.clone(),
            required: required.map(name).collect(),
            allowed: group.attributes.iter().map(name).collect(),
        };
        (group.metric_name.clone().expect("a name"), described)
    });
    described.collect()
}

/// Our own spans by name: the attributes they must have, and those they may have.
pub(crate) fn spans() -> BTreeMap<String, (Vec<String>, Vec<String>)> {
    let spans = groups().into_iter().filter(|group| group.kind == "span");
    let described = spans.map(|group| {
        let name = |attribute: &Attribute| attribute.reference.clone().expect("a reference");
        let required = group
            .attributes
            .iter()
            .filter(|attribute| is_required(attribute));
        let name_of_span = group.id.trim_start_matches("span.").to_owned();
        let required = required.map(name).collect();
        (
            name_of_span,
            (required, group.attributes.iter().map(name).collect()),
        )
    });
    described.collect()
}

/// Our own events by name, and the attributes they have.
pub(crate) fn events() -> BTreeMap<String, Vec<String>> {
    let events = groups().into_iter().filter(|group| group.kind == "event");
    let described = events.map(|group| {
        let names = group
            .attributes
            .iter()
            .map(|attribute| attribute.reference.clone());
        (
            group.name.expect("a name"),
            names.map(|name| name.expect("a reference")).collect(),
        )
    });
    described.collect()
}

fn is_required(attribute: &Attribute) -> bool {
    let level = attribute.requirement_level.as_ref();
    level.and_then(|level| level.as_str()) == Some("required")
}

#[test]
fn everything_in_the_registry_says_what_it_is_and_how_stable_it_is() {
    for group in groups() {
        assert!(group.brief.ends_with('.'), "{}: {}", group.id, group.brief);
        let is_list = group.kind == "attribute_group";
        assert_eq!(group.stability.is_none(), is_list, "{}", group.id);
        for attribute in group.attributes {
            let declared = attribute.id.is_some();
            assert_ne!(declared, attribute.reference.is_some(), "{}", group.id);
            assert_eq!(attribute.brief.is_some(), declared, "{}", group.id);
            assert_eq!(attribute.stability.is_some(), declared, "{}", group.id);
        }
    }
}
