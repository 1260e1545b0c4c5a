//! Cookies that an API sets (RFC 6265): each goes only where it says, and no longer.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use url::{Host, Url};

use crate::http::{Headers, Request};

/// More cookies are not kept, the oldest goes; a larger one is not kept at all.
const MOST: usize = 200;
const LARGEST: usize = 8 << 10;

/// The cookies of a session.
#[derive(Debug, Default)]
pub(super) struct Jar(Mutex<Vec<Cookie>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Cookie {
    name: String,
    value: String,
    domain: String,
    /// Whether it goes to this host alone, not to those below it.
    host_only: bool,
    path: String,
    secure: bool,
    until: Option<Timestamp>,
}

impl Jar {
    /// Forgets all.
    pub(super) fn clear(&self) {
        self.cookies().clear();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.cookies().is_empty()
    }

    /// The value of a cookie.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        self.cookies().iter().rev().find(|cookie| cookie.name == name).map(|cookie| cookie.value.clone())
    }

    /// Keeps what an answer of `url` sets, and gives the values that are new.
    pub(super) fn keep(&self, url: &Url, headers: &Headers, now: Timestamp) -> Vec<String> {
        let set = headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Set-Cookie"));
        let mut cookies = self.cookies();
        let mut new = Vec::new();
        for cookie in set.filter_map(|(_, text)| Cookie::read(text, url, now)) {
            let same = |known: &Cookie| {
                (&known.name, &known.domain, &known.path) == (&cookie.name, &cookie.domain, &cookie.path)
            };
            if !cookies.iter().any(|known| same(known) && known.value == cookie.value) {
                new.push(cookie.value.clone());
            }
            cookies.retain(|known| !same(known));
            if cookie.until.is_none_or(|until| now < until) {
                cookies.push(cookie);
            }
            if cookies.len() > MOST {
                cookies.remove(0);
            }
        }
        new
    }

    /// Adds the cookies that go with a request, the longest path first.
    pub(super) fn attach(&self, request: &mut Request, now: Timestamp) {
        let mut cookies: Vec<Cookie> =
            self.cookies().iter().filter(|cookie| cookie.goes_to(&request.url, now)).cloned().collect();
        cookies.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs = cookies.iter().map(|cookie| format!("{}={}", cookie.name, cookie.value));
        let pairs: Vec<String> = request.headers.get("Cookie").map(str::to_owned).into_iter().chain(pairs).collect();
        if !pairs.is_empty() {
            request.headers.set("Cookie", &pairs.join("; "));
        }
    }

    fn cookies(&self) -> MutexGuard<'_, Vec<Cookie>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cookie {
    /// Section 5.2 and 5.3. One for a domain that its sender does not stand below is nobody's.
    fn read(text: &str, url: &Url, now: Timestamp) -> Option<Cookie> {
        let host = url.host_str()?.to_ascii_lowercase();
        let mut parts = text.split(';');
        let (name, value) = parts.next()?.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        if name.is_empty() || text.len() > LARGEST || text.contains(char::is_control) {
            return None;
        }
        let mut cookie = Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            domain: host.clone(),
            host_only: true,
            path: default_path(url),
            secure: false,
            until: None,
        };
        let mut max_age = None;
        for attribute in parts {
            let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let value = value.trim();
            match key.trim().to_ascii_lowercase().as_str() {
                "domain" if !value.trim_start_matches('.').is_empty() => {
                    cookie.domain = value.trim_start_matches('.').to_ascii_lowercase();
                    cookie.host_only = false;
                }
                "path" if value.starts_with('/') => cookie.path = value.to_owned(),
                "secure" => cookie.secure = true,
                "expires" => cookie.until = date(value),
                "max-age" => max_age = value.parse::<i64>().ok(),
                _ => {}
            }
        }
        if let Some(seconds) = max_age {
            let end = now.checked_add(SignedDuration::from_secs(seconds)).ok();
            cookie.until = if seconds <= 0 { Some(now) } else { end };
        }
        let is_name = matches!(url.host(), Some(Host::Domain(_)));
        let below = is_name && cookie.domain.contains('.') && host.ends_with(&format!(".{}", cookie.domain));
        (host == cookie.domain || below).then_some(cookie)
    }

    fn goes_to(&self, url: &Url, now: Timestamp) -> bool {
        let host = url.host_str().unwrap_or_default();
        let at_host = host.eq_ignore_ascii_case(&self.domain)
            || (!self.host_only && host.to_ascii_lowercase().ends_with(&format!(".{}", self.domain)));
        let below = url.path().strip_prefix(self.path.as_str());
        let at_path = below.is_some_and(|rest| rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/'));
        at_host && at_path && (!self.secure || url.scheme() == "https") && self.until.is_none_or(|until| now < until)
    }
}

