//! The algorithms that S3 clients can choose: their names, and what their values look like.
//!
//! Names and fields are the S3 reference's (PutObject, ChecksumAlgorithm). The bits up to 256 are MinIO's (section 6.1).
//! Those from 2^16 on are ours, for algorithms that MinIO doesn't know: it ends its reading there and takes the object for
//! one without a checksum.

/// A checksum algorithm that S3 clients can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChecksumAlgorithm {
    Crc32,
    Crc32c,
    Sha1,
    Sha256,
    Crc64Nvme,
    Sha512,
    Md5,
    XxHash64,
    XxHash3,
    XxHash128,
}

/// A line of the table: what there is to know of an algorithm.
struct Line {
    name: &'static str,
    field: &'static str,
    /// Bytes of a value.
    size: usize,
    /// What a blob begins with.
    bit: u64,
}

impl ChecksumAlgorithm {
    /// All of them.
    pub const ALL: [ChecksumAlgorithm; 10] = [
        ChecksumAlgorithm::Crc32,
        ChecksumAlgorithm::Crc32c,
        ChecksumAlgorithm::Sha1,
        ChecksumAlgorithm::Sha256,
        ChecksumAlgorithm::Crc64Nvme,
        ChecksumAlgorithm::Sha512,
        ChecksumAlgorithm::Md5,
        ChecksumAlgorithm::XxHash64,
        ChecksumAlgorithm::XxHash3,
        ChecksumAlgorithm::XxHash128,
    ];

    const fn line(self) -> Line {
        const fn line(name: &'static str, field: &'static str, size: usize, bit: u64) -> Line {
            Line { name, field, size, bit }
        }
        match self {
            ChecksumAlgorithm::Crc32 => line("CRC32", "x-amz-checksum-crc32", 4, 8),
            ChecksumAlgorithm::Crc32c => line("CRC32C", "x-amz-checksum-crc32c", 4, 16),
            ChecksumAlgorithm::Sha1 => line("SHA1", "x-amz-checksum-sha1", 20, 4),
            ChecksumAlgorithm::Sha256 => line("SHA256", "x-amz-checksum-sha256", 32, 2),
            ChecksumAlgorithm::Crc64Nvme => line("CRC64NVME", "x-amz-checksum-crc64nvme", 8, 256),
            ChecksumAlgorithm::Sha512 => line("SHA512", "x-amz-checksum-sha512", 64, 1 << 16),
            ChecksumAlgorithm::Md5 => line("MD5", "x-amz-checksum-md5", 16, 1 << 17),
            ChecksumAlgorithm::XxHash64 => line("XXHASH64", "x-amz-checksum-xxhash64", 8, 1 << 18),
            ChecksumAlgorithm::XxHash3 => line("XXHASH3", "x-amz-checksum-xxhash3", 8, 1 << 19),
            ChecksumAlgorithm::XxHash128 => line("XXHASH128", "x-amz-checksum-xxhash128", 16, 1 << 20),
        }
    }

    /// The name in S3 and in the records of parts.
    pub const fn name(self) -> &'static str {
        self.line().name
    }

    /// The algorithm of a name, in any casing.
    pub fn from_name(name: &str) -> Option<ChecksumAlgorithm> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// The field in which requests, answers and trailers carry a value, in lower case.
    pub const fn field(self) -> &'static str {
        self.line().field
    }

    /// The algorithm of a field, in any casing.
    pub fn from_field(field: &str) -> Option<ChecksumAlgorithm> {
        Self::ALL.into_iter().find(|algorithm| algorithm.field().eq_ignore_ascii_case(field))
    }

    /// Whether the values of parts can be combined into the value of the whole.
    pub const fn is_mergeable(self) -> bool {
        matches!(self, ChecksumAlgorithm::Crc32 | ChecksumAlgorithm::Crc32c | ChecksumAlgorithm::Crc64Nvme)
    }

    /// How many bytes a checksum has.
    pub const fn size(self) -> usize {
        self.line().size
    }

    pub(super) const fn bit(self) -> u64 {
        self.line().bit
    }
}
