//! Who may do what: every operation against every kind of caller.

use crate::server::{Ask, Seen, Server, md5};
use base::{Secret, Timestamp};
use http::Method;
use iam::{Holder, IdentityRecord, NewServiceAccount, Policy};
use rustfs_s3::routing::Operation as Op;
use serde_json::{Value, json};
use service::{Configuration, ConfigurationList};

const CORS: &str = "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin>\
                    </CORSRule></CORSConfiguration>";
/// Of other kinds too: whoever may set them is told that it isn't their document.
const METRICS: &str = "<MetricsConfiguration><Id>all</Id></MetricsConfiguration>";
const SECRET: &str = "user-secret-1";
/// Root's, by which temporary credentials are signed.
const ROOT_SECRET: &str = "testroot-secret";

/// What an operation asks for: a request that does it, and the actions it needs, each with its resource. Where several
/// actions stand together, one of them is enough.
struct Row {
    method: Method,
    path: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    needs: &'static [&'static [(&'static str, &'static str)]],
}

const BUCKET: &str = "arn:aws:s3:::bkt";
const KEY: &str = "arn:aws:s3:::bkt/key";
const COPY: &str = "arn:aws:s3:::bkt/copy";
const NEW: &str = "arn:aws:s3:::newbkt";

const fn row(method: Method, path: &'static str, needs: &'static [&'static [(&'static str, &'static str)]]) -> Row {
    Row { method, path, headers: &[], body: "", needs }
}

/// The table: an operation that isn't in it doesn't compile.
fn rows(operation: Op) -> Vec<Row> {
    const TAGGING: &str = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    const DELETE: &str = "<Delete><Object><Key>key</Key></Object></Delete>";
    const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;
    const LOCK: &str =
        "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";
    const VERSIONING: &str = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    const ENCRYPTION: &str = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>\
                              AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>\
                              </ServerSideEncryptionConfiguration>";
    const LIFECYCLE: &str = "<LifecycleConfiguration><Rule><Status>Enabled</Status><Filter></Filter>\
                             <Expiration><Days>9</Days></Expiration></Rule></LifecycleConfiguration>";
    const RETENTION: &str =
        "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2090-01-01T00:00:00Z</RetainUntilDate></Retention>";
    const HOLD: &str = "<LegalHold><Status>OFF</Status></LegalHold>";
    const PARTS: &str =
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>";
    const SELECT: &str = "<SelectObjectContentRequest><Expression>SELECT * FROM S3Object</Expression><ExpressionType>SQL\
                          </ExpressionType><InputSerialization><CSV/></InputSerialization><OutputSerialization><CSV/>\
                          </OutputSerialization></SelectObjectContentRequest>";
    let one = |method, path, needs| vec![row(method, path, needs)];
    let (get, put, post, delete) = (Method::GET, Method::PUT, Method::POST, Method::DELETE);
    match operation {
        Op::ListBuckets => one(
            get,
            "/",
            &[&[
                ("s3:ListAllMyBuckets", "arn:aws:s3:::*"),
                ("s3:ListBucket", BUCKET),
                ("s3:GetBucketLocation", BUCKET),
            ]],
        ),
        Op::CreateBucket => vec![
            row(put.clone(), "/newbkt", &[&[("s3:CreateBucket", NEW)]]),
            Row {
                headers: &[("x-amz-bucket-object-lock-enabled", "true")],
                ..row(
                    put,
                    "/newbkt",
                    &[
                        &[("s3:CreateBucket", NEW)],
                        &[("s3:PutBucketObjectLockConfiguration", NEW)],
                        &[("s3:PutBucketVersioning", NEW)],
                    ],
                )
            },
        ],
        Op::HeadBucket => one(Method::HEAD, "/bkt", &[&[("s3:HeadBucket", BUCKET), ("s3:ListBucket", BUCKET)]]),
        Op::DeleteBucket => vec![
            row(delete.clone(), "/bkt", &[&[("s3:DeleteBucket", BUCKET)]]),
            Row {
                headers: &[("x-minio-force-delete", "true")],
                ..row(
                    delete,
                    "/nobkt",
                    &[&[("s3:DeleteBucket", "arn:aws:s3:::nobkt")], &[("s3:ForceDeleteBucket", "arn:aws:s3:::nobkt")]],
                )
            },
        ],
        Op::GetBucketLocation => one(get, "/bkt?location", &[&[("s3:GetBucketLocation", BUCKET)]]),
        Op::GetBucketVersioning => one(get, "/bkt?versioning", &[&[("s3:GetBucketVersioning", BUCKET)]]),
        Op::PutBucketVersioning => {
            vec![Row { body: VERSIONING, ..row(put, "/bkt?versioning", &[&[("s3:PutBucketVersioning", BUCKET)]]) }]
        }
        Op::GetBucketAcl => one(get, "/bkt?acl", &[&[("s3:GetBucketPolicy", BUCKET)]]),
        Op::PutBucketAcl => vec![Row {
            // A list that there isn't: one that there is would tell accounts apart.
            headers: &[("x-amz-acl", "nobody")],
            ..row(put, "/bkt?acl", &[&[("s3:PutBucketPolicy", BUCKET)]])
        }],
        Op::GetBucketPolicy => one(get, "/bkt?policy", &[&[("s3:GetBucketPolicy", BUCKET)]]),
        Op::PutBucketPolicy => {
            vec![Row { body: POLICY, ..row(put, "/bkt?policy", &[&[("s3:PutBucketPolicy", BUCKET)]]) }]
        }
        Op::DeleteBucketPolicy => one(delete, "/bkt?policy", &[&[("s3:DeleteBucketPolicy", BUCKET)]]),
        // No identity's policy can name these actions, since MinIO doesn't know them.
        Op::GetBucketOwnershipControls => one(get, "/bkt?ownershipControls", &[&[("s3:GetBucketPolicy", BUCKET)]]),
        Op::PutBucketOwnershipControls => vec![Row {
            body: "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>",
            ..row(put, "/bkt?ownershipControls", &[&[("s3:PutBucketPolicy", BUCKET)]])
        }],
        Op::DeleteBucketOwnershipControls => {
            one(delete, "/bkt?ownershipControls", &[&[("s3:PutBucketPolicy", BUCKET)]])
        }
        Op::GetPublicAccessBlock => one(get, "/bkt?publicAccessBlock", &[&[("s3:GetBucketPolicy", BUCKET)]]),
        Op::PutPublicAccessBlock => vec![Row {
            body: "<PublicAccessBlockConfiguration/>",
            ..row(put, "/bkt?publicAccessBlock", &[&[("s3:PutBucketPolicy", BUCKET)]])
        }],
        Op::DeletePublicAccessBlock => one(delete, "/bkt?publicAccessBlock", &[&[("s3:PutBucketPolicy", BUCKET)]]),
        Op::GetBucketPolicyStatus => one(get, "/bkt?policyStatus", &[&[("s3:GetBucketPolicyStatus", BUCKET)]]),
        Op::GetBucketLifecycle => one(get, "/bkt?lifecycle", &[&[("s3:GetLifecycleConfiguration", BUCKET)]]),
        Op::PutBucketLifecycle => {
            vec![Row { body: LIFECYCLE, ..row(put, "/bkt?lifecycle", &[&[("s3:PutLifecycleConfiguration", BUCKET)]]) }]
        }
        Op::DeleteBucketLifecycle => one(delete, "/bkt?lifecycle", &[&[("s3:PutLifecycleConfiguration", BUCKET)]]),
        Op::GetBucketEncryption => one(get, "/bkt?encryption", &[&[("s3:GetEncryptionConfiguration", BUCKET)]]),
        Op::PutBucketEncryption => {
            vec![Row {
                body: ENCRYPTION,
                ..row(put, "/bkt?encryption", &[&[("s3:PutEncryptionConfiguration", BUCKET)]])
            }]
        }
        Op::DeleteBucketEncryption => one(delete, "/bkt?encryption", &[&[("s3:PutEncryptionConfiguration", BUCKET)]]),
        Op::GetBucketObjectLock => one(get, "/bkt?object-lock", &[&[("s3:GetBucketObjectLockConfiguration", BUCKET)]]),
        Op::PutBucketObjectLock => vec![Row {
            body: LOCK,
            ..row(put, "/bkt?object-lock", &[&[("s3:PutBucketObjectLockConfiguration", BUCKET)]])
        }],
        Op::GetBucketReplication => one(get, "/bkt?replication", &[&[("s3:GetReplicationConfiguration", BUCKET)]]),
        Op::GetBucketNotification => one(get, "/bkt?notification", &[&[("s3:GetBucketNotification", BUCKET)]]),
        Op::GetBucketTagging => one(get, "/bkt?tagging", &[&[("s3:GetBucketTagging", BUCKET)]]),
        Op::PutBucketTagging => {
            vec![Row { body: TAGGING, ..row(put, "/bkt?tagging", &[&[("s3:PutBucketTagging", BUCKET)]]) }]
        }
        Op::DeleteBucketTagging => one(delete, "/bkt?tagging", &[&[("s3:PutBucketTagging", BUCKET)]]),
        Op::GetConfiguration(Configuration::Cors) => one(get, "/bkt?cors", &[&[("s3:GetBucketCors", BUCKET)]]),
        Op::PutConfiguration(Configuration::Cors) => {
            vec![Row { body: CORS, ..row(put, "/bkt?cors", &[&[("s3:PutBucketCors", BUCKET)]]) }]
        }
        Op::DeleteConfiguration(Configuration::Cors) => one(delete, "/bkt?cors", &[&[("s3:PutBucketCors", BUCKET)]]),
        Op::GetConfiguration(kind) => one(get, path_of(kind), &[&[("s3:GetBucketPolicy", BUCKET)]]),
        Op::PutConfiguration(kind) => {
            vec![Row { body: document_of(kind), ..row(put, path_of(kind), &[&[("s3:PutBucketPolicy", BUCKET)]]) }]
        }
        Op::DeleteConfiguration(kind) => one(delete, path_of(kind), &[&[("s3:PutBucketPolicy", BUCKET)]]),
        Op::GetListedConfiguration(list) => one(get, path_of_one(list), &[&[("s3:GetBucketPolicy", BUCKET)]]),
        Op::PutListedConfiguration(list) => {
            vec![Row { body: METRICS, ..row(put, path_of_one(list), &[&[("s3:PutBucketPolicy", BUCKET)]]) }]
        }
        Op::DeleteListedConfiguration(list) => one(delete, path_of_one(list), &[&[("s3:PutBucketPolicy", BUCKET)]]),
        Op::ListListedConfigurations(list) => {
            let path = path_of_one(list).split_once('&').expect("an id follows").0;
            one(get, path, &[&[("s3:GetBucketPolicy", BUCKET)]])
        }
        Op::ListMultipartUploads => one(get, "/bkt?uploads", &[&[("s3:ListBucketMultipartUploads", BUCKET)]]),
        Op::ListObjectsV1 => one(get, "/bkt", &[&[("s3:ListBucket", BUCKET)]]),
        Op::ListObjectsV2 => one(get, "/bkt?list-type=2", &[&[("s3:ListBucket", BUCKET)]]),
        Op::ListObjectVersions => {
            one(get, "/bkt?versions", &[&[("s3:ListBucketVersions", BUCKET), ("s3:ListBucket", BUCKET)]])
        }
        // Who asks is told by the form: `forms` has its tests.
        Op::PostObject => Vec::new(),
        Op::DeleteObjects => vec![Row { body: DELETE, ..row(post, "/bkt?delete", &[&[("s3:DeleteObject", KEY)]]) }],
        Op::GetObject => vec![
            row(get.clone(), "/bkt/key", &[&[("s3:GetObject", KEY), ("s3:GetObjectVersion", KEY)]]),
            row(get, "/bkt/key?versionId=null", &[&[("s3:GetObject", KEY), ("s3:GetObjectVersion", KEY)]]),
        ],
        Op::HeadObject => one(Method::HEAD, "/bkt/key", &[&[("s3:GetObject", KEY), ("s3:GetObjectVersion", KEY)]]),
        Op::PutObject => vec![
            row(put.clone(), "/bkt/key", &[&[("s3:PutObject", KEY)]]),
            Row {
                headers: &[
                    ("x-amz-object-lock-mode", "GOVERNANCE"),
                    ("x-amz-object-lock-retain-until-date", "2090-01-01T00:00:00Z"),
                ],
                ..row(put.clone(), "/bkt/key", &[&[("s3:PutObject", KEY)], &[("s3:PutObjectRetention", KEY)]])
            },
            Row {
                headers: &[("x-amz-object-lock-legal-hold", "ON")],
                ..row(put, "/bkt/key", &[&[("s3:PutObject", KEY)], &[("s3:PutObjectLegalHold", KEY)]])
            },
        ],
        Op::PutObjectExtract => vec![Row {
            headers: &[("x-amz-meta-snowball-auto-extract", "true")],
            ..row(put, "/bkt/key", &[&[("s3:PutObject", KEY)]])
        }],
        Op::CopyObject => vec![Row {
            headers: &[("x-amz-copy-source", "/bkt/key")],
            ..row(
                put,
                "/bkt/copy",
                &[&[("s3:PutObject", COPY)], &[("s3:GetObject", KEY), ("s3:GetObjectVersion", KEY)]],
            )
        }],
        Op::DeleteObject => one(delete, "/bkt/nokey", &[&[("s3:DeleteObject", "arn:aws:s3:::bkt/nokey")]]),
        Op::SelectObjectContent => {
            vec![Row {
                body: SELECT,
                ..row(post, "/bkt/key?select&select-type=2", &[&[("s3:GetObject", KEY), ("s3:GetObjectVersion", KEY)]])
            }]
        }
        Op::GetObjectAttributes => vec![
            Row {
                headers: &[("x-amz-object-attributes", "ETag")],
                ..row(
                    get.clone(),
                    "/bkt/key?attributes",
                    &[&[("s3:GetObjectAttributes", KEY)], &[("s3:GetObject", KEY), ("s3:GetObjectVersion", KEY)]],
                )
            },
            Row {
                headers: &[("x-amz-object-attributes", "ETag")],
                ..row(
                    get,
                    "/bkt/key?attributes&versionId=null",
                    &[&[("s3:GetObjectVersionAttributes", KEY)], &[("s3:GetObjectVersion", KEY)]],
                )
            },
        ],
        Op::GetObjectAcl => one(get, "/bkt/key?acl", &[&[("s3:GetBucketPolicy", BUCKET)]]),
        Op::PutObjectAcl => vec![Row {
            headers: &[("x-amz-acl", "private")],
            ..row(put, "/bkt/key?acl", &[&[("s3:PutBucketPolicy", BUCKET)]])
        }],
        Op::GetObjectTagging => one(get, "/bkt/key?tagging", &[&[("s3:GetObjectTagging", KEY)]]),
        Op::PutObjectTagging => {
            vec![Row { body: TAGGING, ..row(put, "/bkt/key?tagging", &[&[("s3:PutObjectTagging", KEY)]]) }]
        }
        Op::DeleteObjectTagging => one(delete, "/bkt/key?tagging", &[&[("s3:DeleteObjectTagging", KEY)]]),
        Op::GetObjectRetention => one(get, "/bkt/key?retention", &[&[("s3:GetObjectRetention", KEY)]]),
        Op::PutObjectRetention => vec![
            Row { body: RETENTION, ..row(put.clone(), "/bkt/key?retention", &[&[("s3:PutObjectRetention", KEY)]]) },
            Row {
                body: RETENTION,
                headers: &[("x-amz-bypass-governance-retention", "true")],
                ..row(
                    put,
                    "/bkt/key?retention",
                    &[&[("s3:PutObjectRetention", KEY), ("s3:BypassGovernanceRetention", KEY)]],
                )
            },
        ],
        Op::GetObjectLegalHold => one(get, "/bkt/key?legal-hold", &[&[("s3:GetObjectLegalHold", KEY)]]),
        Op::PutObjectLegalHold => {
            vec![Row { body: HOLD, ..row(put, "/bkt/key?legal-hold", &[&[("s3:PutObjectLegalHold", KEY)]]) }]
        }
        Op::CreateMultipartUpload => one(post, "/bkt/key?uploads", &[&[("s3:PutObject", KEY)]]),
        Op::UploadPart => one(put, "/bkt/key?partNumber=1&uploadId=x", &[&[("s3:PutObject", KEY)]]),
        Op::UploadPartCopy => vec![Row {
            headers: &[("x-amz-copy-source", "bkt/key")],
            ..row(
                put,
                "/bkt/copy?partNumber=1&uploadId=x",
                &[&[("s3:PutObject", COPY)], &[("s3:GetObject", KEY), ("s3:GetObjectVersion", KEY)]],
            )
        }],
        Op::ListParts => one(get, "/bkt/key?uploadId=x", &[&[("s3:ListMultipartUploadParts", KEY)]]),
        Op::CompleteMultipartUpload => {
            vec![Row { body: PARTS, ..row(post, "/bkt/key?uploadId=x", &[&[("s3:PutObject", KEY)]]) }]
        }
        Op::AbortMultipartUpload => one(delete, "/bkt/key?uploadId=x", &[&[("s3:AbortMultipartUpload", KEY)]]),
        // Nothing is done, whoever asks.
        Op::NotImplemented | Op::Unsupported => Vec::new(),
    }
}

fn path_of(kind: Configuration) -> &'static str {
    match kind {
        Configuration::Cors => "/bkt?cors",
        Configuration::Website => "/bkt?website",
        Configuration::Logging => "/bkt?logging",
        Configuration::RequestPayment => "/bkt?requestPayment",
        Configuration::Accelerate => "/bkt?accelerate",
    }
}