/// Section 5.1.4: the path of the request up to its last slash.
fn default_path(url: &Url) -> String {
    match url.path().rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(at) => url.path()[..at].to_owned(),
    }
}

/// A date as servers write it, also with dashes as in `21-Oct-2026`. One that cannot be read is none: the cookie then
/// lasts as long as the session.
fn date(text: &str) -> Option<Timestamp> {
    let spaced = text.replace('-', " ");
    jiff::fmt::rfc2822::parse(&spaced).ok().map(|date| date.timestamp())
}

#[cfg(test)]
mod tests {
    use super::Jar;
    use crate::http::{Headers, Request};
    use jiff::Timestamp;

    const NOW: Timestamp = Timestamp::constant(1_767_225_600, 0);

    fn jar(url: &str, cookies: &[&str]) -> Jar {
        let jar = Jar::default();
        let mut headers = Headers::default();
        cookies.iter().for_each(|cookie| headers.add("set-cookie", cookie));
        jar.keep(&url.parse().expect("a url"), &headers, NOW);
        jar
    }

    fn sent(jar: &Jar, url: &str, at: Timestamp) -> String {
        let mut request = Request::get(url.parse().expect("a url"));
        jar.attach(&mut request, at);
        request.headers.get("Cookie").unwrap_or_default().to_owned()
    }

    #[test]
    fn a_cookie_goes_to_its_host_and_path() {
        let jar =
            jar("https://a.example.com/app/login", &["one=1", "all=2; Path=/", "wide=3; Domain=.example.com; Path=/"]);
        for (url, expected) in [
            ("https://a.example.com/app/rows", "one=1; all=2; wide=3"),
            ("https://a.example.com/application", "all=2; wide=3"),
            ("https://b.example.com/app", "wide=3"),
            ("https://example.org/app", ""),
            ("https://evil-example.com/app", ""),
        ] {
            assert_eq!(sent(&jar, url, NOW), expected, "{url}");
        }
    }

    #[test]
    fn a_cookie_lasts_as_long_as_it_says_and_is_replaced() {
        let url = "https://a.example/";
        let jar = jar(
            url,
            &[
                "short=1; Max-Age=10; Expires=Wed, 01 Jan 2031 00:00:00 GMT",
                "long=2; Expires=Thu, 01-Jan-2026 01:00:00 GMT",
                "gone=3; Max-Age=0",
                "new=old",
                "new=4",
            ],
        );
        assert_eq!(sent(&jar, url, NOW), "short=1; long=2; new=4");
        let later = NOW.checked_add(jiff::SignedDuration::from_secs(10)).expect("a time");
        assert_eq!(sent(&jar, url, later), "long=2; new=4");
        assert_eq!(jar.value("new").as_deref(), Some("4"));
    }

    #[test]
    fn a_cookie_for_others_is_not_kept_and_a_secure_one_goes_over_tls() {
        let foreign = ["a=1; Domain=other.example", "b=2; Domain=com", "c=3\u{1}", "=4", "d"];
        assert!(jar("https://a.example.com/", &foreign).is_empty());
        assert!(jar("http://127.0.0.1/", &["a=1; Domain=0.0.1"]).is_empty());
        let jar = jar("https://a.example/", &["safe=1; Secure; HttpOnly; SameSite=Lax"]);
        assert_eq!(sent(&jar, "https://a.example/", NOW), "safe=1");
        assert_eq!(sent(&jar, "http://a.example/", NOW), "");
    }
}
