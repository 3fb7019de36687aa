"""Every scenario there is."""

from scenarios.buckets import Buckets
from scenarios.compression import Compression
from scenarios.encryption import Encryption
from scenarios.identities import Identities
from scenarios.objects import Objects
from scenarios.unclean import Unclean

ALL = {scenario.name: scenario for scenario in (Objects, Unclean, Encryption, Compression, Buckets, Identities)}
