//! What a run does, one module a room, in the order in which data meets them.

pub mod state;

pub mod clock;

pub mod http;

pub mod auth;

pub mod paginate;

pub mod extract;
