//! Puts the crates together and runs them until a signal.

use crate::allocator;
use crate::banner;
use crate::cli::ServerOptions;
use crate::engine::EngineKind;
use crate::front::Front;
use crate::identities;
use crate::keys::{self, KeysError};
use crate::stored_config;
use crate::system::ServiceManager;
use crate::version;
use admin::{AdminApi, Backend, KmsApi};
use base::World;
use drive::{LocalSlot, Slot, UringEngine};
use format::placement;
use iam::{BadCredentials, Credentials, Iam, IamOptions};
use kms::KeyService;
use rustfs_http::{Limits, ListenAddress, ListenError, Server, SocketOptions, TlsError, TlsSource, listen};
use s3::{Interface, S3Config, S3Handler};
use service::{CompressionRules, ConfigFiles, IdentityFiles, Rules, Service};
use settings::{CredentialsOrigin, Layout, Settings, SettingsError};
use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use store::{OpenError, OpenEvent, PoolConfig, Store, StoreConfig};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long requests in flight have to end after a signal. With what closing the drives takes at most it stays below
/// the 30 seconds that service managers wait.
const GRACE: Duration = Duration::from_secs(18);

/// Bytes kept in memory of what all drives together hold: the metadata of some 60 to 100 thousand names, or some ten
/// thousand small objects with their content, and a third of it for directories' names.
const METADATA_CACHE: usize = 64 << 20;

/// How often the operator is told that drives are still waited for: not at every attempt.
const WAITING_NOTICE: Duration = Duration::from_secs(10);

/// Why the server ended, or couldn't start.
#[derive(Debug)]
pub enum Fatal {
    Settings(SettingsError),
    Credentials(BadCredentials),
    WorkingDirectory { cause: io::Error },
    Runtime { cause: io::Error },
    Tls(TlsError),
    Listen(ListenError),
    Keys(KeysError),
    Store(OpenError),
    CantCheck(fsck::CantCheck),
    CrossdomainXml { path: String, cause: io::Error },
}

impl std::fmt::Display for Fatal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Fatal::Settings(error) => error.fmt(f),
            Fatal::Credentials(reason) => write!(
                f,
                "Unable to validate credentials inherited from the shell environment: Invalid credentials ({reason})\n      \
                 > Please provide correct credentials\n      HINT:\n        MINIO_ROOT_USER length should be at least \
                 3, and MINIO_ROOT_PASSWORD length at least 8 characters"
            ),
            Fatal::WorkingDirectory { cause } => write!(f, "Unable to find the working directory: {cause}"),
            Fatal::Runtime { cause } => write!(f, "Unable to start the server: {cause}"),
            Fatal::Tls(error) => write!(f, "Unable to load the TLS configuration: {error}"),
            Fatal::Listen(ListenError::NotLocal) => {
                write!(f, "Unable to validate passed arguments: host in server address should be this server")
            }
            Fatal::Listen(error @ ListenError::InUse(address)) => write!(
                f,
                "Unable to start the server: {error} ({address})\n      \
                 > Please ensure no other program uses the same address/port"
            ),
            Fatal::Listen(error) => write!(f, "Unable to start the server: {error}"),
            Fatal::Keys(error) => error.fmt(f),
            Fatal::Store(error) => write!(f, "Unable to initialize backend: {error}"),
            Fatal::CantCheck(error) => error.fmt(f),
            Fatal::CrossdomainXml { path, cause } => write!(f, "Unable to read {path}: {cause}"),
        }
    }
}

impl From<SettingsError> for Fatal {
    fn from(error: SettingsError) -> Self {
        Fatal::Settings(error)
    }
}