fn document_of(kind: Configuration) -> &'static str {
    match kind {
        Configuration::Cors => CORS,
        Configuration::Website => {
            "<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument></WebsiteConfiguration>"
        }
        Configuration::Logging => "<BucketLoggingStatus/>",
        Configuration::RequestPayment => {
            "<RequestPaymentConfiguration><Payer>BucketOwner</Payer></RequestPaymentConfiguration>"
        }
        Configuration::Accelerate => "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>",
    }
}

fn path_of_one(list: ConfigurationList) -> &'static str {
    match list {
        ConfigurationList::Analytics => "/bkt?analytics&id=all",
        ConfigurationList::IntelligentTiering => "/bkt?intelligent-tiering&id=all",
        ConfigurationList::Inventory => "/bkt?inventory&id=all",
        ConfigurationList::Metrics => "/bkt?metrics&id=all",
    }
}

/// In an order in which what is needed later isn't removed before.
const OPERATIONS: &[Op] = &[
    Op::ListBuckets,
    Op::CreateBucket,
    Op::HeadBucket,
    Op::GetBucketLocation,
    Op::GetBucketVersioning,
    Op::PutBucketVersioning,
    Op::GetBucketAcl,
    Op::PutBucketAcl,
    Op::GetBucketPolicy,
    Op::PutBucketPolicy,
    Op::DeleteBucketPolicy,
    Op::GetBucketOwnershipControls,
    Op::PutBucketOwnershipControls,
    Op::DeleteBucketOwnershipControls,
    Op::GetPublicAccessBlock,
    Op::PutPublicAccessBlock,
    Op::DeletePublicAccessBlock,
    Op::GetBucketPolicyStatus,
    Op::GetBucketLifecycle,
    Op::PutBucketLifecycle,
    Op::DeleteBucketLifecycle,
    Op::GetBucketEncryption,
    Op::PutBucketEncryption,
    Op::DeleteBucketEncryption,
    Op::GetBucketObjectLock,
    Op::PutBucketObjectLock,
    Op::GetBucketReplication,
    Op::GetBucketNotification,
    Op::GetBucketTagging,
    Op::PutBucketTagging,
    Op::DeleteBucketTagging,
    Op::GetConfiguration(Configuration::Cors),
    Op::PutConfiguration(Configuration::Cors),
    Op::GetConfiguration(Configuration::Website),
    Op::PutConfiguration(Configuration::Website),
    Op::GetConfiguration(Configuration::Accelerate),
    Op::PutConfiguration(Configuration::Accelerate),
    Op::GetConfiguration(Configuration::RequestPayment),
    Op::PutConfiguration(Configuration::RequestPayment),
    Op::GetConfiguration(Configuration::Logging),
    Op::PutConfiguration(Configuration::Logging),
    Op::DeleteConfiguration(Configuration::Cors),
    Op::DeleteConfiguration(Configuration::Website),
    Op::PutListedConfiguration(ConfigurationList::Analytics),
    Op::GetListedConfiguration(ConfigurationList::Analytics),
    Op::ListListedConfigurations(ConfigurationList::Analytics),
    Op::DeleteListedConfiguration(ConfigurationList::Analytics),
    Op::PutListedConfiguration(ConfigurationList::IntelligentTiering),
    Op::GetListedConfiguration(ConfigurationList::IntelligentTiering),
    Op::ListListedConfigurations(ConfigurationList::IntelligentTiering),
    Op::DeleteListedConfiguration(ConfigurationList::IntelligentTiering),
    Op::PutListedConfiguration(ConfigurationList::Inventory),
    Op::GetListedConfiguration(ConfigurationList::Inventory),
    Op::ListListedConfigurations(ConfigurationList::Inventory),
    Op::DeleteListedConfiguration(ConfigurationList::Inventory),
    Op::PutListedConfiguration(ConfigurationList::Metrics),
    Op::GetListedConfiguration(ConfigurationList::Metrics),
    Op::ListListedConfigurations(ConfigurationList::Metrics),
    Op::DeleteListedConfiguration(ConfigurationList::Metrics),
    Op::ListMultipartUploads,
    Op::ListObjectsV1,
    Op::ListObjectsV2,
    Op::ListObjectVersions,
    Op::GetObject,
    Op::HeadObject,
    Op::PutObject,
    Op::PutObjectExtract,
    Op::CopyObject,
    Op::GetObjectAttributes,
    Op::SelectObjectContent,
    Op::GetObjectAcl,
    Op::PutObjectAcl,
    Op::GetObjectTagging,
    Op::PutObjectTagging,
    Op::DeleteObjectTagging,
    Op::GetObjectRetention,
    Op::PutObjectRetention,
    Op::GetObjectLegalHold,
    Op::PutObjectLegalHold,
    Op::CreateMultipartUpload,
    Op::UploadPart,
    Op::UploadPartCopy,
    Op::ListParts,
    Op::CompleteMultipartUpload,
    Op::AbortMultipartUpload,
    Op::DeleteObjects,
    Op::DeleteObject,
    Op::DeleteBucket,
];

