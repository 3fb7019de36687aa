//! Packages to plaintext.

use super::header::{Header, Version};
use super::{HEADER, OVERHEAD, PACKAGE, PAYLOAD};
use crate::aead::{Aead, NONCE};
use crate::{Cipher, Key, Transform};
use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;

/// Which versions of the format a reader takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versions {
    /// 1.0 and 2.0; a stream of no bytes is an empty one.
    Any,
    /// 2.0; there is at least one package.
    Second,
}

/// Why a stream was not decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DareError {
    #[error("package {package} has the unknown version {byte:#04x}")]
    Version { package: u32, byte: u8 },
    #[error("package {package} has the unknown cipher {byte:#04x}")]
    Cipher { package: u32, byte: u8 },
    #[error("package {package} does not belong to the stream that it is in")]
    Foreign { package: u32 },
    #[error("package {package} is not authentic")]
    NotAuthentic { package: u32 },
    #[error("the stream goes on after its last package, {package}")]
    Trailing { package: u32 },
    #[error("the stream is cut off in or before package {package}")]
    Truncated { package: u32 },
    #[error("the stream has more packages than can be numbered")]
    TooLong,
}

/// Decrypts a stream of packages. Plaintext comes out when the package that it was in has been authenticated.
///
/// Packages that lie whole in a piece that nobody else holds are decrypted where they are; the others are copied
/// once.
pub struct Decrypt {
    key: Key,
    versions: Versions,
    /// What the first package said.
    stream: Option<Stream>,
    sequence: u32,
    input: Input,
    /// The beginning of a package that goes on in the next piece.
    partial: BytesMut,
    ended: bool,
    seen_last: bool,
    /// The input ends before the stream does: the last package's mark is not asked for.
    cut: bool,
}

struct Stream {
    version: Version,
    cipher: Cipher,
    aead: Aead,
    /// What the headers of all packages have in common.
    nonce: [u8; NONCE],
}

enum Input {
    /// Nobody else sees these bytes: they can be decrypted in place.
    Own(BytesMut),
    Shared(Bytes),
}

impl Input {
    fn as_slice(&self) -> &[u8] {
        match self {
            Input::Own(bytes) => bytes,
            Input::Shared(bytes) => bytes,
        }
    }

    /// Takes the first `len` bytes, as bytes to be changed.
    fn take(&mut self, len: usize) -> BytesMut {
        match self {
            Input::Own(bytes) => bytes.split_to(len),
            Input::Shared(bytes) => BytesMut::from(&bytes.split_to(len)[..]),
        }
    }

    /// Moves the first bytes, as many as `missing` asks for or as there are, behind `partial`.
    fn move_to(&mut self, partial: &mut BytesMut, missing: usize) {
        let len = missing.min(self.as_slice().len());
        partial.extend_from_slice(&self.as_slice()[..len]);
        match self {
            Input::Own(bytes) => drop(bytes.split_to(len)),
            Input::Shared(bytes) => drop(bytes.split_to(len)),
        }
    }
}

impl Decrypt {
    /// A stream from its beginning to its end.
    pub fn new(key: &Key, versions: Versions) -> Self {
        Decrypt::part_of(key, versions, 0, false)
    }

    /// A stream from package `first` on. `cut`: the input may end, after a whole package, before the stream does.
    pub fn part_of(key: &Key, versions: Versions, first: u32, cut: bool) -> Self {
        Decrypt {
            key: key.clone(),
            versions,
            stream: None,
            sequence: first,
            input: Input::Shared(Bytes::new()),
            partial: BytesMut::new(),
            ended: false,
            seen_last: false,
            cut,
        }
    }

    /// The next whole package, header included, when all of it is there.
    fn next_package(&mut self) -> Option<BytesMut> {
        if self.partial.is_empty() {
            let bytes = self.input.as_slice();
            match package_len(bytes) {
                Some(len) if len <= bytes.len() => return Some(self.input.take(len)),
                _ if bytes.is_empty() => return None,
                len => self.partial.reserve(len.unwrap_or(PACKAGE)),
            }
        }
        self.complete(HEADER);
        let len = package_len(&self.partial)?;
        self.complete(len);
        (self.partial.len() == len).then(|| std::mem::take(&mut self.partial))
    }

    /// Moves input to the partial package until it has `len` bytes, or the input is used up.
    fn complete(&mut self, len: usize) {
        let missing = len.saturating_sub(self.partial.len());
        self.input.move_to(&mut self.partial, missing);
    }

    fn open(&mut self, mut package: BytesMut) -> Result<Bytes, DareError> {
        let number = self.sequence;
        let mut sealed = package.split_off(HEADER);
        let header = Header::read(package[..].try_into().expect("split at the header"));
        self.check(&header)?;
        let Some(stream) = &self.stream else { unreachable!("check has set it") };
        let nonce = header.package_nonce(stream.version, number);
        let plain = stream.aead.open(nonce, header.authenticated(), &mut sealed);
        let len = plain.map_err(|_| DareError::NotAuthentic { package: number })?.len();
        sealed.truncate(len);
        if !self.seen_last {
            self.sequence = number.checked_add(1).ok_or(DareError::TooLong)?;
        }
        Ok(sealed.freeze())
    }

