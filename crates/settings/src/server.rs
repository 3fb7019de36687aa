//! Everything together: flags and environment to one value.

#[cfg(test)]
mod tests;

use crate::{
    Address, AddressError, CompressionSettings, CompressionSettingsError, CredentialsError, Environment,
    EnvironmentError, IdentitySettings, KmsSettings, KmsSettingsError, Layout, LayoutError, RootCredentials,
    StorageClassError, StorageClasses, StoredConfig, parse_bool, parse_duration, parse_size,
};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The command line of `server`, as typed: `None` where a flag isn't given.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    pub volumes: Vec<String>,
    pub config: Option<String>,
    pub address: Option<String>,
    pub console_address: Option<String>,
    pub certs_dir: Option<String>,
    pub config_dir: Option<String>,
    pub idle_timeout: Option<String>,
}

/// What the server is to be.
#[derive(Clone, Debug)]
pub struct Settings {
    pub root: RootCredentials,
    pub layout: Layout,
    pub address: Address,
    pub console_address: Option<Address>,
    pub certs_dir: PathBuf,
    /// Empty: none configured.
    pub region: String,
    /// Domains whose subdomains are buckets.
    pub domains: Vec<String>,
    /// `RUSTFS_WEBSITE_DOMAIN`: domains whose subdomains are buckets that are websites, separated by commas.
    pub website_domains: Vec<String>,
    pub storage_classes: StorageClasses,
    pub kms: KmsSettings,
    pub compression: CompressionSettings,
    pub root_drive: RootDrive,
    pub drive_engine: DriveEngine,
    /// `RUSTFS_SEPARATE_ACCOUNTS`: users are accounts of their own in all buckets, not only in those with lists.
    pub separate_accounts: bool,
    /// `RUSTFS_ACCESS_LOG_INTERVAL`: how long records of requests wait for more to come before they are delivered.
    pub access_log_interval: Duration,
    pub api: Api,
    pub identities: IdentitySettings,
    pub browser: Browser,
    /// How long a connection may be silent.
    pub idle_timeout: Duration,
    /// Where the service manager hears of start and end (`sd_notify(3)`).
    pub notify_socket: Option<String>,
    /// What the operator should know though the server starts.
    pub warnings: Vec<String>,
    environment: Environment,
}

/// Whether drives on the root file system are accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RootDrive {
    /// Accept them.
    pub accept: bool,
    /// Only drives of at most this many bytes count as the root drive.
    pub threshold: Option<u64>,
}

/// What makes the drives' system calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DriveEngine {
    /// io_uring where the kernel has it and lets us.
    #[default]
    Auto,
    IoUring,
    Threads,
}

/// The S3 interface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// Most requests at a time; `None`: chosen by the server.
    pub requests_max: Option<usize>,
    pub cors_allow_origin: Vec<String>,
    /// How long a cluster probe may take.
    pub cluster_deadline: Duration,
    /// Most versions of an object; `None`: no limit.
    pub object_max_versions: Option<usize>,
    /// Whether root, its service accounts and its sessions may sign requests.
    pub root_access: bool,
    /// Whether proxies stand before the server whose headers say where requests come from. MinIO believes such headers of
    /// anybody, and whoever sends one gets around policies on addresses; here it has to be said.
    pub trust_forwarded: bool,
}

impl Default for Api {
    fn default() -> Self {
        Api {
            requests_max: None,
            cors_allow_origin: vec!["*".to_owned()],
            cluster_deadline: Duration::from_secs(10),
            object_max_versions: None,
            root_access: true,
            trust_forwarded: false,
        }
    }
}

/// The web console: accepted, though this server has none yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Browser {
    pub enabled: bool,
    pub redirect: bool,
    pub redirect_url: Option<String>,
    /// What the outside calls this server.
    pub server_url: Option<String>,
}

