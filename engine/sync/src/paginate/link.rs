//! The `Link` header (RFC 8288).

/// The target of the link whose relation is `next`.
pub(crate) fn next(header: &str) -> Option<&str> {
    let mut rest = header;
    loop {
        let open = rest.find('<')?;
        let close = open + rest[open..].find('>')?;
        let target = &rest[open + 1..close];
        let (parameters, after) = parameters(&rest[close + 1..]);
        let leads_on = parameters.iter().any(|(name, value)| {
            name.eq_ignore_ascii_case("rel")
                && value.split_ascii_whitespace().any(|relation| relation.eq_ignore_ascii_case("next"))
        });
        if leads_on {
            return Some(target.trim());
        }
        rest = after;
    }
}

/// The parameters of one link, and what follows the comma after them.
fn parameters(text: &str) -> (Vec<(&str, &str)>, &str) {
    let mut found = Vec::new();
    let mut start = 0;
    let mut quoted = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b';' | b',' if !quoted => {
                found.extend(parameter(&text[start..at]));
                start = at + 1;
                if byte == b',' {
                    return (found, &text[start..]);
                }
            }
            _ => {}
        }
    }
    found.extend(parameter(&text[start..]));
    (found, "")
}

fn parameter(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    Some((name.trim(), value.trim().trim_matches('"')))
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn the_next_link_is_found_among_others() {
        for (header, expected) in [
            ("<http://a/?page=2>; rel=\"next\"", Some("http://a/?page=2")),
            ("</x?a=1,2>; rel=prev, </x?a=3,4>; title=\"a, b; c\"; REL=\"last Next\"", Some("/x?a=3,4")),
            ("<a>; rel=\"nextish\", <b>; rel=\"prev\"", None),
            ("<a>; title=\"rel=next\"", None),
            ("nonsense", None),
        ] {
            assert_eq!(next(header), expected, "{header}");
        }
    }
}
