//! The configuration that is stored on the drives: read once they are open, put beneath the variables.

use service::ConfigFiles;
use settings::{CONFIG_PATH, Settings, StoredConfig};
use store::{Store, Tuning};

/// The settings with what is stored beneath them, in force. A document that can't be read is told and left as it is:
/// the server goes on with its variables and the defaults.
pub async fn apply(settings: Settings, files: &ConfigFiles, store: &Store) -> Settings {
    let stored = match files.read(CONFIG_PATH).await {
        Ok(None) => return settings,
        Ok(Some(document)) => StoredConfig::parse(&document).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    let stored = match stored {
        Ok(stored) => stored,
        Err(error) => {
            tracing::error!(error, "the stored configuration ({CONFIG_PATH}) can't be used, it is left as it is");
            return settings;
        }
    };
    let mut above = settings.above(&stored);
    if let Err(error) = above.storage_classes.check(&above.layout, format::placement::default_parity) {
        above.warnings.push(format!("the stored configuration: storage_class: {error}"));
        above.storage_classes = settings.storage_classes.clone();
    }
    for warning in &above.warnings {
        tracing::warn!("{warning}");
    }
    store.tune(tuning(&above, store));
    above
}

/// How objects are written by these settings.
fn tuning(settings: &Settings, store: &Store) -> Tuning {
    let classes = &settings.storage_classes;
    let (standard, reduced) = store.default_parities();
    Tuning {
        standard_parity: classes.standard.unwrap_or(standard),
        reduced_parity: classes.reduced.unwrap_or(reduced),
        capacity_optimized: classes.optimize_capacity,
        inline_block: classes.inline_block.unwrap_or(store::DEFAULT_INLINE_BLOCK),
        max_versions: settings.api.object_max_versions,
    }
}
