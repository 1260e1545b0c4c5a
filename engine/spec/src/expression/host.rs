//! Who chooses the host of an address: who writes and configures it, or an answer.

use super::{Part, Template};

/// What comes after a host.
const AFTER: [char; 3] = ['/', '?', '#'];

/// How a host is written, as far as it is written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HostText {
    begins: String,
    /// How it ends, behind what is computed; none where nothing is.
    ends: Option<String>,
}

impl HostText {
    /// Whether it may turn out to be `host`.
    pub(crate) fn may_be(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let begins = self.begins.to_ascii_lowercase();
        match self.ends.as_ref().map(|ends| ends.to_ascii_lowercase()) {
            None => begins == host,
            Some(ends) => {
                let long_enough = begins.len() + ends.len() <= host.len();
                long_enough && host.starts_with(&begins) && host.ends_with(&ends)
            }
        }
    }

    /// The host, if all of it is written.
    pub(crate) fn whole(&self) -> Option<&str> {
        self.ends.is_none().then_some(self.begins.as_str())
    }
}

impl Template {
    /// The beginning of an address with its host, without anything that reads a name which is `told`; none where
    /// the host may depend on such a name.
    pub(crate) fn host_that_is_fixed(&self, told: &dyn Fn(&str) -> bool) -> Option<Template> {
        let root = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
        let fixed = |part: &&Part| match part {
            Part::Text(_) => true,
            Part::Expression(one) => !one.names().any(|(name, _)| told(&root(name))),
        };
        let parts: Vec<Part> = self.parts.iter().take_while(fixed).cloned().collect();
        match self.parts.get(parts.len()) {
            None => Some(self.clone()),
            Some(Part::Expression(first)) if has_host(&parts) => {
                let source = self.source.chars().take(first.range.start).collect();
                Some(Template { source, parts })
            }
            Some(_) => None,
        }
    }

    /// How its host is written, if the address begins with its scheme.
    pub(crate) fn host_text(&self) -> Option<HostText> {
        let (first, rest) = self.parts.split_first()?;
        let Part::Text(first) = first else { return None };
        let (_, first) = first.split_once("://")?;
        if let Some((host, _)) = first.split_once(AFTER) {
            return Some(HostText { begins: host.to_owned(), ends: None });
        }
        let mut ends = (!rest.is_empty()).then(String::new);
        for part in rest {
            match part {
                Part::Expression(_) => ends = Some(String::new()),
                Part::Text(text) => {
                    let host = text.split(AFTER).next().unwrap_or_default();
                    ends = Some(host.to_owned());
                    if host.len() < text.len() {
                        break;
                    }
                }
            }
        }
        Some(HostText { begins: first.to_owned(), ends })
    }
}

/// Whether a host ends within these parts of an address. Slashes side by side are those after a scheme.
fn has_host(parts: &[Part]) -> bool {
    let ends = |text: &str| {
        let text = text.split_once("://").map_or(text, |(_, rest)| rest);
        !text.starts_with("//") && text.contains(AFTER)
    };
    parts.iter().any(|part| matches!(part, Part::Text(text) if ends(text)))
}

#[cfg(test)]
mod tests {
    use super::Template;

    fn template(source: &str) -> Template {
        Template::compile(source).expect(source)
    }

    #[test]
    fn a_host_is_fixed_before_what_an_answer_tells() {
        for (source, fixed) in [
            ("https://a.example/v1", Some("https://a.example/v1")),
            ("{{ config.site }}/v1", Some("{{ config.site }}/v1")),
            ("https://a.example/{{ parent.id }}/x", Some("https://a.example/")),
            ("https://a.example?x={{ parent.id }}", Some("https://a.example?x=")),
            ("{{ config.site }}/{{ parent.id }}", Some("{{ config.site }}/")),
            (
                "{{ config.scheme }}://{{ config.host }}/{{ parent.id }}",
                Some("{{ config.scheme }}://{{ config.host }}/"),
            ),
            ("https://{{ config.a if parent.id else config.b }}.example/", None),
            ("{{ parent.url }}", None),
            ("{{ config.site }}{{ parent.rest }}", None),
            ("{{ config.scheme }}://{{ parent.host }}/", None),
            ("{{ config.scheme }}//{{ parent.host }}/", None),
            ("https://a.example{{ parent.rest }}/", None),
            ("https://{{ config.name }}@{{ parent.host }}/", None),
        ] {
            let found = template(source).host_that_is_fixed(&|name| name == "parent");
            assert_eq!(found.as_ref().map(Template::source), fixed, "{source}");
        }
    }

    #[test]
    fn a_host_may_be_what_its_text_allows() {
        for (source, host, may_be) in [
            ("https://A.example/x", "a.example", true),
            ("https://a.example", "b.example", false),
            ("https://{{ parent.shop }}.example/x", "one.example", true),
            ("https://{{ parent.shop }}.example", "one.example.org", false),
            ("https://api-{{ parent.a }}.{{ parent.b }}.example/x", "api-one.two.example", true),
            ("https://api-{{ parent.a }}.{{ parent.b }}.example/x", "one.two.example", false),
            ("https://{{ parent.shop }}", "whatever.example", true),
        ] {
            assert_eq!(template(source).host_text().map(|text| text.may_be(host)), Some(may_be), "{source}: {host}");
        }
        assert_eq!(template("{{ parent.url }}/x").host_text(), None);
    }
}
