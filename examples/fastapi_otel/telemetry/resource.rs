//! Who sends this telemetry: the standard variables first, then the names that deployments use.

use std::collections::BTreeMap;

use opentelemetry::KeyValue;
use opentelemetry_sdk::{Resource, resource::TelemetryResourceDetector};
use opentelemetry_semantic_conventions::attribute as semconv;

/// Attribute, the variables that may give it, and what it is when none does.
const FALLBACKS: [(&str, &[&str], Option<&str>); 14] = [
    (
        semconv::SERVICE_NAME,
        &["SERVICE_NAME"],
        Some("fastapi-otel"),
    ),
    (
        semconv::SERVICE_VERSION,
        &["SERVICE_VERSION", "APP_VERSION"],
        Some(env!("CARGO_PKG_VERSION")),
    ),
    (semconv::SERVICE_NAMESPACE, &["SERVICE_NAMESPACE"], None),
    (semconv::SERVICE_INSTANCE_ID, &["HOSTNAME"], None),
    (
        semconv::DEPLOYMENT_ENVIRONMENT_NAME,
        &["DEPLOYMENT_ENVIRONMENT", "ENVIRONMENT", "APP_ENV"],
        Some("development"),
    ),
    (semconv::CLOUD_REGION, &["AWS_REGION"], None),
    (semconv::HOST_NAME, &["HOSTNAME"], None),
    (semconv::HOST_TYPE, &["HOST_TYPE"], None),
    (semconv::CONTAINER_ID, &["CONTAINER_ID"], None),
    (semconv::CONTAINER_NAME, &["CONTAINER_NAME"], None),
    (
        semconv::K8S_NAMESPACE_NAME,
        &["K8S_NAMESPACE_NAME", "K8S_NAMESPACE"],
        None,
    ),
    (semconv::K8S_POD_NAME, &["K8S_POD_NAME"], None),
    (semconv::K8S_DEPLOYMENT_NAME, &["K8S_DEPLOYMENT_NAME"], None),
    (semconv::K8S_NODE_NAME, &["K8S_NODE_NAME"], None),
];

/// The retired name of `deployment.environment.name`, which most dashboards still filter by.
const DEPLOYMENT_ENVIRONMENT: &str = "deployment.environment";

/// The part of the resource that `GET /` answers with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) environment: String,
}

#[derive(Debug)]
pub(crate) struct Identity {
    attributes: BTreeMap<String, String>,
}

impl Identity {
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let mut attributes = BTreeMap::new();
        for (attribute, variables, otherwise) in FALLBACKS {
            let value = variables
                .iter()
                .copied()
                .find_map(set)
                .or_else(|| otherwise.map(str::to_owned));
            attributes.extend(value.map(|value| (attribute.to_owned(), value)));
        }
        attributes.extend(listed(&set("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default()));
        attributes
            .extend(set("OTEL_SERVICE_NAME").map(|name| (semconv::SERVICE_NAME.to_owned(), name)));
        if let Some(environment) = attributes
            .get(semconv::DEPLOYMENT_ENVIRONMENT_NAME)
            .cloned()
        {
            attributes
                .entry(DEPLOYMENT_ENVIRONMENT.to_owned())
                .or_insert(environment);
        }
        Self { attributes }
    }

    pub(crate) fn resource(&self) -> Resource {
        Resource::builder_empty()
            .with_detector(Box::new(TelemetryResourceDetector))
            .with_attributes(
                self.attributes
                    .iter()
                    .map(|(key, value)| KeyValue::new(key.clone(), value.clone())),
            )
            .build()
    }

    pub(crate) fn service(&self) -> Service {
        let value = |attribute: &str| self.attributes.get(attribute).cloned().unwrap_or_default();
        Service {
            name: value(semconv::SERVICE_NAME),
            version: value(semconv::SERVICE_VERSION),
            environment: value(semconv::DEPLOYMENT_ENVIRONMENT_NAME),
        }
    }
}

fn listed(attributes: &str) -> impl Iterator<Item = (String, String)> {
    attributes
        .split(',')
        .filter_map(|entry| entry.split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .filter(|(key, value)| !key.is_empty() && !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{Identity, Service};

    fn identity(variables: &[(&str, &str)]) -> Identity {
        Identity::read(|name| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn without_any_variable_the_service_still_has_a_name() {
        let expected = Service {
            name: "fastapi-otel".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            environment: "development".to_owned(),
        };
        assert_eq!(identity(&[]).service(), expected);
    }

    #[test]
    fn the_standard_variables_win_over_the_others() {
        let variables = [
            ("OTEL_SERVICE_NAME", "a"),
            (
                "OTEL_RESOURCE_ATTRIBUTES",
                "service.name=b,service.version=2,k8s.pod.name=pod=1",
            ),
            ("SERVICE_NAME", "c"),
            ("SERVICE_VERSION", "3"),
            ("DEPLOYMENT_ENVIRONMENT", "staging"),
            ("APP_ENV", "production"),
        ];
        let identity = identity(&variables);
        let expected = Service {
            name: "a".to_owned(),
            version: "2".to_owned(),
            environment: "staging".to_owned(),
        };
        assert_eq!(identity.service(), expected);
        assert_eq!(identity.attributes["k8s.pod.name"], "pod=1");
    }

    #[test]
    fn the_environment_is_there_by_its_stable_and_by_its_retired_name() {
        let identity = identity(&[("DEPLOYMENT_ENVIRONMENT", "staging")]);
        assert_eq!(
            identity.attributes["deployment.environment.name"],
            "staging"
        );
        assert_eq!(identity.attributes["deployment.environment"], "staging");
    }

    #[test]
    fn empty_variables_are_left_out() {
        let identity = identity(&[
            ("HOSTNAME", ""),
            ("CONTAINER_NAME", "  "),
            ("OTEL_RESOURCE_ATTRIBUTES", "host.name="),
        ]);
        for absent in ["service.instance.id", "host.name", "container.name"] {
            assert!(
                !identity.attributes.contains_key(absent),
                "{absent} is there"
            );
        }
    }

    #[test]
    fn the_host_name_tells_instances_apart() {
        assert_eq!(
            identity(&[("HOSTNAME", "web-7")]).attributes["service.instance.id"],
            "web-7"
        );
    }
}