fn statement((action, resource): (&str, &str)) -> Value {
    json!({"Effect": "Allow", "Action": [action], "Resource": [resource]})
}

fn policy(statements: Vec<Value>) -> Policy {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    Policy::parse(document.to_string().as_bytes()).expect("a policy")
}

/// What is no more than nothing: some right on another bucket.
fn elsewhere() -> Value {
    statement(("s3:GetBucketLocation", "arn:aws:s3:::elsewhere"))
}

impl Row {
    fn ask<'a>(&self, server: &'a Server) -> Ask<'a> {
        let mut ask = server.ask(self.method.clone(), self.path).body(self.body);
        for (name, value) in self.headers {
            ask = ask.header(name, value);
        }
        if self.body.is_empty() { ask } else { ask.header("content-md5", md5(self.body)) }
    }

    async fn by(&self, server: &Server, access_key: &str, token: Option<&str>) -> Seen {
        self.ask(server).signed_by(access_key, SECRET, token).send().await
    }
}

/// Turned away for want of a right; of many keys, the one that was asked for.
fn is_denied(seen: &Seen) -> bool {
    let in_list = seen.status == 200 && String::from_utf8_lossy(&seen.body).contains("<Code>AccessDenied</Code>");
    in_list || (seen.status == 403 && (seen.body.is_empty() || seen.element("Code") == "AccessDenied"))
}

