//! The server's configuration: typed, from the environment and the command line, read once.
//!
//! [`Environment`] is the only thing in the server that reads the process's environment, and [`files`] the only
//! thing that reads configuration files. Everything else here is functions from text to types, so that a test
//! gives its own. It must not know who uses the settings.

mod address;
mod compression;
mod credentials;
mod ellipses;
mod endpoint;
mod environment;
pub mod files;
mod identity;
mod kms;
mod layout;
mod server;
mod storage_class;
mod stored;
mod values;

pub use address::{Address, AddressError};
pub use compression::{CompressionSettings, CompressionSettingsError};
pub use credentials::{CredentialsError, CredentialsOrigin, RootCredentials};
pub use ellipses::EllipsesError;
pub use endpoint::{EndpointError, check_mounts};
pub use environment::{Environment, EnvironmentError};
pub use identity::IdentitySettings;
pub use kms::{KesLogin, KesSettings, KmsBackend, KmsSettings, KmsSettingsError, VaultLogin, VaultSettings};
pub use layout::{Layout, LayoutError, Pool};
pub use server::{Api, Browser, DriveEngine, Flags, RootDrive, Settings, SettingsError};
pub use storage_class::{StorageClassError, StorageClasses};
pub use stored::{CONFIG_PATH, DEFAULT_TARGET, StoredConfig, StoredConfigError, variable};
pub use values::{parse_bool, parse_duration, parse_size};
