//! What this server makes of MinIO's settings and features. The one list: who adds a feature changes it here.

use crate::Verdict::{self, LosesProtection, Prevents, TakenOver, WithoutEffect};

/// A setting by its whole name, or by its beginning if it ends in `*`; what becomes of it, and why. The first that fits counts.
pub(crate) type Row = (&'static str, Verdict, &'static str);

/// Environment variables, from MinIO to this server.
pub(crate) const VARIABLES: &[Row] = &[
    ("MINIO_ROOT_USER*", TakenOver, ""),
    ("MINIO_ROOT_PASSWORD*", TakenOver, ""),
    ("MINIO_ACCESS_KEY*", TakenOver, ""),
    ("MINIO_SECRET_KEY*", TakenOver, ""),
    ("MINIO_VOLUMES", TakenOver, ""),
    ("MINIO_ARGS", TakenOver, ""),
    ("MINIO_ENDPOINTS", TakenOver, ""),
    ("MINIO_CONFIG_ENV_FILE", TakenOver, ""),
    ("MINIO_CONFIG", Prevents, "settings as YAML aren't read: give the drives as arguments"),
    ("MINIO_ADDRESS", TakenOver, ""),
    ("MINIO_CONSOLE_ADDRESS", WithoutEffect, "there is no web console"),
    ("MINIO_SITE_REGION", TakenOver, ""),
    ("MINIO_REGION*", TakenOver, ""),
    ("MINIO_DOMAIN", TakenOver, ""),
    ("MINIO_CI_CD", TakenOver, ""),
    ("CI", TakenOver, ""),
    ("MINIO_ERASURE_SET_DRIVE_COUNT", TakenOver, ""),
    ("MINIO_ROOTDRIVE_THRESHOLD_SIZE", TakenOver, ""),
    ("MINIO_ROOTDISK_THRESHOLD_SIZE", TakenOver, ""),
    ("MINIO_STORAGE_CLASS_*", TakenOver, ""),
    ("MINIO_API_REQUESTS_MAX", TakenOver, ""),
    ("MINIO_API_CLUSTER_DEADLINE", TakenOver, ""),
    ("MINIO_API_CORS_ALLOW_ORIGIN", TakenOver, ""),
    ("MINIO_API_OBJECT_MAX_VERSIONS", TakenOver, ""),
    ("MINIO_API_ROOT_ACCESS", TakenOver, ""),
    ("MINIO_API_*", WithoutEffect, ""),
    ("MINIO_IDLE_TIMEOUT", TakenOver, ""),
    ("MINIO_SERVER_URL", TakenOver, ""),
    ("MINIO_BROWSER*", WithoutEffect, "there is no web console"),
    ("MINIO_CERT_PASSWD", Prevents, "an encrypted private key can't be opened: store it decrypted"),
    ("MINIO_KMS_SECRET_KEY*", TakenOver, ""),
    ("MINIO_KMS_AUTO_ENCRYPTION", TakenOver, ""),
    ("MINIO_KMS_KES_*", TakenOver, ""),
    ("MINIO_KMS_VAULT_*", TakenOver, "MinIO doesn't know it"),
    ("MINIO_KMS_SERVER", Prevents, "MinIO's own KMS protocol isn't spoken: what it encrypted can't be read"),
    ("MINIO_KMS_*", WithoutEffect, ""),
    ("MINIO_COMPRESS*", TakenOver, ""),
    ("MINIO_UPDATE*", WithoutEffect, "updates are the package's"),
    ("MINIO_PROMETHEUS_*", WithoutEffect, "there are no metrics"),
    ("MINIO_AUDIT_*", LosesProtection, "requests are not audited"),
    ("MINIO_LOGGER_*", WithoutEffect, "logs go to standard error"),
    ("MINIO_NOTIFY_*", WithoutEffect, "events are not sent"),
    ("MINIO_LAMBDA_*", WithoutEffect, "object lambdas are not called"),
    (
        "MINIO_IDENTITY_*",
        WithoutEffect,
        "nobody signs in with other identity services; what is on the drives of them counts",
    ),
    ("MINIO_POLICY_*", LosesProtection, "requests are not asked about at the policy service"),
    ("MINIO_ETCD_*", WithoutEffect, "identities in etcd are not read"),
    ("MINIO_DNS_WEBHOOK_*", WithoutEffect, ""),
    ("MINIO_SCANNER_*", WithoutEffect, ""),
    ("MINIO_HEAL_*", WithoutEffect, "healing paces itself"),
    ("MINIO_ILM_*", WithoutEffect, "lifecycles are not run"),
    ("MINIO_BATCH_*", WithoutEffect, "batch jobs are not run"),
    ("MINIO_DRIVE_*", WithoutEffect, ""),
    ("MINIO_SUBNET_*", WithoutEffect, ""),
    ("MINIO_CALLHOME_*", WithoutEffect, ""),
    ("MINIO_CACHE_*", WithoutEffect, "MinIO ignores it too"),
    ("MINIO_OPTS", TakenOver, "it is the service unit's: use it on the command line as before"),
    ("MINIO_FS_OSYNC", WithoutEffect, "every acknowledged write is durable"),
    ("MINIO_SYNC_BOOT", WithoutEffect, ""),
    ("MINIO_PUBLIC_IPS", WithoutEffect, ""),
    ("MINIO_SITE_NAME", WithoutEffect, ""),
    ("MINIO_STS_DURATION", WithoutEffect, ""),
    ("MINIO_LOG_*", WithoutEffect, ""),
    ("MINIO_LISTENERS", WithoutEffect, "MinIO ignores it too"),
    ("MINIO_SHUTDOWN_TIMEOUT", WithoutEffect, "MinIO ignores it too"),
    ("MINIO_CROSSDOMAIN_XML", WithoutEffect, "use --crossdomain-xml"),
    (
        "_MINIO_API_XFF_HEADER",
        TakenOver,
        "unless it is on, policies on addresses go by the connection, not by X-Forwarded-For",
    ),
    ("_MINIO_*", WithoutEffect, "internal to MinIO"),
];

