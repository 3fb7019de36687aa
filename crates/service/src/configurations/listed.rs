//! Configurations of which a bucket can have many, each with an id: they are kept and shown. What they ask for isn't done.

use crate::documents::listed::{self, ListedConfig};
use crate::{Service, ServiceError, grant};
use bytes::Bytes;
use format::bucket_extras::BucketExtras;
use iam::{Action, Grant};
use std::fmt;

/// Kinds of such configurations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConfigurationList {
    Analytics,
    IntelligentTiering,
    Inventory,
    Metrics,
}

impl ConfigurationList {
    /// The name on the drives.
    const fn name(self) -> &'static str {
        match self {
            ConfigurationList::Analytics => "analytics",
            ConfigurationList::IntelligentTiering => "intelligentTiering",
            ConfigurationList::Inventory => "inventory",
            ConfigurationList::Metrics => "metrics",
        }
    }

    /// The action that reading and listing them asks for.
    pub const fn read_action(self) -> Action {
        match self {
            ConfigurationList::Analytics => Action::GetAnalyticsConfiguration,
            ConfigurationList::IntelligentTiering => Action::GetIntelligentTieringConfiguration,
            ConfigurationList::Inventory => Action::GetInventoryConfiguration,
            ConfigurationList::Metrics => Action::GetMetricsConfiguration,
        }
    }

    /// The action that setting and removing one asks for.
    pub const fn write_action(self) -> Action {
        match self {
            ConfigurationList::Analytics => Action::PutAnalyticsConfiguration,
            ConfigurationList::IntelligentTiering => Action::PutIntelligentTieringConfiguration,
            ConfigurationList::Inventory => Action::PutInventoryConfiguration,
            ConfigurationList::Metrics => Action::PutMetricsConfiguration,
        }
    }

    /// The element that one is.
    pub const fn element(self) -> &'static str {
        match self {
            ConfigurationList::Analytics => "AnalyticsConfiguration",
            ConfigurationList::IntelligentTiering => "IntelligentTieringConfiguration",
            ConfigurationList::Inventory => "InventoryConfiguration",
            ConfigurationList::Metrics => "MetricsConfiguration",
        }
    }
}

impl fmt::Display for ConfigurationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.element())
    }
}

impl Service {
    /// One configuration, an XML element; [`ServiceError::NoSuchListedConfiguration`] if there is none of this id. Grant:
    /// [`ConfigurationList::read_action`], or [`Action::GetBucketPolicy`] in its place.
    pub async fn listed_configuration(
        &self,
        grant: &Grant,
        list: ConfigurationList,
        id: &str,
    ) -> Result<String, ServiceError> {
        let (bucket, all) = self.listed_configs(grant, list).await?;
        let found = all.into_iter().find(|config| config.id() == id);
        found.map(|config| config.to_xml()).ok_or_else(|| missing(bucket, list, id))
    }

    /// All configurations of a kind, with their ids and in their order: XML elements. Grant:
    /// [`ConfigurationList::read_action`], or [`Action::GetBucketPolicy`] in its place.
    pub async fn listed_configurations(
        &self,
        grant: &Grant,
        list: ConfigurationList,
    ) -> Result<Vec<(String, String)>, ServiceError> {
        let (_, all) = self.listed_configs(grant, list).await?;
        Ok(all.into_iter().map(|config| (config.id().to_owned(), config.to_inner_xml())).collect())
    }

    /// Sets the configuration of this id. Grant: [`ConfigurationList::write_action`], or [`Action::PutBucketPolicy`] in its place.
    pub async fn put_listed_configuration(
        &self,
        grant: &Grant,
        list: ConfigurationList,
        id: &str,
        document: &[u8],
    ) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[list.write_action(), Action::PutBucketPolicy])?;
        let config = ListedConfig::parse(document, list)?;
        if config.id() != id {
            let reason = "the id in the document isn't that of the request".to_owned();
            return Err(ServiceError::InvalidArgument { reason });
        }
        self.store.bucket_metadata(bucket).await?;
        self.edit_listed(bucket, list, |all| listed::put(all, config)).await
    }

    /// Removes the configuration of this id. Grant: [`ConfigurationList::write_action`], or [`Action::PutBucketPolicy`] in its place.
    pub async fn delete_listed_configuration(
        &self,
        grant: &Grant,
        list: ConfigurationList,
        id: &str,
    ) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[list.write_action(), Action::PutBucketPolicy])?;
        self.store.bucket_metadata(bucket).await?;
        let remove = |all: &mut Vec<ListedConfig>| {
            let count = all.len();
            all.retain(|config| config.id() != id);
            if all.len() < count { Ok(()) } else { Err(missing(bucket, list, id)) }
        };
        self.edit_listed(bucket, list, remove).await
    }

    async fn listed_configs<'a>(
        &self,
        grant: &'a Grant,
        list: ConfigurationList,
    ) -> Result<(&'a str, Vec<ListedConfig>), ServiceError> {
        let bucket = grant::bucket(grant, &[list.read_action(), Action::GetBucketPolicy])?;
        self.store.bucket_metadata(bucket).await?;
        let document = self.store.bucket_extras(bucket).await?.document(list.name());
        Ok((bucket, listed::from_stored(&document, list)?))
    }

    async fn edit_listed(
        &self,
        bucket: &str,
        list: ConfigurationList,
        edit: impl FnOnce(&mut Vec<ListedConfig>) -> Result<(), ServiceError> + Send,
    ) -> Result<(), ServiceError> {
        let edit = |extras: &mut BucketExtras| {
            let mut all = listed::from_stored(&extras.document(list.name()), list)?;
            edit(&mut all)?;
            extras.set(list.name(), Bytes::from(listed::to_stored(&all)));
            Ok::<_, ServiceError>(())
        };
        self.store.update_bucket_extras(bucket, edit).await
    }
}

fn missing(bucket: &str, list: ConfigurationList, id: &str) -> ServiceError {
    ServiceError::NoSuchListedConfiguration { bucket: bucket.to_owned(), list, id: id.to_owned() }
}