/// Why the server can't start. The text begins as MinIO's does, for scripts that look for it.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error(transparent)]
    Environment(#[from] EnvironmentError),
    #[error("Unable to start the server: {0}")]
    Credentials(#[from] CredentialsError),
    #[error("Invalid command line arguments: {0}")]
    Layout(#[from] LayoutError),
    #[error(transparent)]
    Kms(#[from] KmsSettingsError),
    #[error(transparent)]
    Compression(#[from] CompressionSettingsError),
    #[error("Unable to initialize backend: {0}")]
    StorageClass(#[from] StorageClassError),
    #[error("Unable to validate passed arguments: {0}")]
    Address(#[from] AddressError),
    #[error("Unable to start the server: --console-address {0}: missing port in address")]
    ConsolePort(String),
    #[error("Unable to start the server: --console-address cannot be same as --address")]
    SameAddress,
    #[error("Unable to start the server: --console-address port cannot be same as --address port")]
    SamePort,
    #[error("Invalid {name} value in environment variable: {reason}")]
    Variable { name: &'static str, reason: String },
    #[error("Invalid value \"{value}\" for flag {flag}: {reason}")]
    Flag { flag: &'static str, value: String, reason: &'static str },
    #[error("--config: configuration files (YAML) are not supported yet; give drives and flags on the command line")]
    ConfigFile,
}

const DEFAULT_ADDRESS: &str = ":9000";
const DEFAULT_IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// A log of a few minutes is found soon by whoever looks for it, and holds more than a few lines.
const DEFAULT_LOG_INTERVAL: Duration = Duration::from_secs(300);

impl Settings {
    /// Whether there is anything to serve at all: without volumes the command line shows its help.
    pub fn has_volumes(flags: &Flags, environment: &Environment) -> bool {
        flags.config.is_some() || environment.bound("MINIO_CONFIG").is_some() || !volumes(flags, environment).is_empty()
    }

    /// From flags and environment (its files loaded). Relative paths start at `directory`.
    pub fn resolve(flags: &Flags, environment: &Environment, directory: &Path) -> Result<Self, SettingsError> {
        if flags.config.is_some() || environment.bound("MINIO_CONFIG").is_some() {
            return Err(SettingsError::ConfigFile);
        }
        let mut warnings = Vec::new();
        let layout = Layout::from_arguments(&volumes(flags, environment), set_size(environment)?, directory)?;
        let (address, console_address) = addresses(flags, environment)?;
        let storage_classes = StorageClasses::from_environment(environment)?;
        if storage_classes.standard == Some(0) && !layout.is_single_drive() {
            warnings.push("The standard parity is set to 0. This can lead to data loss.".to_owned());
        }
        if environment.get("MINIO_CERT_PASSWD").is_some() {
            warnings.push("MINIO_CERT_PASSWD: encrypted private keys are not supported yet".to_owned());
        }
        Ok(Settings {
            root: RootCredentials::from_environment(environment)?,
            layout,
            address,
            console_address,
            certs_dir: certs_dir(flags, environment, directory),
            region: region(environment),
            domains: domains(environment, "MINIO_DOMAIN")?,
            website_domains: domains(environment, "RUSTFS_WEBSITE_DOMAIN")?,
            storage_classes,
            kms: KmsSettings::from_environment(environment)?,
            compression: CompressionSettings::from_environment(environment)?,
            root_drive: root_drive(environment)?,
            drive_engine: drive_engine(environment)?,
            separate_accounts: separate_accounts(environment)?,
            access_log_interval: access_log_interval(environment)?,
            notify_socket: environment.bound("NOTIFY_SOCKET").map(str::to_owned),
            api: api(environment, &mut warnings),
            identities: IdentitySettings::from_environment(environment, &region(environment), &mut warnings),
            browser: browser(environment)?,
            idle_timeout: duration(&flags.idle_timeout, environment, "MINIO_IDLE_TIMEOUT", "--idle-timeout")?
                .unwrap_or(DEFAULT_IDLE_TIMEOUT),
            warnings,
            environment: environment.clone(),
        })
    }

    /// These settings with a stored configuration beneath them: variables win. A stored value that can't be one is told
    /// in the warnings, and what it is part of stays as it was.
    pub fn above(&self, stored: &StoredConfig) -> Self {
        let environment = self.environment.clone().above(stored);
        let mut settings = Settings { warnings: Vec::new(), region: region(&environment), ..self.clone() };
        settings.api = api(&environment, &mut settings.warnings);
        settings.identities =
            IdentitySettings::from_environment(&environment, &settings.region, &mut settings.warnings);
        match StorageClasses::from_environment(&environment) {
            Ok(classes) => settings.storage_classes = classes,
            Err(error) => settings.warnings.push(format!("the stored configuration: storage_class: {error}")),
        }
        match CompressionSettings::from_environment(&environment) {
            Ok(compression) => settings.compression = compression,
            Err(error) => settings.warnings.push(format!("the stored configuration: compression: {error}")),
        }
        settings
    }
}

/// A flag, else the variable that it is bound to.
fn bound<'a>(flag: &'a Option<String>, environment: &'a Environment, variable: &str) -> Option<&'a str> {
    flag.as_deref().or_else(|| environment.bound(variable))
}

/// The first of the sources that has any; the others are ignored.
fn volumes(flags: &Flags, environment: &Environment) -> Vec<String> {
    match environment.first(&["MINIO_ARGS", "MINIO_VOLUMES", "MINIO_ENDPOINTS"]) {
        Some(text) => text.split_whitespace().map(str::to_owned).collect(),
        None => flags.volumes.clone(),
    }
}

fn set_size(environment: &Environment) -> Result<Option<usize>, SettingsError> {
    const NAME: &str = "MINIO_ERASURE_SET_DRIVE_COUNT";
    match environment.get(NAME).map(str::parse) {
        None | Some(Ok(0)) => Ok(None),
        Some(Ok(size)) => Ok(Some(size)),
        Some(Err(_)) => Err(SettingsError::Variable { name: NAME, reason: "not a number of drives".to_owned() }),
    }
}

fn addresses(flags: &Flags, environment: &Environment) -> Result<(Address, Option<Address>), SettingsError> {
    let address: Address = bound(&flags.address, environment, "MINIO_ADDRESS").unwrap_or(DEFAULT_ADDRESS).parse()?;
    let console_text = bound(&flags.console_address, environment, "MINIO_CONSOLE_ADDRESS");
    let console: Option<Address> = console_text.map(str::parse).transpose()?;
    if let (Some(Address { port: 0, .. }), Some(text)) = (&console, console_text)
        && !text.ends_with(":0")
    {
        return Err(SettingsError::ConsolePort(text.to_owned()));
    }
    match &console {
        Some(console) if *console == address && address.port != 0 => Err(SettingsError::SameAddress),
        Some(console) if console.port == address.port && address.port != 0 => Err(SettingsError::SamePort),
        _ => Ok((address, console)),
    }
}

fn certs_dir(flags: &Flags, environment: &Environment, directory: &Path) -> PathBuf {
    match (&flags.certs_dir, &flags.config_dir) {
        (Some(dir), _) => directory.join(dir),
        (None, Some(dir)) => directory.join(dir).join("certs"),
        (None, None) => directory.join(environment.get("HOME").unwrap_or("")).join(".minio/certs"),
    }
}

fn region(environment: &Environment) -> String {
    let names = ["MINIO_SITE_REGION", "MINIO_REGION", "MINIO_REGION_NAME"];
    environment.first(&names).unwrap_or("").to_owned()
}

/// Domains in a variable, separated by commas, of which none is within another.
fn domains(environment: &Environment, name: &'static str) -> Result<Vec<String>, SettingsError> {
    let listed = environment.get(name).unwrap_or("").split(',').map(str::trim).filter(|domain| !domain.is_empty());
    let domains: Vec<String> = listed.map(str::to_ascii_lowercase).collect();
    let invalid = |reason| Err(SettingsError::Variable { name, reason });
    for (index, domain) in domains.iter().enumerate() {
        let labels = domain
            .split('.')
            .all(|label| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
        if !labels {
            return invalid(format!("'{domain}' is not a domain name"));
        }
        let within = |other: &String| domain.ends_with(&format!(".{other}")) || domain == other;
        let others = domains.iter().enumerate().filter(|(other, _)| *other != index);
        if let Some((_, other)) = others.into_iter().find(|(_, other)| within(other)) {
            return invalid(format!("overlapping domains '{other}' and '{domain}' are not allowed"));
        }
    }
    Ok(domains)
}

fn root_drive(environment: &Environment) -> Result<RootDrive, SettingsError> {
    const NAME: &str = "MINIO_ROOTDRIVE_THRESHOLD_SIZE";
    let threshold = match environment.first(&[NAME, "MINIO_ROOTDISK_THRESHOLD_SIZE"]) {
        None => None,
        Some(text) => match parse_size(text) {
            Some(0) => None,
            Some(size) => Some(size),
            None => return Err(SettingsError::Variable { name: NAME, reason: format!("'{text}' is not a size") }),
        },
    };
    Ok(RootDrive { accept: environment.first(&["MINIO_CI_CD", "CI"]).is_some(), threshold })
}

fn drive_engine(environment: &Environment) -> Result<DriveEngine, SettingsError> {
    const NAME: &str = "RUSTFS_DRIVE_ENGINE";
    match environment.get(NAME) {
        None | Some("auto") => Ok(DriveEngine::Auto),
        Some("io_uring") => Ok(DriveEngine::IoUring),
        Some("threads") => Ok(DriveEngine::Threads),
        Some(other) => {
            Err(SettingsError::Variable { name: NAME, reason: format!("'{other}' is not auto, io_uring or threads") })
        }
    }
}

/// A bad value is fatal: whoever sets it counts on it.
fn separate_accounts(environment: &Environment) -> Result<bool, SettingsError> {
    const NAME: &str = "RUSTFS_SEPARATE_ACCOUNTS";
    match environment.get(NAME) {
        None => Ok(false),
        Some(text) => parse_bool(text)
            .ok_or_else(|| SettingsError::Variable { name: NAME, reason: format!("'{text}' is neither on nor off") }),
    }
}

fn access_log_interval(environment: &Environment) -> Result<Duration, SettingsError> {
    const NAME: &str = "RUSTFS_ACCESS_LOG_INTERVAL";
    match environment.get(NAME) {
        None => Ok(DEFAULT_LOG_INTERVAL),
        Some(text) => parse_duration(text).ok_or_else(|| SettingsError::Variable {
            name: NAME,
            reason: format!("'{text}' is not a duration like 5m"),
        }),
    }
}

/// Bad values here are told and the default is used: the server starts.
fn api(environment: &Environment, warnings: &mut Vec<String>) -> Api {
    let default = Api::default();
    let mut wrong = |name: &str, value: &str| {
        warnings.push(format!("Invalid api configuration: {name} can't be '{value}', the default is used"));
    };
    let mut duration =
        |name: &'static str, default: Duration| match environment.get(name).map(|text| (text, parse_duration(text))) {
            None => default,
            Some((_, Some(duration))) => duration,
            Some((text, None)) => {
                wrong(name, text);
                default
            }
        };
    let cluster_deadline = duration("MINIO_API_CLUSTER_DEADLINE", default.cluster_deadline);
    let mut count = |name: &'static str| match environment.get(name).map(|text| (text, text.parse::<u64>())) {
        None | Some((_, Ok(0))) => None,
        Some((_, Ok(count))) => usize::try_from(count).ok().filter(|_| count != i64::MAX.unsigned_abs()),
        Some((text, Err(_))) => {
            wrong(name, text);
            None
        }
    };
    let requests_max = count("MINIO_API_REQUESTS_MAX");
    let object_max_versions = count("MINIO_API_OBJECT_MAX_VERSIONS");
    let mut switch =
        |name: &'static str, default: bool| match environment.get(name).map(|text| (text, parse_bool(text))) {
            None => default,
            Some((_, Some(on))) => on,
            Some((text, None)) => {
                wrong(name, text);
                default
            }
        };
    let origins = environment
        .get("MINIO_API_CORS_ALLOW_ORIGIN")
        .map(|text| text.split(',').map(str::trim).filter(|origin| !origin.is_empty()).map(str::to_owned).collect());
    Api {
        requests_max,
        cors_allow_origin: origins.unwrap_or(default.cors_allow_origin),
        cluster_deadline,
        object_max_versions,
        root_access: switch("MINIO_API_ROOT_ACCESS", default.root_access),
        trust_forwarded: switch("_MINIO_API_XFF_HEADER", default.trust_forwarded),
    }
}

fn browser(environment: &Environment) -> Result<Browser, SettingsError> {
    let switch = |name: &'static str| match environment.get(name) {
        None => Ok(true),
        Some(text) => {
            parse_bool(text).ok_or(SettingsError::Variable { name, reason: "Invalid console value".to_owned() })
        }
    };
    let url = |name: &'static str| match environment.get(name) {
        None => Ok(None),
        Some(text) => check_url(text).map(Some).map_err(|reason| SettingsError::Variable { name, reason }),
    };
    Ok(Browser {
        enabled: switch("MINIO_BROWSER")?,
        redirect: switch("MINIO_BROWSER_REDIRECT")?,
        redirect_url: url("MINIO_BROWSER_REDIRECT_URL")?,
        server_url: url("MINIO_SERVER_URL")?,
    })
}

/// A URL that others may be sent to: http or https, a host, nothing after the path.
fn check_url(text: &str) -> Result<String, String> {
    let rest = match text.split_once("://") {
        Some(("http" | "https", rest)) => rest,
        _ => return Err(format!("unexpected scheme found {text}")),
    };
    let host = rest.split('/').next().unwrap_or("");
    if host.is_empty() || rest.contains(['?', '#', '@', ' ']) {
        return Err(format!("unexpected URL {text}: it must be a scheme, a host and at most a path"));
    }
    Ok(text.to_owned())
}

fn duration(
    flag: &Option<String>,
    environment: &Environment,
    variable: &str,
    name: &'static str,
) -> Result<Option<Duration>, SettingsError> {
    match bound(flag, environment, variable) {
        None => Ok(None),
        Some(text) => parse_duration(text).map(Some).ok_or_else(|| SettingsError::Flag {
            flag: name,
            value: text.to_owned(),
            reason: "not a duration like 30s or 10m",
        }),
    }
}
