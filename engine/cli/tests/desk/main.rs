//! The program against a simulated Desk site: what lands in SQLite is what the site holds, whatever
//! happens on the way.

mod compare;
mod configuration;
mod custom;
mod dbt;
mod faults;
mod kill;
mod segment;
mod signals;
mod site;
mod sync;
