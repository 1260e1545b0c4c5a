//! `desk-simulator`: a Desk.com site on loopback, for whoever has no Desk.com any more.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use desk_simulator::{Server, ServerOptions, Site, SiteOptions};

/// Serves a made-up Desk.com site that answers as Desk's API v2 did.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    site: SiteOptions,
    #[command(flatten)]
    server: ServerOptions,
    /// Write the whole site as JSON to a file, or to standard output with `-`, and exit
    #[arg(long, value_name = "FILE")]
    dump: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.dump {
        Some(file) => dump(&Site::generate(&arguments.site), file),
        None => run(arguments).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn dump(site: &Site, file: &Path) -> io::Result<()> {
    let mut out: Box<dyn Write> = match file.to_str() {
        Some("-") => Box::new(io::stdout().lock()),
        _ => Box::new(File::create(file)?),
    };
    let mut out = BufWriter::new(&mut out);
    site.write_dump(&mut out)?;
    out.flush()
}

async fn run(arguments: Arguments) -> io::Result<()> {
    let server = Server::start(Site::generate(&arguments.site), arguments.server).await?;
    // Whoever started this program waits for the line to learn the port.
    writeln!(io::stdout(), "READY {}", server.base_url())?;
    io::stdout().flush()?;
    tokio::signal::ctrl_c().await?;
    server.stop().await;
    Ok(())
}
