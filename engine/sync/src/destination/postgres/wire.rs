//! The connection: a thread of its own drives the socket, so that a destination may be opened, used and dropped
//! wherever the run does so, and rows are sent while the next are encoded.

use std::pin::pin;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

use bytes::Bytes;
use futures_util::SinkExt;
use tokio_postgres::{Client, Error, SimpleQueryMessage, Statement};

use super::address::Address;
use super::fault;
use super::tls::encryption;
use crate::destination::Fault;
use crate::destination::sets::session::Told;

/// A session on the server.
pub(super) struct Wire {
    client: Client,
}

/// Waits on this thread; what the future waits for happens on the connection's.
fn wait<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut context = Context::from_waker(&waker);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::park(),
        }
    }
}

impl Wire {
    /// Connects and logs in.
    pub(super) fn connect(address: &Address) -> Result<Wire, Fault> {
        let place = address.place.clone();
        let encryption = encryption(address).map_err(|reason| Fault::Tls { place: address.place.clone(), reason })?;
        let other = |reason: String| Fault::Other { place: address.place.clone(), reason };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| other(error.to_string()))?;
        let config = address.config.clone();
        let (sender, receiver) = channel();
        let drive = move || {
            runtime.block_on(async {
                match config.connect(encryption).await {
                    Ok((client, connection)) => {
                        let _ = sender.send(Ok(client));
                        // Whoever waits for an answer learns of a connection that broke.
                        let _ = connection.await;
                    }
                    Err(error) => {
                        let _ = sender.send(Err(fault::connecting(&place, &error)));
                    }
                }
            });
        };
        thread::Builder::new().name("postgres".into()).spawn(drive).map_err(|error| other(error.to_string()))?;
        let client = receiver.recv().map_err(|_| other("the connection was given up".into()))??;
        Ok(Wire { client })
    }

    /// Runs statements that give nothing.
    pub(super) fn run(&self, sql: &str) -> Result<(), Error> {
        wait(self.client.batch_execute(sql))
    }

    /// Runs statements and gives the rows of all of them.
    pub(super) fn ask(&self, sql: &str) -> Result<Told, Error> {
        let messages = wait(self.client.simple_query(sql))?;
        let row = |message| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|column| row.get(column).map(str::to_owned)).collect())
            }
            _ => None,
        };
        Ok(messages.into_iter().filter_map(row).collect())
    }

    /// The first value of the first row.
    pub(super) fn one(&self, sql: &str) -> Result<Option<String>, Error> {
        Ok(self.ask(sql)?.into_iter().next().and_then(|row| row.into_iter().next()?))
    }

    pub(super) fn prepare(&self, sql: &str) -> Result<Statement, Error> {
        wait(self.client.prepare(sql))
    }

    /// Sends rows for a `COPY … FROM STDIN`.
    pub(super) fn copy(&self, statement: &Statement, rows: Bytes) -> Result<u64, Error> {
        wait(async {
            let mut sink = pin!(self.client.copy_in(statement).await?);
            sink.send(rows).await?;
            sink.finish().await
        })
    }
}
