//! Makes the specs of a large site: `cargo run -p tapwright-docs --example large_site -- FOLDER [CONNECTORS] [FIELDS]`
//! writes so many specs (500) with so many fields in all (90,000). CONTRIBUTING says what a site of them takes.

mod specs;

use std::path::PathBuf;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("which folder?")?);
    let connectors: usize = arguments.next().map_or(Ok(500), |text| text.parse())?;
    let fields: usize = arguments.next().map_or(Ok(90_000), |text| text.parse())?;
    specs::write(&folder, connectors, fields)?;
    Ok(())
}
