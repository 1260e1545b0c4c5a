//! What the tests against real servers share: a server of our own, the program that is run, and the truth beside its tables.

pub(crate) mod difference;
pub(crate) mod served;
pub(crate) mod target;
