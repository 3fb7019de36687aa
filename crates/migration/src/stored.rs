//! What is stored on the drives: configuration, buckets, identities, tiers, jobs.

use crate::support::{FEATURES, IDENTITIES, SUBSYSTEMS, find};
use crate::{Direction, Input, Report, Verdict};
use bytes::Bytes;
use format::bucket_metadata::BucketMetadata;
use fsck::{Deployment, list_documents, read_document};
use kms::Context;
use seal::config_file::Stored;
use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) async fn check(input: &Input<'_>, deployment: &Deployment, report: &mut Report) {
    configuration(input, deployment, report).await;
    buckets(input, deployment, report).await;
    identities(input, deployment, report).await;
    others(input, deployment, report).await;
}

/// A document in clear; what is wrong with it otherwise.
async fn document(input: &Input<'_>, deployment: &Deployment, path: &str) -> Result<Option<Bytes>, String> {
    let Some(content) = read_document(deployment, path).await.map_err(|error| error.to_string())? else {
        return Ok(None);
    };
    let Stored::Sealed(file) = Stored::of(&content) else { return Ok(Some(content)) };
    let Some(keys) = &input.keys else {
        return Err(format!("it is encrypted with the key '{}' and there is no key service", file.key_id));
    };
    let mut reason = String::new();
    for context in Context::of_config_file(path) {
        match keys.decrypt(&file.key_id, &file.data_key, &context).await {
            Ok(key) => return file.open(&key).map(|content| Some(content.into())).map_err(|error| error.to_string()),
            Err(error) => reason = error.to_string(),
        }
    }
    Err(reason)
}

async fn configuration(input: &Input<'_>, deployment: &Deployment, report: &mut Report) {
    const PATH: &str = "config/config.json";
    let section = "configuration";
    let config = match document(input, deployment, PATH).await {
        Ok(Some(content)) => serde_json::from_slice::<Value>(&content).map_err(|error| error.to_string()),
        Ok(None) => return,
        Err(reason) => Err(reason),
    };
    let config = match config {
        Ok(Value::Object(config)) => config,
        Ok(_) => return report.add(section, PATH, Verdict::Prevents, "it is not an object"),
        Err(reason) => return report.add(section, PATH, Verdict::Prevents, reason),
    };
    for (name, targets) in &config {
        let Some(targets) = targets.as_object() else { continue };
        for (target, pairs) in targets {
            let set = is_set(name, target, pairs);
            if !set {
                continue;
            }
            let label = if target == "_" { name.clone() } else { format!("{name}:{target}") };
            let (verdict, note) = match input.direction {
                Direction::ToMinio => (Verdict::TakenOver, ""),
                Direction::ToRustfs => find(SUBSYSTEMS, name).unwrap_or((Verdict::Unknown, "kept")),
            };
            report.add(section, label, verdict, note);
        }
    }
}

/// Whether somebody has set something there: a target of its own, or what is switched on or filled in.
fn is_set(name: &str, target: &str, pairs: &Value) -> bool {
    let value = |key: &str| {
        let pairs = pairs.as_array()?;
        let pair = pairs.iter().find(|pair| pair.get("key").and_then(Value::as_str) == Some(key))?;
        pair.get("value").and_then(Value::as_str)
    };
    if target != "_" {
        return true;
    }
    let on = |key| value(key).is_some_and(|value| matches!(value, "on" | "true" | "1" | "enabled"));
    let filled = |key| value(key).is_some_and(|value| !value.is_empty());
    match name {
        "site" => filled("name") || filled("region"),
        "region" => filled("name"),
        "storage_class" => filled("standard") || value("rrs").is_some_and(|rrs| !matches!(rrs, "" | "EC:1")),
        "etcd" => filled("endpoints"),
        "identity_openid" => filled("config_url"),
        "identity_ldap" => filled("server_addr"),
        "identity_plugin" | "policy_plugin" | "policy_opa" => filled("url"),
        "subnet" => filled("api_key") || filled("license"),
        "api" => value("root_access") == Some("off"),
        // They have values of their own from the first start.
        "scanner" | "heal" | "ilm" | "batch" | "drive" | "browser" | "identity_tls" | "cache" | "crawler"
        | "credentials" => false,
        _ => on("enable"),
    }
}

