//! What a run does, one module a room, in the order in which data meets them.

pub mod state;

pub mod normalise;

pub mod destination;
