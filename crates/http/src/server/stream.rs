//! A connection's plain bytes, between the transport (or TLS) and hyper.

use super::heads::{Heads, Scanner};
use crate::stall::Sleep;
use base::Clock;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Read at a time while lingering.
const DISCARD: usize = 16 * 1024;

/// Shows what is read to the scanner of heads, and closes with care: if a request's body was not read, closing at once would make
/// the kernel reset the connection and the answer could be lost, so the rest of the body is thrown away for a while.
pub(super) struct Stream<S> {
    inner: S,
    /// For HTTP/1.
    scanner: Option<(Scanner, Arc<Heads>)>,
    unread: Arc<AtomicBool>,
    clock: Arc<dyn Clock>,
    linger: Duration,
    lingering: Option<Sleep>,
}

impl<S> Stream<S> {
    pub(super) fn new(
        inner: S,
        heads: Option<Arc<Heads>>,
        unread: Arc<AtomicBool>,
        clock: Arc<dyn Clock>,
        linger: Duration,
    ) -> Self {
        let scanner = heads.map(|heads| (Scanner::new(), heads));
        Stream { inner, scanner, unread, clock, linger, lingering: None }
    }
}

impl<S: AsyncRead + Unpin> Stream<S> {
    /// Ready when the other side has closed, or has had long enough.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let timer = self.lingering.get_or_insert_with(|| self.clock.sleep(self.linger));
        let mut scratch = [0; DISCARD];
        loop {
            if timer.as_mut().poll(cx).is_ready() {
                return Poll::Ready(());
            }
            let mut buf = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut self.inner).poll_read(cx, &mut buf)) {
                Ok(()) if !buf.filled().is_empty() => {}
                _ => return Poll::Ready(()),
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Stream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        ready!(Pin::new(&mut this.inner).poll_read(cx, buf))?;
        if let Some((scanner, heads)) = &mut this.scanner {
            scanner.scan(&buf.filled()[before..], heads);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Stream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, data)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        data: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, data)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(Pin::new(&mut self.inner).poll_shutdown(cx))?;
        }
        if self.unread.load(Ordering::Relaxed) {
            ready!(self.poll_linger(cx));
        }
        Poll::Ready(Ok(()))
    }
}