async fn buckets(input: &Input<'_>, deployment: &Deployment, report: &mut Report) {
    for path in list_documents(deployment, "buckets").await {
        let Some(bucket) = path.strip_prefix("buckets/").and_then(|rest| rest.strip_suffix("/.metadata.bin")) else {
            continue;
        };
        let section = format!("bucket {bucket}");
        let metadata = match read_document(deployment, &path).await {
            Ok(Some(content)) => BucketMetadata::parse(&content).map_err(|error| error.to_string()),
            Ok(None) => continue,
            Err(error) => Err(error.to_string()),
        };
        let metadata = match metadata {
            Ok(metadata) => metadata,
            Err(reason) => {
                report.add(&section, ".metadata.bin", Verdict::Prevents, reason);
                continue;
            }
        };
        for feature in features(&metadata) {
            let (verdict, note) = match input.direction {
                Direction::ToMinio => (Verdict::TakenOver, ""),
                Direction::ToRustfs => find(FEATURES, feature).unwrap_or((Verdict::Unknown, "kept")),
            };
            report.add(&section, feature, verdict, note);
        }
    }
}

fn features(metadata: &BucketMetadata) -> Vec<&'static str> {
    let contains = |document: &Bytes, text: &str| String::from_utf8_lossy(document).contains(text);
    let all = [
        ("policy", !metadata.policy_json.is_empty()),
        ("versioning", contains(&metadata.versioning_xml, "<Status>")),
        ("object lock", contains(&metadata.object_lock_xml, "Enabled")),
        ("encryption", contains(&metadata.encryption_xml, "<Rule>")),
        ("tags", contains(&metadata.tagging_xml, "<Tag>")),
        ("lifecycle", contains(&metadata.lifecycle_xml, "<Rule>")),
        (
            "notification",
            contains(&metadata.notification_xml, "Configuration><Id>") || contains(&metadata.notification_xml, "arn:"),
        ),
        ("replication", contains(&metadata.replication_xml, "<Rule>")),
        ("remote targets", metadata.targets_json.len() > 2),
        ("quota", contains(&metadata.quota_json, "quotatype")),
    ];
    all.into_iter().filter(|(_, set)| *set).map(|(name, _)| name).collect()
}

async fn identities(input: &Input<'_>, deployment: &Deployment, report: &mut Report) {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for path in list_documents(deployment, "config/iam").await {
        let kind = match path.split('/').nth(2) {
            Some("users") => "users",
            Some("service-accounts") => "service accounts",
            Some("sts") => "temporary credentials",
            Some("groups") => "groups",
            Some("policies") => "policies",
            Some("policydb") => "policy mappings",
            _ => continue,
        };
        match document(input, deployment, &path).await {
            Ok(Some(content)) if serde_json::from_slice::<Value>(&content).is_ok() => {
                *counts.entry(kind).or_default() += 1
            }
            Ok(Some(_)) => report.add("identities", path, Verdict::Prevents, "it is not JSON, and no key opens it"),
            Ok(None) => {}
            Err(reason) => report.add("identities", path, Verdict::Prevents, reason),
        }
    }
    let (verdict, note) = match input.direction {
        Direction::ToMinio => (Verdict::TakenOver, ""),
        Direction::ToRustfs => IDENTITIES,
    };
    for (kind, count) in counts {
        let note = if note.is_empty() { count.to_string() } else { format!("{count}: {note}") };
        report.add("identities", kind, verdict, note);
    }
}

async fn others(input: &Input<'_>, deployment: &Deployment, report: &mut Report) {
    if input.direction == Direction::ToMinio {
        return;
    }
    let there =
        |path: &'static str| async move { matches!(read_document(deployment, path).await, Ok(Some(_)) | Err(_)) };
    if there("config/tier-config.bin").await {
        let note = "objects that were moved to a remote tier can't be read until they are restored; kept";
        report.add("configuration", "remote tiers", Verdict::Prevents, note);
    }
    if there("config/site-replication/state.json").await {
        report.add(
            "configuration",
            "site replication",
            Verdict::LosesProtection,
            "what is written meanwhile is not copied to the other sites; kept",
        );
    }
    if there("rebalance.bin").await {
        report.add("configuration", "rebalance", Verdict::WithoutEffect, "it stands still if it isn't done");
    }
    let jobs = list_documents(deployment, "batch-jobs").await.len();
    if jobs > 0 {
        report.add(
            "configuration",
            "batch jobs",
            Verdict::WithoutEffect,
            format!("{jobs} document(s) of them are kept; none is run"),
        );
    }
}
