"""Every scenario there is."""

from scenarios.archives import Archives
from scenarios.automatic import Automatic
from scenarios.buckets import Buckets
from scenarios.compression import Compression
from scenarios.configuration import Configuration
from scenarios.early import Early
from scenarios.encryption import Encryption
from scenarios.fixtures import SCENARIOS as FIXTURES
from scenarios.identities import Identities, SealedIdentities
from scenarios.objects import Objects
from scenarios.sealed import Sealed
from scenarios.unclean import Unclean

ALL = {scenario.name: scenario for scenario in (
    Objects, Unclean, Early, Encryption, Automatic, Compression, Sealed, Archives, Buckets, Configuration, Identities, SealedIdentities, *FIXTURES)}
