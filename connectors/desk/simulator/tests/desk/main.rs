//! The simulator as a client sees it: over a socket, against what its own dump says is true.

mod access;
mod asking;
mod changes;
mod clients;
mod envelope;
mod program;
mod search;
mod wire;