/// Serves until a signal ends it.
pub fn run(settings: Settings, options: &ServerOptions, world: World) -> Result<(), Fatal> {
    let root = Credentials::new(settings.root.user.clone(), settings.root.password.clone());
    let root = root.map_err(Fatal::Credentials)?;
    match settings.root.origin {
        CredentialsOrigin::Default => tracing::warn!(
            "Detected default credentials 'minioadmin:minioadmin', we recommend that you change these values with \
             'MINIO_ROOT_USER' and 'MINIO_ROOT_PASSWORD' environment variables"
        ),
        CredentialsOrigin::Legacy => tracing::warn!(
            "MINIO_ACCESS_KEY and MINIO_SECRET_KEY are deprecated, use MINIO_ROOT_USER and MINIO_ROOT_PASSWORD"
        ),
        CredentialsOrigin::Root => {}
    }
    let default_parity = placement::default_parity;
    settings.storage_classes.check(&settings.layout, default_parity).map_err(SettingsError::from)?;
    check_mounts(&settings.layout)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|cause| Fatal::Runtime { cause })?;
    runtime.block_on(serve(settings, root, options, world))
}

async fn serve(settings: Settings, root: Credentials, options: &ServerOptions, world: World) -> Result<(), Fatal> {
    let mut ending = Ending::new().map_err(|cause| Fatal::Runtime { cause })?;
    let tls = TlsSource::open(&settings.certs_dir).map_err(Fatal::Tls)?;
    let crossdomain = crossdomain(options)?;
    let keys = keys::open(&settings.kms, &settings.certs_dir, &world).await.map_err(Fatal::Keys)?;
    let key_service = keys.as_ref().map(|keys| Arc::clone(&keys.service));
    reload_on_hangup(tls.clone(), key_service.clone(), &world).map_err(|cause| Fatal::Runtime { cause })?;
    let address = ListenAddress { host: settings.address.host.clone(), port: settings.address.port };
    let listeners = listen(&address, &SocketOptions::default()).map_err(Fatal::Listen)?;
    let node = node_name(&settings, listeners.first().and_then(|listener| listener.local_addr().ok()));
    let front = Front::new(world.clone(), &node, &settings.region, crossdomain);
    let server = Server::start(listeners, limits(&settings), tls.clone(), Arc::clone(&front) as _, world.clone());
    let server = Arc::new(server);

    let engine = EngineKind::choose(settings.drive_engine, UringEngine::probe);
    let opening = open_store(&settings, engine, true, &world);
    let store = tokio::select! {
        store = opening => store.map_err(Fatal::Store)?,
        signal = ending.wait() => {
            tracing::info!("Exiting on signal: {signal}");
            server.shutdown(Duration::ZERO).await;
            return Ok(());
        }
    };
    let files = ConfigFiles::new(store.clone(), key_service.clone(), &root, world.clone());
    let settings = stored_config::apply(settings, &files, &store).await;
    server.limit_requests(limits(&settings).requests);
    let identities = IamOptions {
        root_access: settings.api.root_access,
        policy_claim: settings.identities.policy_claim.clone(),
        roles: settings.identities.roles.clone(),
        directory: settings.identities.directory,
    };
    let iam = Arc::new(Iam::stored_in(Arc::new(IdentityFiles::new(files)), root, identities, world.clone()));
    identities::keep(&iam, &world).await;
    let (rules, backend) = (rules(&settings), backend(&settings));
    let service = Service::new(store.clone(), Arc::clone(&iam), rules, world.clone()).with_keys(key_service);
    let config = S3Config {
        domains: settings.domains.clone(),
        website_domains: settings.website_domains.clone(),
        node,
        cors_origins: settings.api.cors_allow_origin.clone(),
        trust_forwarded: settings.api.trust_forwarded,
    };
    let meter = keys.as_ref().map(|keys| Arc::clone(&keys.meter)).unwrap_or_default();
    let others: Vec<Box<dyn Interface>> =
        vec![Box::new(AdminApi::new(backend, version::RELEASE, world.clone())), Box::new(KmsApi::new(meter))];
    let handler = S3Handler::new(service.clone(), world.clone(), config);
    front.open(handler, others, store.clone(), settings.api.cluster_deadline);
    let keeping = keys.as_ref().map(|keys| keys.keep_alive(&world));
    let manager = ServiceManager::new(settings.notify_socket.as_deref());
    manager.ready();
    let facts = banner::Facts {
        addresses: server.addresses(),
        tls: tls.is_some(),
        public_url: settings.browser.server_url.as_deref(),
        root_user: &settings.root.user,
        engine,
        drives: &store.drives(),
    };
    banner::show(&facts, options.output, io::stderr().is_terminal());

    let (busy, kept) = (Arc::clone(&server), store.clone());
    allocator::give_back_regularly(&world, move || busy.requests() > 0, move || kept.give_back());
    let signal = ending.wait().await;
    tracing::info!("Exiting on signal: {signal}");
    manager.stopping();
    if !server.shutdown(GRACE).await {
        tracing::warn!("some requests had not ended in time and were broken off");
    }
    service.deliver_logs().await;
    if let Some(keeping) = keeping {
        keeping.abort();
    }
    store.close().await;
    Ok(())
}

