//! One run at a time loads into a place on this machine: the system gives the lock back when the program ends, however
//! it ends. It is no lock of a database's own, so readers are not kept out.

use std::fs::{File, TryLockError};
use std::time::{Duration, Instant};

use super::Fault;

/// How long another run is waited for: one that just ended may hold its lock for a moment.
const PATIENCE: Duration = Duration::from_secs(1);

/// Takes the lock of a file, and holds it with the file. On a file system without such locks there is none.
///
/// # Errors
/// [`Fault::Busy`] if another run has it.
pub(crate) fn lock(file: File, place: &str) -> Result<Option<File>, Fault> {
    let until = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(Some(file)),
            Err(TryLockError::Error(_)) => return Ok(None),
            Err(TryLockError::WouldBlock) if Instant::now() < until => std::thread::sleep(Duration::from_millis(20)),
            Err(TryLockError::WouldBlock) => return Err(Fault::Busy { place: place.to_owned() }),
        }
    }
}
