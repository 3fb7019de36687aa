//! The policies that every deployment has (spec iam-sts-and-config.md, section 12). A stored document of the same name
//! takes the place of one.

use super::Policy;
use serde_json::json;

/// Names and policies.
pub(crate) fn canned() -> impl Iterator<Item = (&'static str, Policy)> {
    let everything = "arn:aws:s3:::*";
    let allow = |actions: &[&str], resource: Option<&str>| {
        let mut statement = json!({ "Effect": "Allow", "Action": actions });
        if let Some(resource) = resource {
            statement["Resource"] = json!([resource]);
        }
        statement
    };
    let diagnostics = [
        "admin:Profiling",
        "admin:ServerTrace",
        "admin:ConsoleLog",
        "admin:ServerInfo",
        "admin:TopLocksInfo",
        "admin:OBDInfo",
        "admin:BandwidthMonitor",
        "admin:Prometheus",
    ];
    let console = vec![allow(&["admin:*"], None), allow(&["kms:*"], None), allow(&["s3:*"], Some(everything))];
    let all = [
        ("readonly", vec![allow(&["s3:GetBucketLocation", "s3:GetObject"], Some(everything))]),
        ("readwrite", vec![allow(&["s3:*"], Some(everything))]),
        ("writeonly", vec![allow(&["s3:PutObject"], Some(everything))]),
        ("diagnostics", vec![allow(&diagnostics, Some(everything))]),
        ("consoleAdmin", console),
    ];
    all.into_iter().map(|(name, statements)| {
        let document = json!({ "Version": super::VERSION, "Statement": statements });
        (name, Policy::from_json(&document).expect("the documents above are policies"))
    })
}