fn rules(settings: &Settings) -> Rules {
    let settings::CompressionSettings { enabled, allow_encryption, extensions, mime_types } =
        settings.compression.clone();
    Rules {
        region: settings.region.clone(),
        auto_encryption: settings.kms.auto_encryption,
        separate_accounts: settings.separate_accounts,
        log_interval: settings.access_log_interval,
        compression: CompressionRules { enabled, allow_encryption, extensions, mime_types },
    }
}

/// How the drives are used, for whoever administers the server.
fn backend(settings: &Settings) -> Backend {
    let (pools, classes) = (&settings.layout.pools, &settings.storage_classes);
    let size = pools.first().map_or(1, |pool| pool.set_size);
    let standard = classes.standard.unwrap_or_else(|| placement::default_parity(size));
    let reduced = classes.reduced.unwrap_or_else(|| placement::default_reduced_parity(size));
    Backend {
        drives_per_set: pools.iter().map(|pool| pool.set_size).collect(),
        sets: pools.iter().map(|pool| pool.drives.len() / pool.set_size).collect(),
        standard_parity: standard.into(),
        reduced_parity: reduced.into(),
    }
}

/// Opens the drives; with `make` a directory that is missing is made, as for a new drive.
pub(crate) async fn open_store(
    settings: &Settings,
    engine: EngineKind,
    make: bool,
    world: &World,
) -> Result<Store, OpenError> {
    let classes = &settings.storage_classes;
    let drives: usize = settings.layout.pools.iter().map(|pool| pool.drives.len()).sum();
    let cache = METADATA_CACHE / drives.max(1);
    let mut config = StoreConfig {
        pools: settings.layout.pools.iter().map(|pool| pool_config(pool, engine, make, cache, world)).collect(),
        standard_parity: classes.standard,
        rrs_parity: classes.reduced,
        capacity_optimized: classes.optimize_capacity,
        allow_root_device: accept_root_device(settings),
        max_versions: settings.api.object_max_versions,
        ..StoreConfig::default()
    };
    if let Some(inline_block) = classes.inline_block {
        config.inline_block = inline_block;
    }
    Store::open(config, world.clone(), &tell).await
}

/// `cache` is each drive's share of what is kept of metadata, in bytes.
fn pool_config(pool: &settings::Pool, engine: EngineKind, make: bool, cache: usize, world: &World) -> PoolConfig {
    let slot = |path: &std::path::PathBuf| {
        let engine = engine.of_drive(path);
        let engine: drive::NewEngine = if make { engine } else { Arc::new(move |_| engine(false)) };
        let slot = LocalSlot::new(&path.to_string_lossy(), world.clone(), engine);
        Arc::new(slot.with_cache(cache)) as Arc<dyn Slot>
    };
    PoolConfig {
        argument: pool.argument.clone(),
        set_size: pool.set_size,
        slots: pool.drives.iter().map(slot).collect(),
    }
}

