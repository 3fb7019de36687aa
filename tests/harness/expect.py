"""Refusals, as tests state them."""

import contextlib

import pytest
from botocore.exceptions import ClientError


@contextlib.contextmanager
def refused(code, status=None):
    """The boto3 call inside must be refused with this error code (for HEAD: the status as text)."""
    with pytest.raises(ClientError) as caught:
        yield caught
    answer = caught.value.response
    assert answer["Error"]["Code"] == code, answer
    if status:
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == status, answer