async fn give(server: &Server, statements: Vec<Value>) {
    server.iam.put_policy("given", policy(statements)).await.expect("a policy is stored");
}

/// A server with somebody of each kind.
async fn populated() -> (Server, String, String) {
    let server = Server::with_bucket().await;
    server.put("/bkt/key", "content").await.expect(200);
    let iam = &server.iam;
    for user in ["user", "all", "disabled"] {
        iam.put_user(user, Secret::new(SECRET), true).await.expect("a user is made");
    }
    give(&server, vec![elsewhere()]).await;
    let set = |user: &str, policy: &str| iam.set_policies(Holder::User(user.to_owned()), vec![policy.to_owned()]);
    set("user", "given").await.expect("mapped");
    set("all", "consoleAdmin").await.expect("mapped");
    set("disabled", "consoleAdmin").await.expect("mapped");
    iam.set_user_enabled("disabled", false).await.expect("disabled");
    let narrow = || Some(policy(vec![elsewhere()]));
    let account = |parent: &str, key: &str, policy| NewServiceAccount {
        parent: parent.to_owned(),
        keys: Some((key.to_owned(), Secret::new(SECRET))),
        policy,
        ..NewServiceAccount::default()
    };
    for new in [
        account("all", "svcnarrow", narrow()),
        account("all", "svcwide", None),
        account("disabled", "svcorphan", None),
        account("testroot", "svcroot", None),
        account("testroot", "svcrootnarrow", narrow()),
    ] {
        iam.create_service_account(new).await.expect("a service account is made");
    }
    let narrowed = session(&server, "stsnarrow", "all", 3600, Some(policy(vec![elsewhere()]))).await;
    let wide = session(&server, "stswide", "all", 3600, None).await;
    (server, narrowed, wide)
}

