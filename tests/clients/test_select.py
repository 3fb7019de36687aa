"""SelectObjectContent through boto3, which checks the framing of messages and their checksums."""

import bz2
import gzip
import io
import json
import os

import pytest

from harness.expect import refused

PEOPLE = "Name,City,Age\nann,\"Oslo, N\",30\nbob,Rome,4\ncy,,51\n"


def select(s3, bucket, key, expression, source, output=None, **more):
    answer = s3.select_object_content(
        Bucket=bucket, Key=key, Expression=expression, ExpressionType="SQL",
        InputSerialization=source, OutputSerialization=output or {"CSV": {}}, **more)
    events = list(answer["Payload"])
    assert "End" in events[-1]
    records = b"".join(event["Records"]["Payload"] for event in events if "Records" in event)
    return records.decode(), events


def header(**more):
    return {"CSV": {"FileHeaderInfo": "USE"}, **more}


def test_csv(s3, bucket):
    s3.put_object(Bucket=bucket, Key="people.csv", Body=PEOPLE)
    rows, events = select(s3, bucket, "people.csv", "SELECT s.name, s.age FROM S3Object s WHERE CAST(s.Age AS INT) > 20", header())
    assert rows == "ann,30\ncy,51\n"
    stats = events[-2]["Stats"]["Details"]
    assert stats == {"BytesScanned": len(PEOPLE), "BytesProcessed": len(PEOPLE), "BytesReturned": len(rows)}
    rows, _ = select(s3, bucket, "people.csv", "SELECT * FROM S3Object LIMIT 1", header(), {"JSON": {}})
    assert json.loads(rows) == {"Name": "ann", "City": "Oslo, N", "Age": "30"}
    rows, _ = select(s3, bucket, "people.csv", "SELECT COUNT(*), AVG(CAST(age AS INT)) FROM S3Object", header())
    assert rows.startswith("3,28.33")


@pytest.mark.parametrize("kind,pack", [("GZIP", gzip.compress), ("BZIP2", bz2.compress)])
def test_compressed(s3, bucket, kind, pack):
    s3.put_object(Bucket=bucket, Key="k", Body=pack(PEOPLE.encode()))
    rows, _ = select(s3, bucket, "k", "SELECT name FROM S3Object WHERE city = 'Rome'", header(CompressionType=kind))
    assert rows == "bob\n"
    with refused("InvalidCompressionFormat", 400):
        s3.put_object(Bucket=bucket, Key="k", Body=b"plain")
        select(s3, bucket, "k", "SELECT * FROM S3Object", header(CompressionType=kind))


def test_json(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=json.dumps({"rules": [{"id": 1}, {"x": 2}, {"id": 3}]}))
    rows, _ = select(s3, bucket, "k", "SELECT r.id FROM S3Object[*].rules[*] r WHERE r.id IS NOT MISSING",
                     {"JSON": {"Type": "DOCUMENT"}}, {"JSON": {"RecordDelimiter": ";"}})
    assert rows == '{"id":1};{"id":3};'


def test_parquet(s3, bucket):
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    table = arrow.table({"n": list(range(100_000)), "s": [f"row {i}" for i in range(100_000)]})
    for codec in ("snappy", "gzip", "zstd", "none"):
        file = io.BytesIO()
        parquet.write_table(table, file, compression=codec, row_group_size=30_000)
        s3.put_object(Bucket=bucket, Key="k", Body=file.getvalue())
        rows, _ = select(s3, bucket, "k", "SELECT s.s FROM S3Object s WHERE s.n = 77777", {"Parquet": {}})
        assert rows == "row 77777\n", codec
        rows, _ = select(s3, bucket, "k", "SELECT COUNT(*), SUM(s.n) FROM S3Object s", {"Parquet": {}})
        assert rows == f"100000,{sum(range(100_000))}\n", codec


def test_large_results_and_progress(s3, bucket):
    body = "".join(f"{i},{'x' * 20}\n" for i in range(400_000))
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    rows, events = select(s3, bucket, "k", "SELECT * FROM S3Object", {"CSV": {}}, RequestProgress={"Enabled": True})
    assert rows == body
    told = [event["Progress"]["Details"]["BytesScanned"] for event in events if "Progress" in event]
    assert told == sorted(told) and told[-1] == len(body)


def test_scan_ranges_cover_each_record_once(s3, bucket):
    lines = [f"{i},{'y' * (i % 13)}" for i in range(1000)]
    body = "\n".join(lines) + "\n"
    s3.put_object(Bucket=bucket, Key="k", Body=body)
    found = ""
    for start in range(0, len(body), 997):
        rows, _ = select(s3, bucket, "k", "SELECT * FROM S3Object", {"CSV": {}},
                         ScanRange={"Start": start, "End": min(start + 997, len(body))})
        found += rows
    assert found == body


def test_errors_have_their_codes(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=PEOPLE)
    for expression, code in [
        ("SELECT * FROM other", "InvalidTableAlias"),
        ("SELECT nobody FROM S3Object", "MissingHeaders"),
        ("SELECT CAST(name AS INT) FROM S3Object", "CastFailed"),
        ("SELECT", "ParseUnexpectedToken"),
        ("SELECT * FROM S3Object GROUP BY name", "UnsupportedSqlStructure"),
        ("SELECT " + "1," * 140_000 + "1 FROM S3Object", "ExpressionTooLong"),
    ]:
        with refused(code, 400):
            select(s3, bucket, "k", expression, header())
    with refused("NoSuchKey", 404):
        select(s3, bucket, "other", "SELECT * FROM S3Object", header())
    with refused("InvalidJsonType", 400):
        select(s3, bucket, "k", "SELECT * FROM S3Object", {"JSON": {"Type": "LINE"}})
    with refused("ObjectSerializationConflict", 400):
        select(s3, bucket, "k", "SELECT * FROM S3Object", {"JSON": {"Type": "LINES"}, "CSV": {}})
    # The connection is good for the next request.
    assert select(s3, bucket, "k", "SELECT COUNT(*) FROM S3Object", header())[0] == "3\n"


def test_an_answer_that_is_given_up_harms_nobody(s3, bucket):
    s3.put_object(Bucket=bucket, Key="k", Body=os.urandom(1 << 20).hex())
    s3.put_object(Bucket=bucket, Key="lines", Body="abc,def\n" * 2_000_000)
    for _ in range(40):
        answer = s3.select_object_content(
            Bucket=bucket, Key="lines", Expression="SELECT * FROM S3Object", ExpressionType="SQL",
            InputSerialization={"CSV": {}}, OutputSerialization={"CSV": {}})
        answer["Payload"].close()
    with refused("OverMaxRecordSize", 400):
        select(s3, bucket, "k", "SELECT * FROM S3Object", {"CSV": {}})
    assert select(s3, bucket, "lines", "SELECT _2 FROM S3Object LIMIT 1", {"CSV": {}})[0] == "def\n"