/// Variables that MinIO knows nothing of, from this server to MinIO.
pub(crate) const OURS: &[Row] = &[
    (
        "MINIO_KMS_VAULT_*",
        Prevents,
        "MinIO has no such key service: what it encrypted can't be read, without KES before the same Vault",
    ),
    ("RUSTFS_*", WithoutEffect, "this server's own"),
];

/// Flags of the command line.
pub(crate) const FLAGS: &[Row] = &[
    ("address", TakenOver, ""),
    ("certs-dir", TakenOver, ""),
    ("config-dir", TakenOver, ""),
    ("idle-timeout", TakenOver, ""),
    ("crossdomain-xml", TakenOver, ""),
    ("quiet", TakenOver, ""),
    ("anonymous", TakenOver, ""),
    ("json", TakenOver, ""),
    ("compat", TakenOver, ""),
    ("config", Prevents, "settings as YAML aren't read: give the drives as arguments"),
    ("console-address", WithoutEffect, "there is no web console"),
    ("ftp", WithoutEffect, "there is no FTP server"),
    ("sftp", WithoutEffect, "there is no SFTP server"),
    ("*", WithoutEffect, "accepted and ignored"),
];

/// Sub-systems of `config.json` that differ from their defaults.
pub(crate) const SUBSYSTEMS: &[Row] = &[
    ("site", TakenOver, ""),
    ("region", TakenOver, ""),
    ("storage_class", TakenOver, ""),
    ("compression", TakenOver, ""),
    ("api", TakenOver, "what of it has no effect is told below"),
    ("identity_*", WithoutEffect, "nobody signs in with other identity services; what is on the drives of them counts"),
    ("policy_*", LosesProtection, "requests are not asked about at the policy service"),
    ("audit_*", LosesProtection, "requests are not audited"),
    ("notify_*", WithoutEffect, "events are not sent"),
    ("logger_*", WithoutEffect, "logs go to standard error"),
    ("lambda_*", WithoutEffect, "object lambdas are not called"),
    ("scanner", WithoutEffect, ""),
    ("heal", WithoutEffect, "healing paces itself"),
    ("ilm", WithoutEffect, "lifecycles are not run"),
    ("batch", WithoutEffect, "batch jobs are not run"),
    ("drive", WithoutEffect, ""),
    ("subnet", WithoutEffect, ""),
    ("callhome", WithoutEffect, ""),
    ("browser", WithoutEffect, "there is no web console"),
    ("etcd", WithoutEffect, ""),
    ("cache", WithoutEffect, "MinIO ignores it too"),
    ("crawler", WithoutEffect, "MinIO ignores it too"),
    ("credentials", WithoutEffect, "MinIO ignores it too"),
];

/// Features of buckets.
pub(crate) const FEATURES: &[Row] = &[
    ("versioning", TakenOver, ""),
    ("object lock", TakenOver, ""),
    ("encryption", TakenOver, ""),
    ("tags", TakenOver, ""),
    ("policy", TakenOver, ""),
    ("lifecycle", WithoutEffect, "kept; nothing expires and nothing moves to a tier"),
    ("notification", WithoutEffect, "kept; events are not sent"),
    ("replication", LosesProtection, "kept; objects written meanwhile are not copied to the other side"),
    ("remote targets", WithoutEffect, "kept"),
    ("quota", LosesProtection, "kept; the limit is not enforced"),
];

/// Users, groups, policies, service accounts, temporary credentials.
pub(crate) const IDENTITIES: (Verdict, &str) = (TakenOver, "");

/// The row that fits a name.
pub(crate) fn find(rows: &[Row], name: &str) -> Option<(Verdict, &'static str)> {
    let fits = |pattern: &str| match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == pattern,
    };
    rows.iter().find(|(pattern, ..)| fits(pattern)).map(|(_, verdict, note)| (*verdict, *note))
}