/// Tells the operator what happens while the drives are opened.
fn tell(event: OpenEvent) {
    match event {
        OpenEvent::Formatting { pool, sets, drives_per_set } => {
            tracing::info!("Formatting pool {}, {sets} set(s), {drives_per_set} drives per set.", pool + 1);
        }
        OpenEvent::Waiting { pool, online, needed, elapsed } => {
            let seconds = elapsed.as_secs();
            if seconds.is_multiple_of(WAITING_NOTICE.as_secs()) {
                tracing::info!(
                    pool = pool + 1,
                    online,
                    "Waiting for a minimum of {needed} drives to come online (elapsed {seconds}s)"
                );
            }
        }
        OpenEvent::Unusable { drive, reason } => {
            tracing::warn!("Unable to use the drive {drive}: {reason}, will be retried");
        }
        OpenEvent::Replaced { drive } => tracing::info!("{drive} is new in its place and is being filled"),
        OpenEvent::Recovered { forward, back } => {
            tracing::info!(completed = forward, taken_back = back, "changes cut short by an unclean stop were decided");
        }
    }
}

/// A single drive may share the root file system; others only where tests say so, or where the operator's threshold
/// says that a file system of this size isn't a root drive.
fn accept_root_device(settings: &Settings) -> bool {
    let larger_than = |threshold: u64| {
        let total = rustix::fs::statvfs("/").map(|space| space.f_blocks.saturating_mul(space.f_frsize));
        total.is_ok_and(|total| total > threshold)
    };
    settings.root_drive.accept
        || settings.layout.is_single_drive()
        || settings.root_drive.threshold.is_some_and(larger_than)
}

fn check_mounts(layout: &Layout) -> Result<(), Fatal> {
    // Where there is no list of mounts there is nothing to check.
    let Ok(Some(mounts)) = settings::files::read(Path::new("/proc/mounts")) else { return Ok(()) };
    let drives = layout.pools.iter().flat_map(|pool| &pool.drives);
    for drive in drives {
        settings::check_mounts(drive, &mounts)
            .map_err(|error| SettingsError::Layout(settings::LayoutError::Endpoint(error)))?;
    }
    Ok(())
}

fn crossdomain(options: &ServerOptions) -> Result<Option<String>, Fatal> {
    let Some(path) = &options.crossdomain_xml else { return Ok(None) };
    let missing = || io::Error::from(rustix::io::Errno::NOENT);
    let text = settings::files::read(Path::new(path)).and_then(|text| text.ok_or_else(missing));
    text.map(Some).map_err(|cause| Fatal::CrossdomainXml { path: path.clone(), cause })
}

/// How this node calls itself: the host it was told to listen on, else the loopback address, and the port.
fn node_name(settings: &Settings, listening: Option<SocketAddr>) -> String {
    let mut address = settings.address.clone();
    if address.is_everywhere() {
        address.host = "127.0.0.1".to_owned();
    }
    address.port = listening.map_or(address.port, |listening| listening.port());
    address.to_string()
}

fn limits(settings: &Settings) -> Limits {
    let mut limits = Limits { head: settings.idle_timeout, stall: settings.idle_timeout, ..Limits::default() };
    if let Some(requests) = settings.api.requests_max {
        limits.requests = requests;
    }
    limits
}

/// The signals that end the server.
struct Ending {
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
}

impl Ending {
    fn new() -> io::Result<Self> {
        Ok(Ending {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
        })
    }

    /// Waits for one; gives its name.
    async fn wait(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "TERMINATED",
            _ = self.interrupt.recv() => "INTERRUPT",
            _ = self.quit.recv() => "QUIT",
        }
    }
}

/// Reads the certificates again at SIGHUP, which without certificates does nothing.
fn reload_on_hangup(tls: Option<Arc<TlsSource>>, keys: Option<Arc<dyn KeyService>>, world: &World) -> io::Result<()> {
    let mut hangup = signal(SignalKind::hangup())?;
    world.tasks.spawn(async move {
        while hangup.recv().await.is_some() {
            if let Some(keys) = &keys {
                keys.reload();
            }
            match tls.as_ref().map(|tls| tls.reload()) {
                None | Some(Ok(false)) => {}
                Some(Ok(true)) => tracing::info!("certificates reloaded"),
                Some(Err(error)) => tracing::error!(%error, "the new certificates can't be used, the old ones stay"),
            }
        }
    });
    Ok(())
}
