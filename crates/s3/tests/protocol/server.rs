//! A whole server without its sockets: requests in, answers out, on a store on temporary directories.

use crate::identities::Kept;
use base::World;
use bytes::Bytes;
use drive::LocalSlot;
use hmac::{Hmac, Mac};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt;
use iam::{Credentials, Iam, IamOptions};
use rustfs_http::{ConnInfo, Handler, RequestBody};
use rustfs_s3::{S3Config, S3Handler};
use service::{Rules, Service};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use std::time::Duration;
use store::{PoolConfig, Store, StoreConfig};
use tempfile::TempDir;

const ACCESS_KEY: &str = "testroot";
const SECRET_KEY: &str = "testroot-secret";
const HOST: &str = "127.0.0.1:9000";
const DRIVES: usize = 4;

/// A server on drives of its own.
pub struct Server {
    handler: S3Handler,
    pub iam: Arc<Iam>,
    world: World,
    _drives: TempDir,
}

/// What a client sees of an answer.
#[derive(Debug)]
pub struct Seen {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Seen {
    pub fn text(&self) -> String {
        String::from_utf8(self.body.to_vec()).expect("the answer is text")
    }

    /// A header; empty if it isn't there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("a header is text"))
    }

    /// Text of the first element of this name; empty if there is none.
    pub fn element(&self, name: &str) -> String {
        self.elements(name).into_iter().next().unwrap_or_default()
    }

    /// Texts of all elements of this name that have no children.
    pub fn elements(&self, name: &str) -> Vec<String> {
        let text = self.text();
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let pieces = text.split(&open).skip(1);
        let texts = pieces.filter_map(|piece| piece.split_once(&close).map(|(text, _)| text.to_owned()));
        texts.filter(|text| !text.contains('<')).collect()
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }

    /// An error answer with this code.
    #[track_caller]
    pub fn expect_error(self, status: u16, code: &str) -> Self {
        let seen = self.expect(status);
        assert_eq!(seen.element("Code"), code, "{}", seen.text());
        seen
    }
}

/// A request being put together.
pub struct Ask<'a> {
    server: &'a Server,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Bytes,
    /// Access key, secret key and session token; `None`: not signed.
    signer: Option<(String, String, Option<String>)>,
}

impl Server {
    pub async fn start() -> Self {
        Server::start_with(S3Config::default(), Rules::default()).await
    }

    pub async fn start_with(config: S3Config, rules: Rules) -> Self {
        let drives = TempDir::new().expect("a temporary directory");
        let world = World::system();
        let slot = |index: usize| -> Arc<dyn drive::Slot> {
            let path = drives.path().join(format!("drive{index}"));
            Arc::new(LocalSlot::plain(path.to_str().expect("a path is text"), world.clone()))
        };
        let pool = PoolConfig {
            argument: "drive{1...4}".to_owned(),
            set_size: DRIVES,
            slots: (1..=DRIVES).map(slot).collect(),
        };
        let store_config = StoreConfig { pools: vec![pool], allow_root_device: true, ..StoreConfig::default() };
        let store = Store::open(store_config, world.clone(), &|_| {}).await.expect("the store opens");
        let root = Credentials::new(ACCESS_KEY, base::Secret::new(SECRET_KEY)).expect("good credentials");
        let iam = Iam::stored_in(Arc::new(Kept::default()), root, IamOptions::default(), world.clone());
        iam.load().await.expect("nothing to load");
        let iam = Arc::new(iam);
        let service = Service::new(store, Arc::clone(&iam), rules, world.clone());
        let handler = S3Handler::new(service, world.clone(), config);
        Server { handler, iam, world, _drives: drives }
    }

    /// A signed request; `path` with its query, encoded.
    pub fn ask(&self, method: Method, path: &str) -> Ask<'_> {
        let signer = Some((ACCESS_KEY.to_owned(), SECRET_KEY.to_owned(), None));
        Ask { server: self, method, path: path.to_owned(), headers: HeaderMap::new(), body: Bytes::new(), signer }
    }

    pub async fn get(&self, path: &str) -> Seen {
        self.ask(Method::GET, path).send().await
    }

    pub async fn head(&self, path: &str) -> Seen {
        self.ask(Method::HEAD, path).send().await
    }

    pub async fn delete(&self, path: &str) -> Seen {
        self.ask(Method::DELETE, path).send().await
    }

    pub async fn put(&self, path: &str, body: impl Into<Bytes>) -> Seen {
        self.ask(Method::PUT, path).body(body).send().await
    }

    pub async fn post(&self, path: &str, body: impl Into<Bytes>) -> Seen {
        self.ask(Method::POST, path).body(body).send().await
    }

    /// A server with a bucket `bkt`.
    pub async fn with_bucket() -> Self {
        let server = Server::start().await;
        server.put("/bkt", "").await.expect(200);
        server
    }

    /// Lets what goes on beside the requests go on for a moment.
    pub async fn pause(&self) {
        self.world.clock.sleep(Duration::from_millis(10)).await;
    }

    /// Turns the versioning of `bkt` on or to suspended.
    pub async fn versioning(&self, status: &str) {
        let document = format!("<VersioningConfiguration><Status>{status}</Status></VersioningConfiguration>");
        self.put("/bkt?versioning", document).await.expect(200);
    }
}

