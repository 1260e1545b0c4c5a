//! Walks over recorded APIs.
