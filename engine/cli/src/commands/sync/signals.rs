//! Ctrl-C and SIGTERM: the commit in hand is finished, then the run reports and ends. A second one ends it
//! at once; the destination stays as of its last commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tapwright_sync::run::Stop;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::runtime;
use crate::commands::{INTERRUPTED, TERMINATED};

/// Listens for signals as long as the program runs.
pub(crate) struct Signals {
    stop: Stop,
    code: Arc<AtomicU8>,
}

impl Signals {
    /// Begins to listen, on a thread of its own: a second signal is obeyed while opening a destination blocks the first.
    pub(crate) fn listen() -> Signals {
        let (sender, stop) = watch::channel(None);
        let code = Arc::new(AtomicU8::new(0));
        let heard = Heard { sender, code: Arc::clone(&code) };
        std::thread::spawn(move || {
            let Ok(runtime) = runtime() else { return };
            runtime.block_on(async {
                tokio::join!(
                    heard.each(SignalKind::interrupt(), "Ctrl-C", INTERRUPTED),
                    heard.each(SignalKind::terminate(), "SIGTERM", TERMINATED)
                )
            });
        });
        Signals { stop, code }
    }

    /// Set once a signal has come.
    pub(crate) fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// The exit code that the signal asks for, if one has come.
    pub(crate) fn code(&self) -> Option<u8> {
        Some(self.code.load(Ordering::Relaxed)).filter(|code| *code != 0)
    }
}

/// What signals are told to.
struct Heard {
    sender: watch::Sender<Option<String>>,
    code: Arc<AtomicU8>,
}

impl Heard {
    async fn each(&self, kind: SignalKind, name: &str, exit: u8) {
        let Ok(mut signals) = signal(kind) else { return };
        while signals.recv().await.is_some() {
            if self.code.swap(exit, Ordering::Relaxed) != 0 {
                std::process::exit(i32::from(exit));
            }
            self.sender.send_replace(Some(format!("ended by {name}; run again to go on")));
        }
    }
}