impl Ask<'_> {
    pub fn header(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        let value = HeaderValue::from_bytes(value.as_ref()).expect("a header value");
        self.headers.append(HeaderName::from_static(name), value);
        self
    }

    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub fn anonymous(mut self) -> Self {
        self.signer = None;
        self
    }

    /// Signed by somebody else than root.
    pub fn signed_by(mut self, access_key: &str, secret_key: &str, token: Option<&str>) -> Self {
        self.signer = Some((access_key.to_owned(), secret_key.to_owned(), token.map(str::to_owned)));
        self
    }

    pub async fn send(mut self) -> Seen {
        if !self.headers.contains_key("host") {
            self.headers.insert("host", HeaderValue::from_static(HOST));
        }
        if let Some((access_key, secret_key, token)) = self.signer.take() {
            if let Some(token) = token {
                self.headers.insert("x-amz-security-token", HeaderValue::try_from(token).expect("a token is text"));
            }
            self.sign(&access_key, &secret_key);
        }
        let mut request = Request::new(RequestBody::from(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.path.parse().expect("a path");
        *request.headers_mut() = self.headers.clone();
        let address = HOST.parse().expect("an address");
        let conn = ConnInfo { peer: address, local: address, tls: false };
        let (parts, body) = self.server.handler.handle(request, conn).await.into_parts();
        let body = body.collect().await.expect("the answer comes whole").to_bytes();
        if self.method == Method::HEAD || parts.status == StatusCode::NO_CONTENT {
            assert!(body.is_empty());
        }
        Seen { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// Signature Version 4 in the Authorization header, over all headers that are there.
    fn sign(&mut self, access_key: &str, secret_key: &str) {
        let now = rustfs_s3::dates::iso8601_text(self.server.world.clock.now());
        let date = format!("{}Z", now[..19].replace(['-', ':'], ""));
        self.headers.insert("x-amz-date", HeaderValue::try_from(date.as_str()).expect("a date is text"));
        if !self.headers.contains_key("x-amz-content-sha256") {
            let hash = hex::encode(Sha256::digest(&self.body));
            self.headers.insert("x-amz-content-sha256", HeaderValue::try_from(hash).expect("hex is text"));
        }
        let mut names: Vec<&str> = self.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        let signed = names.join(";");
        let value = |name: &str| {
            let values = self.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
            values.map(|value| value.trim().to_owned()).collect::<Vec<_>>().join(",")
        };
        let lines: String = names.iter().map(|name| format!("{name}:{}\n", value(name))).collect();
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let mut pairs: Vec<String> = query.split('&').filter(|pair| !pair.is_empty()).map(canonical_pair).collect();
        // By name, not by what the whole pair looks like: a `-` in a name comes before the `=` behind another.
        pairs.sort_unstable_by(|a, b| a.split('=').cmp(b.split('=')));
        let canonical = format!(
            "{}\n{path}\n{}\n{lines}\n{signed}\n{}",
            self.method,
            pairs.join("&"),
            value("x-amz-content-sha256")
        );
        let scope = format!("{}/us-east-1/s3/aws4_request", &date[..8]);
        let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex::encode(Sha256::digest(&canonical)));
        let mut key = hmac(format!("AWS4{secret_key}").as_bytes(), &date[..8]);
        for step in ["us-east-1", "s3", "aws4_request"] {
            key = hmac(&key, step);
        }
        let signature = hex::encode(hmac(&key, &to_sign));
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={access_key}/{scope}, SignedHeaders={signed}, Signature={signature}");
        self.headers.insert("authorization", HeaderValue::try_from(authorization).expect("ASCII is text"));
    }
}

/// A pair of the query as the signature has it: encoded, with its equals sign.
fn canonical_pair(pair: &str) -> String {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let encode = |text: &str| text.replace('/', "%2F").replace(':', "%3A").replace(',', "%2C").replace('=', "%3D");
    format!("{}={}", encode(name), encode(value))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The `Content-MD5` of a document.
pub fn md5(document: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(md5::digest(document.as_bytes()))
}
