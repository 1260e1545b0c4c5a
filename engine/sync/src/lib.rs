//! What a run does, one module a room, in the order in which data meets them. A module uses only what is
//! listed before it.

pub mod clock;

pub mod json;

pub mod state;

pub mod plan;

pub mod http;

pub mod component;

pub mod auth;

pub mod paginate;

pub mod reshape;

pub mod extract;

pub mod discover;

pub mod hook;

pub mod login;
pub mod normalise;

pub mod destination;

pub mod hub;

pub mod survey;

pub mod explain;

pub mod report;

pub mod journal;

pub mod run;

pub mod load;

pub mod trial;

pub mod replay;

pub mod record;

pub mod draft;
