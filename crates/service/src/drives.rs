//! How the deployment fares, for whoever administers it.

use crate::{Service, ServiceError, grant};
use iam::{Action, Grant};
use store::DriveStatus;

impl Service {
    /// All drives in the order of the command line, each with its space. Grant: [`Action::AdminServerInfo`] or
    /// [`Action::AdminStorageInfo`].
    pub async fn drives(&self, grant: &Grant) -> Result<Vec<DriveStatus>, ServiceError> {
        grant::check(grant, &[Action::AdminServerInfo, Action::AdminStorageInfo])?;
        Ok(self.store.drives_with_space().await)
    }
}