/// A temporary credential as the token service makes it. Gives its token.
async fn session(server: &Server, key: &str, parent: &str, seconds: i64, policy: Option<Policy>) -> String {
    use base64::Engine;
    let end = Timestamp::from_secs(base::World::system().clock.now().secs() + seconds);
    let mut claims = json!({"accessKey": key, "parent": parent, "exp": end.secs()});
    if let Some(policy) = policy {
        let text = base64::engine::general_purpose::STANDARD.encode(policy.to_json().to_string());
        claims["sessionPolicy"] = text.into();
    }
    let Value::Object(claims) = claims else { unreachable!("it is an object") };
    let token = iam::token::Claims::new(claims).sign(&Secret::new(ROOT_SECRET));
    let record = IdentityRecord {
        access_key: key.to_owned(),
        secret_key: Some(Secret::new(SECRET)),
        session_token: Some(token.clone()),
        expiry: iam::Expiry::At(end),
        parent: parent.to_owned(),
        ..IdentityRecord::default()
    };
    server.iam.put_temporary(record, None).await.expect("a session is made");
    token.expose().to_owned()
}

#[tokio::test]
async fn every_operation_needs_exactly_the_actions_of_the_table() {
    let (server, narrowed, wide) = populated().await;
    for operation in OPERATIONS {
        for row in rows(*operation) {
            let what = format!("{operation:?} {} {}", row.method, row.path);
            // Those who may not come first: they change nothing.
            give(&server, vec![elsewhere()]).await;
            assert!(is_denied(&row.by(&server, "user", None).await), "{what}: without any right");
            for left_out in row.needs {
                let others = row.needs.iter().filter(|need| *need != left_out).map(|need| statement(need[0]));
                give(&server, others.chain([elsewhere()]).collect()).await;
                assert!(is_denied(&row.by(&server, "user", None).await), "{what}: without {left_out:?}");
            }
            let all: Vec<Value> = row.needs.iter().map(|need| statement(need[0])).collect();
            for (action, resource) in row.needs.iter().map(|need| need[0]).filter(|(_, one)| *one != "arn:aws:s3:::*") {
                let deny = json!({"Effect": "Deny", "Action": [action], "Resource": [resource]});
                give(&server, all.iter().cloned().chain([deny]).collect()).await;
                let only = row.needs.iter().any(|need| need[0].0 == action && need.len() == 1);
                assert!(!only || is_denied(&row.by(&server, "user", None).await), "{what}: denied {action}");
            }
            assert!(is_denied(&row.by(&server, "svcnarrow", None).await), "{what}: narrowed service account");
            assert!(is_denied(&row.by(&server, "svcrootnarrow", None).await), "{what}: root's, narrowed");
            assert!(is_denied(&row.by(&server, "svcorphan", None).await), "{what}: of a disabled user");
            assert!(is_denied(&row.by(&server, "stsnarrow", Some(&narrowed)).await), "{what}: narrowed session");
            let anonymous = row.ask(&server).anonymous().send().await;
            let missing = row.path.starts_with("/nobkt") && anonymous.element("Code") == "NoSuchBucket";
            assert!(is_denied(&anonymous) || missing, "{what}: anonymous");
            for nobody in ["disabled", "nobody"] {
                let seen = row.by(&server, nobody, None).await;
                assert_eq!(seen.status, 403, "{what}: {nobody}");
                assert!(seen.body.is_empty() || seen.element("Code") == "InvalidAccessKeyId", "{what}: {nobody}");
            }
            let seen = row.by(&server, "stswide", None).await;
            assert_eq!(seen.status, 403, "{what}: a session without its token");
            // Each way to be allowed, one after the other.
            for choice in 0..row.needs.iter().map(|need| need.len()).max().unwrap_or(0) {
                let some = row.needs.iter().map(|need| statement(need[choice.min(need.len() - 1)]));
                give(&server, some.collect()).await;
                let seen = row.by(&server, "user", None).await;
                assert!(!is_denied(&seen), "{what}: allowed by way {choice}: {seen:?}");
            }
        }
    }
    for operation in OPERATIONS.iter().filter(|operation| !matches!(operation, Op::DeleteBucket)) {
        for row in rows(*operation) {
            let what = format!("{operation:?} {} {}", row.method, row.path);
            assert!(!is_denied(&row.ask(&server).send().await), "{what}: root");
            for who in ["all", "svcwide", "svcroot"] {
                assert!(!is_denied(&row.by(&server, who, None).await), "{what}: {who}");
            }
            assert!(!is_denied(&row.by(&server, "stswide", Some(&wide)).await), "{what}: session");
        }
    }
}

