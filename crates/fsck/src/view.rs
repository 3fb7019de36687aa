//! One drive to be read.

use crate::finding::Place;
use drive::{Engine, FileSystem, Lock};
use rustix::io::Errno;
use std::io;
use std::sync::Arc;
use tokio::sync::oneshot;

/// A drive in its place, read by the threads of its engine.
#[derive(Debug)]
pub struct View {
    /// As the operator names it.
    pub name: String,
    pub place: Place,
    engine: Arc<dyn Engine>,
    /// Keeps servers away.
    _lock: Option<Box<dyn Lock>>,
}

impl View {
    pub(crate) fn new(name: String, place: Place, engine: Arc<dyn Engine>, lock: Option<Box<dyn Lock>>) -> Self {
        View { name, place, engine, _lock: lock }
    }

    /// Runs a job on one of the drive's threads.
    pub async fn run<T, J>(&self, job: J) -> io::Result<T>
    where
        T: Send + 'static,
        J: FnOnce(&dyn FileSystem) -> io::Result<T> + Send + 'static,
    {
        run(&*self.engine, job).await
    }
}

impl Drop for View {
    fn drop(&mut self) {
        self.engine.close();
    }
}

/// Runs a job on one of the engine's threads.
pub(crate) async fn run<T, J>(engine: &dyn Engine, job: J) -> io::Result<T>
where
    T: Send + 'static,
    J: FnOnce(&dyn FileSystem) -> io::Result<T> + Send + 'static,
{
    let (answer, answered) = oneshot::channel();
    engine.submit(Box::new(move |fs| drop(answer.send(job(fs)))));
    answered.await.unwrap_or_else(|_| Err(io::Error::other("the drive's threads broke off")))
}

/// Whether the error says that there is no such thing.
pub(crate) fn is_absence(error: &io::Error) -> bool {
    is(error, Errno::NOENT)
}

pub(crate) fn is(error: &io::Error, errno: Errno) -> bool {
    error.raw_os_error() == Some(errno.raw_os_error())
}

/// `Ok(None)` for what isn't there.
pub(crate) fn if_any<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(error),
    }
}
