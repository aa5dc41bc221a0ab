import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra_local import emulator, processes, resources
from infra_local.errors import StartError
from tests.infra_local.toy import free_port

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def prepared(home: Path, port: int) -> tuple[emulator.Emulator, "S3Client"]:
    running = emulator.start(home, port)
    resources.apply(
        running.endpoint,
        upload_bucket="uploads",
        export_bucket="exports",
        origins=["http://localhost:8000"],
        mail_from="no-reply@example.org",
    )
    return running, resources.session().client("s3", endpoint_url=running.endpoint, config=resources.config())


def test_killed_emulator_starts_again_with_its_versions(tmp_path: Path) -> None:
    port = free_port()
    first, s3 = prepared(tmp_path, port)
    versions = [s3.put_object(Bucket="uploads", Key="a/b", Body=body)["VersionId"] for body in (b"one", b"two")]
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()

    second, s3 = prepared(tmp_path, port)
    try:
        found = [s3.get_object(Bucket="uploads", Key="a/b", VersionId=version)["Body"].read() for version in versions]
    finally:
        second.stop()

    assert found == [b"one", b"two"]


def test_page_may_put_uploads_but_only_get_exports(tmp_path: Path) -> None:
    running, s3 = prepared(tmp_path, free_port())
    try:
        uploads, exports = (s3.get_bucket_cors(Bucket=bucket)["CORSRules"] for bucket in ("uploads", "exports"))
    finally:
        running.stop()

    assert [rule["AllowedMethods"] for rule in uploads] == [["PUT", "GET"]]
    assert [rule["AllowedMethods"] for rule in exports] == [["GET"]]


def test_download_of_a_named_version_is_an_attachment(tmp_path: Path) -> None:
    running, s3 = prepared(tmp_path, free_port())
    try:
        version = s3.put_object(Bucket="uploads", Key="a", Body=b"text")["VersionId"]
        url = s3.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": "uploads",
                "Key": "a",
                "VersionId": version,
                "ResponseContentDisposition": 'attachment; filename="a.txt"',
            },
        )
        with urllib.request.urlopen(url, timeout=5) as answer:
            assert answer.headers["content-disposition"] == 'attachment; filename="a.txt"'
    finally:
        running.stop()


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/_ministack/reset", {}),
        ("GET", "/_ministack/ses/messages", {"Origin": "http://evil.example"}),
        ("GET", "/_ministack/ses/messages", {"Sec-Fetch-Site": "cross-site"}),
    ],
)
def test_page_in_a_browser_can_neither_wipe_nor_read(
    tmp_path: Path, method: str, path: str, headers: dict[str, str]
) -> None:
    running = emulator.start(tmp_path, free_port())
    try:
        request = urllib.request.Request(f"{running.endpoint}{path}", method=method, headers=headers)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=5)
        refused.value.close()
        assert refused.value.code == 403
    finally:
        running.stop()


def test_emulator_left_by_another_run_ends_first(tmp_path: Path) -> None:
    port = free_port()
    first = emulator.start(tmp_path, port)

    second = emulator.start(tmp_path, port)
    second.stop()

    assert first.process.wait(5) is not None


def test_process_that_merely_has_the_noted_number_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        (tmp_path / "pid").write_text(f"{stranger.pid} 12345")

        processes.end_remembered(tmp_path / "pid")

        assert stranger.poll() is None
        stranger.kill()
    assert not (tmp_path / "pid").exists()


def test_taken_port_is_one_line_that_names_the_variable(tmp_path: Path) -> None:
    with emulator.bind(0, "S3_PORT") as listener, pytest.raises(StartError, match="choose another by S3_PORT="):
        emulator.launch(tmp_path, listener.getsockname()[1])


def test_bad_bucket_name_names_the_variable(tmp_path: Path) -> None:
    running = emulator.start(tmp_path, free_port())
    try:
        with pytest.raises(StartError, match=r"^Bad setting\. UPLOAD_BUCKET: .*no bucket.*$"):
            resources.apply(
                running.endpoint,
                upload_bucket="no bucket",
                export_bucket="exports",
                origins=[],
                mail_from="a@example.org",
            )
    finally:
        running.stop()