#[tokio::test]
async fn versions_are_deleted_unless_that_is_denied() {
    let (server, ..) = populated().await;
    let delete = || server.ask(Method::DELETE, "/bkt/key?versionId=null").signed_by("user", SECRET, None);
    let may = statement(("s3:DeleteObject", KEY));
    let denied = json!({"Effect": "Deny", "Action": ["s3:DeleteObjectVersion"], "Resource": [KEY]});
    give(&server, vec![may.clone(), denied.clone()]).await;
    delete().send().await.expect_error(403, "AccessDenied");
    let many =
        "<Delete><Object><Key>key</Key><VersionId>null</VersionId></Object><Object><Key>key</Key></Object></Delete>";
    let ask = server.ask(Method::POST, "/bkt?delete").signed_by("user", SECRET, None).header("content-md5", md5(many));
    let seen = ask.body(many).send().await.expect(200);
    assert_eq!(seen.elements("Code"), ["AccessDenied"], "only the version: {}", seen.text());
    give(&server, vec![may]).await;
    delete().send().await.expect(204);
}

#[tokio::test]
async fn each_of_many_keys_needs_its_own_permission() {
    let (server, ..) = populated().await;
    give(&server, vec![statement(("s3:DeleteObject", "arn:aws:s3:::bkt/mine/*"))]).await;
    let many = "<Delete><Object><Key>mine/a</Key></Object><Object><Key>key</Key></Object></Delete>";
    let ask = server.ask(Method::POST, "/bkt?delete").signed_by("user", SECRET, None).header("content-md5", md5(many));
    let seen = ask.body(many).send().await.expect(200);
    assert_eq!(seen.elements("Code"), ["AccessDenied"]);
    server.get("/bkt/key").await.expect(200);
}

