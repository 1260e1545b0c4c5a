//! `tapwright new NAME`: a first spec, from a sample answer or as a skeleton.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use tapwright_spec::is_name;
use tapwright_spec::model::Limits;
use tapwright_sync::draft::{Sample, draft, fetch};
use tapwright_sync::http::Live;

use super::sync::runtime;
use super::{Refusal, print};

/// Write a first spec: from a sample answer, each guess with its reason, or a skeleton with comments
///
/// A sample tells where the records are, what identifies and dates them, how the next page is asked for, and the
/// types of the fields. Secrets of the request become config fields; their values are not written.
///
/// Exit status: 0 written; 1 not, and no file was changed; 2 usage.
#[derive(clap::Args)]
pub(crate) struct New {
    /// Name of the connector: lower case letters, digits and `_`, a letter first
    #[arg(value_name = "NAME")]
    name: String,
    /// The sample: an address that is asked once, or a file with an answer in JSON
    #[arg(long, value_name = "URL|FILE")]
    from: Option<String>,
    /// A header of the request, such as 'Authorization: Bearer …'; may be repeated
    #[arg(long = "header", value_name = "NAME: VALUE", requires = "from")]
    headers: Vec<String>,
    /// File to write; default NAME.yaml
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
}

impl New {
    pub(crate) fn run(self) -> ExitCode {
        self.go().unwrap_or_else(Refusal::code)
    }

    fn go(&self) -> Result<ExitCode, Refusal> {
        if !is_name(&self.name) {
            let shape = "lower case letters, digits and `_`, a letter first, such as `my_shop`";
            return Err(Refusal::Said(format!("`{}` is no name: write {shape}", self.name)));
        }
        let out = self.out.clone().unwrap_or_else(|| PathBuf::from(format!("{}.yaml", self.name)));
        if out.exists() && !self.force {
            return Err(Refusal::Said(format!("{} is there already; --force writes over it", out.display())));
        }
        let sample = self.from.as_deref().map(|from| self.sample(from)).transpose()?;
        let text = draft(&self.name, sample.as_ref()).map_err(Refusal::Said)?;
        self.write(&out, &text).map_err(|why| Refusal::Said(format!("{} cannot be written: {why}", out.display())))?;
        let out = out.display();
        print(&format!("wrote {out}; read its comments, then: tapwright check {out}\n"));
        Ok(ExitCode::SUCCESS)
    }

    fn sample(&self, from: &str) -> Result<Sample, Refusal> {
        let headers = self.headers.iter().map(|text| header(text)).collect::<Result<Vec<_>, _>>()?;
        if !from.starts_with("http://") && !from.starts_with("https://") {
            let body = serde_json::from_slice(&read(Path::new(from)).map_err(Refusal::Said)?)
                .map_err(|why| Refusal::Said(format!("{from} is no JSON: {why}")))?;
            return Ok(Sample { origin: from.to_owned(), url: None, headers, link: None, body });
        }
        let url = from.parse().map_err(|why| Refusal::Said(format!("--from: not a URL: {why}")))?;
        let live = Arc::new(Live::new().map_err(Refusal::Said)?);
        runtime()?.block_on(fetch(url, headers, live)).map_err(Refusal::Said)
    }

    /// A file that came to be meanwhile is not written over either.
    fn write(&self, out: &Path, text: &str) -> std::io::Result<()> {
        if self.force {
            return fs::write(out, text);
        }
        File::create_new(out)?.write_all(text.as_bytes())
    }
}

/// A file, as large as an answer may be.
fn read(path: &Path) -> Result<Vec<u8>, String> {
    let most = Limits::default().decompressed_bytes;
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|why| format!("{} cannot be read: {why}", path.display()))?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(|why| format!("{} cannot be read: {why}", path.display()))?;
    if bytes.len() as u64 > most {
        return Err(format!("{} is larger than an answer may be ({most} bytes)", path.display()));
    }
    Ok(bytes)
}

/// The name and the value of a header; a fault does not show what may be a secret.
fn header(text: &str) -> Result<(String, String), Refusal> {
    let pair = text.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
    let is_token = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    match pair {
        Some((name, value)) if is_token(name) && !value.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(Refusal::Said("--header: write it as 'NAME: VALUE'".to_owned())),
    }
}
