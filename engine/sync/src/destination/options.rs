//! The options behind a path: `DIR?compress=zstd`.

use super::Fault;

/// A path, and options that nobody has asked for yet.
pub(super) struct Options<'u> {
    place: String,
    path: &'u str,
    options: Vec<(&'u str, &'u str)>,
}

impl<'u> Options<'u> {
    /// Reads what stands behind `scheme:`.
    pub(super) fn of(scheme: &str, rest: &'u str) -> Options<'u> {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let options = query.split('&').filter(|option| !option.is_empty());
        let options = options.map(|option| option.split_once('=').unwrap_or((option, ""))).collect();
        Options { place: format!("{scheme}:{rest}"), path, options }
    }

    /// The value of an option, if it is given.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        let at = self.options.iter().position(|(one, _)| *one == name)?;
        Some(self.options.remove(at).1.to_owned())
    }

    /// The path.
    ///
    /// # Errors
    /// A [`Fault`] for an option that nobody asked for, and for an empty path.
    pub(super) fn end(&self) -> Result<&'u str, Fault> {
        match (self.options.first(), self.path) {
            (Some((name, _)), _) => Err(self.wrong(&format!("there is no option `{name}`"))),
            (None, "") => Err(self.wrong("it names no path")),
            (None, path) => Ok(path),
        }
    }

    /// What is wrong with the address.
    pub(super) fn wrong(&self, reason: &str) -> Fault {
        Fault::Address { place: self.place.clone(), reason: reason.to_owned() }
    }
}