#[tokio::test]
async fn buckets_are_listed_as_far_as_they_may_be_seen() {
    let (server, ..) = populated().await;
    server.put("/other", "").await.expect(200);
    let list = || server.ask(Method::GET, "/").signed_by("user", SECRET, None);
    let if_listed = json!({"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["arn:aws:s3:::other"],
        "Condition": {"StringEquals": {"s3:prefix": "", "s3:delimiter": "/"}}});
    give(&server, vec![if_listed]).await;
    assert_eq!(list().send().await.expect(200).elements("Name"), ["other"]);
    give(&server, vec![statement(("s3:GetObject", "arn:aws:s3:::*"))]).await;
    list().send().await.expect_error(403, "AccessDenied");
    server.ask(Method::GET, "/").anonymous().send().await.expect_error(403, "AccessDenied");
}

#[tokio::test]
async fn headers_named_like_keys_say_nothing() {
    let (server, ..) = populated().await;
    let only = |key: &str, value: &str| json!({"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [BUCKET], "Condition": {"StringEquals": {key: value}}});
    for (key, value, header) in [
        ("aws:username", "boss", "username"),
        ("aws:userid", "boss", "userid"),
        ("aws:principaltype", "Account", "principaltype"),
        ("aws:SourceIp", "10.9.8.7", "sourceip"),
        ("aws:SecureTransport", "true", "securetransport"),
        ("aws:CurrentTime", "2000-01-01T00:00:00Z", "currenttime"),
        ("s3:prefix", "home/", "prefix"),
        ("jwt:sub", "boss", "sub"),
        ("aws:groups", "admins", "groups"),
    ] {
        give(&server, vec![only(key, value)]).await;
        let asked = server.ask(Method::GET, "/bkt").header(header, value).signed_by("user", SECRET, None);
        asked.send().await.expect_error(403, "AccessDenied");
    }
    give(&server, vec![only("aws:username", "user")]).await;
    server.ask(Method::GET, "/bkt").header("username", "boss").signed_by("user", SECRET, None).send().await.expect(200);
}

#[tokio::test]
async fn proxies_are_believed_only_where_that_was_said() {
    for (trusted, status) in [(false, 403), (true, 200)] {
        let config = rustfs_s3::S3Config { trust_forwarded: trusted, ..rustfs_s3::S3Config::default() };
        let server = Server::start_with(config, service::Rules::default()).await;
        server.put("/bkt", "").await.expect(200);
        server.iam.put_user("user", Secret::new(SECRET), true).await.expect("a user is made");
        let from = json!({"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": [BUCKET],
            "Condition": {"IpAddress": {"aws:SourceIp": "10.9.8.0/24"}}});
        give(&server, vec![from]).await;
        server.iam.set_policies(Holder::User("user".to_owned()), vec!["given".to_owned()]).await.expect("mapped");
        for (header, value) in
            [("x-forwarded-for", "10.9.8.7, 1.1.1.1"), ("x-real-ip", "10.9.8.7"), ("forwarded", "for=10.9.8.7:80")]
        {
            let asked = server.ask(Method::GET, "/bkt").header(header, value).signed_by("user", SECRET, None);
            assert_eq!(asked.send().await.status, status, "{header}, believed: {trusted}");
        }
    }
}

#[tokio::test]
async fn tags_that_an_object_has_are_judged_by_not_tags_that_are_sent() {
    let (server, ..) = populated().await;
    let tagging =
        |class: &str| format!("<Tagging><TagSet><Tag><Key>class</Key><Value>{class}</Value></Tag></TagSet></Tagging>");
    server.put("/bkt/open", "x").await.expect(200);
    server.put("/bkt/open?tagging", tagging("open")).await.expect(200);
    server.put("/bkt/closed", "x").await.expect(200);
    server.put("/bkt/closed?tagging", tagging("closed")).await.expect(200);
    let open = |action: &str| {
        json!({"Effect": "Allow", "Action": [action], "Resource": ["arn:aws:s3:::bkt/*"],
        "Condition": {"StringEquals": {"s3:ExistingObjectTag/class": "open"}}})
    };
    give(&server, vec![open("s3:GetObject"), open("s3:PutObjectTagging"), open("s3:GetObjectTagging")]).await;
    let ask = |method, path: &str| server.ask(method, path).signed_by("user", SECRET, None);
    ask(Method::GET, "/bkt/open").send().await.expect(200);
    ask(Method::GET, "/bkt/open?tagging").send().await.expect(200);
    ask(Method::GET, "/bkt/closed").send().await.expect_error(403, "AccessDenied");
    ask(Method::GET, "/bkt/key").send().await.expect_error(403, "AccessDenied");
    ask(Method::GET, "/bkt/missing").send().await.expect_error(403, "AccessDenied");
    let lied = ask(Method::GET, "/bkt/closed").header("x-amz-tagging", "class=open");
    lied.send().await.expect_error(403, "AccessDenied");
    let taken = ask(Method::PUT, "/bkt/closed?tagging").body(tagging("open"));
    taken.send().await.expect_error(403, "AccessDenied");
}

#[tokio::test]
async fn what_was_allowed_ends_with_the_account_and_with_its_parent() {
    let (server, _, wide) = populated().await;
    let list = |who: &str, token| {
        let ask = server.ask(Method::GET, "/bkt").signed_by(who, SECRET, token);
        async { ask.send().await }
    };
    list("svcwide", None).await.expect(200);
    list("stswide", Some(&wide)).await.expect(200);
    list("stswide", Some("another-token")).await.expect_error(403, "InvalidTokenId");
    list("svcwide", Some(&wide)).await.expect_error(403, "InvalidTokenId");
    server.iam.set_user_enabled("all", false).await.expect("disabled");
    list("svcwide", None).await.expect_error(403, "AccessDenied");
    list("stswide", Some(&wide)).await.expect_error(403, "AccessDenied");
    server.iam.set_user_enabled("all", true).await.expect("enabled");
    list("stswide", Some(&wide)).await.expect(200);
    server.iam.remove_user("all").await.expect("removed");
    list("svcwide", None).await.expect_error(403, "InvalidAccessKeyId");
    list("stswide", Some(&wide)).await.expect_error(403, "InvalidAccessKeyId");
    server.iam.set_root_access(false);
    server.get("/bkt").await.expect_error(403, "InvalidAccessKeyId");
    list("svcroot", None).await.expect_error(403, "InvalidAccessKeyId");
}
