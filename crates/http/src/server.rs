//! Takes connections and serves them.

mod connection;
mod exchange;
mod heads;
mod progress;
mod stream;
#[cfg(test)]
pub(crate) mod tests;
mod timer;
mod transport;

use crate::{ConnInfo, Handler, Limits, TlsSource};
use base::World;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// How long to wait before accepting again when the process has no file descriptor or memory left for a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How long connections have to go once they are told to, after the grace: they only have to be dropped.
const CLOSING: Duration = Duration::from_secs(1);

/// A running server. Dropping it closes everything at once; [`Server::shutdown`] lets requests end.
pub struct Server {
    shared: Arc<Shared>,
    addresses: Vec<SocketAddr>,
}

/// What all connections share.
struct Shared {
    limits: Limits,
    tls: Option<Arc<TlsSource>>,
    handler: Arc<dyn Handler>,
    world: World,
    timer: timer::Timer,
    /// One permit for each open connection.
    connections: Arc<Semaphore>,
    /// One permit for each request being worked on.
    requests: Arc<Semaphore>,
    /// How many permits there are.
    most_requests: AtomicUsize,
    /// How many requests wait for a permit.
    waiting: AtomicUsize,
    phase: watch::Sender<Phase>,
}

/// Where the server is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Connections are accepted.
    Open,
    /// Requests in flight end, nothing new begins.
    Draining,
    /// Connections are dropped.
    Closed,
}

impl Server {
    /// Serves the listeners until [`Server::shutdown`], with TLS if certificates are given; these are watched for changes.
    pub fn start(
        listeners: Vec<TcpListener>,
        limits: Limits,
        tls: Option<Arc<TlsSource>>,
        handler: Arc<dyn Handler>,
        world: World,
    ) -> Server {
        let shared = Arc::new(Shared::new(limits, tls, handler, world));
        let addresses = listeners.iter().filter_map(|listener| listener.local_addr().ok()).collect();
        for listener in listeners {
            shared.world.tasks.spawn(accept_all(Arc::clone(&shared), listener));
        }
        if let Some(tls) = shared.tls.clone() {
            let mut phase = shared.phase.subscribe();
            let world = shared.world.clone();
            shared.world.tasks.spawn(async move {
                tokio::select! {
                    () = tls.watch(world) => {}
                    _ = phase.wait_for(|phase| *phase != Phase::Open) => {}
                }
            });
        }
        Server { shared, addresses }
    }

    /// Where the server listens.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// How many requests are being worked on.
    pub fn requests(&self) -> usize {
        let most = self.shared.most_requests.load(Ordering::Relaxed);
        most.saturating_sub(self.shared.requests.available_permits())
    }

    /// Sets how many requests are worked on at a time. A lower limit than before holds once as many have ended.
    pub fn limit_requests(&self, requests: usize) {
        let before = self.shared.most_requests.swap(requests, Ordering::Relaxed);
        if requests > before {
            self.shared.requests.add_permits(requests - before);
        }
        let permits = Arc::clone(&self.shared.requests);
        if let Ok(fewer) = u32::try_from(before.saturating_sub(requests))
            && fewer > 0
        {
            self.shared.world.tasks.spawn(async move {
                if let Ok(permits) = permits.acquire_many_owned(fewer).await {
                    permits.forget();
                }
            });
        }
    }

    /// Stops accepting, lets the requests in flight end within `grace`, then closes all connections. Whether all requests had
    /// ended.
    pub async fn shutdown(&self, grace: Duration) -> bool {
        self.shared.phase.send_if_modified(|phase| {
            let open = *phase == Phase::Open;
            *phase = if open { Phase::Draining } else { *phase };
            open
        });
        let ended = self.shared.connections_end(grace).await;
        self.shared.phase.send_replace(Phase::Closed);
        if !ended {
            self.shared.connections_end(CLOSING).await;
        }
        ended
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.phase.send_replace(Phase::Closed);
    }
}

impl Shared {
    fn new(limits: Limits, tls: Option<Arc<TlsSource>>, handler: Arc<dyn Handler>, world: World) -> Self {
        Shared {
            connections: Arc::new(Semaphore::new(limits.connections)),
            requests: Arc::new(Semaphore::new(limits.requests)),
            most_requests: AtomicUsize::new(limits.requests),
            waiting: AtomicUsize::new(0),
            phase: watch::Sender::new(Phase::Open),
            timer: timer::Timer::new(Arc::clone(&world.clock)),
            limits,
            tls,
            handler,
            world,
        }
    }

    /// A place among the requests being worked on; `None` if too many wait for one, or it took too long.
    async fn admit(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&self.requests).try_acquire_owned() {
            return Some(permit);
        }
        let waiting = Waiting::join(&self.waiting);
        if waiting.before_us >= self.limits.waiting {
            return None;
        }
        tokio::select! {
            permit = Arc::clone(&self.requests).acquire_owned() => permit.ok(),
            () = self.world.clock.sleep(self.limits.wait) => None,
        }
    }

    /// Waits until no connection is open. Whether that came within `time`.
    async fn connections_end(&self, time: Duration) -> bool {
        let all = u32::try_from(self.limits.connections).unwrap_or(u32::MAX);
        tokio::select! {
            _ = self.connections.acquire_many(all) => true,
            () = self.world.clock.sleep(time) => false,
        }
    }
}

/// Counts a request in the queue while it is there.
struct Waiting<'a> {
    queue: &'a AtomicUsize,
    before_us: usize,
}

impl<'a> Waiting<'a> {
    fn join(queue: &'a AtomicUsize) -> Self {
        let before_us = queue.fetch_add(1, Ordering::Relaxed);
        Waiting { queue, before_us }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.queue.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn accept_all(shared: Arc<Shared>, listener: TcpListener) {
    let mut phase = shared.phase.subscribe();
    let accepting = async {
        loop {
            let Ok(permit) = Arc::clone(&shared.connections).acquire_owned().await else { return };
            let (socket, peer) = accept(&shared, &listener).await;
            let info = ConnInfo { peer, local: socket.local_addr().unwrap_or(peer), tls: shared.tls.is_some() };
            // Answers are written whole: waiting for more to fill a packet would only delay them.
            let _ = socket.set_nodelay(true);
            // Boxed, as each task around it would make room for it once more.
            let serving = Box::pin(connection::serve_socket(Arc::clone(&shared), socket, info));
            shared.world.tasks.spawn(async move {
                let _permit = permit;
                serving.await;
            });
        }
    };
    tokio::select! {
        () = accepting => {}
        _ = phase.wait_for(|phase| *phase != Phase::Open) => {}
    }
}

async fn accept(shared: &Shared, listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            // The client was gone before it was accepted.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::error!(%error, "can't accept connections for the moment");
                shared.world.clock.sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