    /// Whether a package may follow those before it.
    fn check(&mut self, header: &Header) -> Result<(), DareError> {
        let package = self.sequence;
        let version = header.version().map_err(|byte| DareError::Version { package, byte })?;
        if version == Version::V1 && self.versions == Versions::Second {
            return Err(DareError::Version { package, byte: header.bytes()[0] });
        }
        let cipher = header.cipher().map_err(|byte| DareError::Cipher { package, byte })?;
        let nonce = match version {
            Version::V2 => header.stream_nonce(),
            Version::V1 => {
                let (sequence, random) = header.sequence_and_random();
                if sequence != package {
                    return Err(DareError::Foreign { package });
                }
                let mut nonce = [0; NONCE];
                nonce[4..].copy_from_slice(&random);
                nonce
            }
        };
        let stream = self.stream.get_or_insert_with(|| {
            let aead = Aead::new(cipher, &self.key);
            Stream { version, cipher, aead, nonce }
        });
        if (stream.version, stream.cipher, stream.nonce) != (version, cipher, nonce) {
            return Err(DareError::Foreign { package });
        }
        if version == Version::V2 {
            self.seen_last = header.is_last();
            if !self.seen_last && header.payload() != PAYLOAD {
                return Err(DareError::Foreign { package });
            }
        }
        Ok(())
    }

    /// What the end of the input means.
    fn finish(&self) -> Result<(), DareError> {
        let truncated = Err(DareError::Truncated { package: self.sequence });
        if !self.partial.is_empty() {
            return truncated;
        }
        match &self.stream {
            None if self.versions == Versions::Second => truncated,
            Some(stream) if stream.version == Version::V2 && !self.seen_last && !self.cut => truncated,
            _ => Ok(()),
        }
    }
}

impl Transform for Decrypt {
    type Error = DareError;

    fn push(&mut self, piece: Bytes) {
        self.input = piece.try_into_mut().map_or_else(Input::Shared, Input::Own);
    }

    fn end(&mut self) {
        self.ended = true;
    }

    fn pull(&mut self) -> Result<Option<Bytes>, DareError> {
        if self.seen_last && !self.input.as_slice().is_empty() {
            return Err(DareError::Trailing { package: self.sequence });
        }
        match self.next_package() {
            Some(package) => self.open(package).map(Some),
            None if self.ended => self.finish().map(|()| None),
            None => Ok(None),
        }
    }
}

/// How long the package is whose beginning `bytes` are; `None`: the header isn't there yet.
fn package_len(bytes: &[u8]) -> Option<usize> {
    let header = bytes.first_chunk::<HEADER>()?;
    Some(Header::read(*header).payload() + OVERHEAD)
}

/// A stream, or what is wanted of one, among others that follow each other.
pub struct SealedPart {
    pub key: Key,
    /// Bytes that belong to it in the input.
    pub sealed: u64,
    /// The number of its first package in the input.
    pub first_package: u32,
    /// The input has not all of it.
    pub cut: bool,
}

/// Decrypts streams that follow each other, each under its own key. No stream reads bytes of the next.
pub struct DecryptParts {
    parts: VecDeque<SealedPart>,
    current: Option<(Decrypt, u64)>,
    input: Bytes,
    ended: bool,
}

impl DecryptParts {
    pub fn new(parts: impl IntoIterator<Item = SealedPart>) -> Self {
        DecryptParts { parts: parts.into_iter().collect(), current: None, input: Bytes::new(), ended: false }
    }
}

impl Transform for DecryptParts {
    type Error = DareError;

    fn push(&mut self, piece: Bytes) {
        self.input = piece;
    }

    fn end(&mut self) {
        self.ended = true;
    }

    fn pull(&mut self) -> Result<Option<Bytes>, DareError> {
        loop {
            if self.current.is_none() {
                let Some(part) = self.parts.pop_front() else {
                    let over = self.input.is_empty();
                    return if over { Ok(None) } else { Err(DareError::Trailing { package: 0 }) };
                };
                let stream = Decrypt::part_of(&part.key, Versions::Any, part.first_package, part.cut);
                self.current = Some((stream, part.sealed));
            }
            let Some((stream, missing)) = &mut self.current else { unreachable!("set above") };
            if let Some(payload) = stream.pull()? {
                return Ok(Some(payload));
            }
            if *missing == 0 {
                stream.end();
                stream.pull()?;
                self.current = None;
                continue;
            }
            if self.input.is_empty() {
                let truncated = Err(DareError::Truncated { package: stream.sequence });
                return if self.ended { truncated } else { Ok(None) };
            }
            let len = usize::try_from(*missing).map_or(self.input.len(), |missing| missing.min(self.input.len()));
            *missing -= len as u64;
            // Given away whole, a piece can be decrypted in place.
            let piece =
                if len == self.input.len() { std::mem::take(&mut self.input) } else { self.input.split_to(len) };
            stream.push(piece);
        }
    }
}
