"""Signed alerts: verified by the certificate, and not once a letter has changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree
from signxml.exceptions import InvalidSignature
from signxml.verifier import XMLVerifier

from tests import cap
from tests.conftest import RunServer, command


def files(folder: Path, key: Any) -> dict[str, str]:
    """A key and a certificate of its own, as files; the settings that name them."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "dieuhanh@quangnam.gov.vn")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(days=1),
        not_valid_after=now + timedelta(days=1),
    ).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = made.sign(key, hashes.SHA256())
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(*form))
    (folder / "cert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    return {
        "DIEUHANH_CAP_KEY": str(folder / "key.pem"),
        "DIEUHANH_CAP_CERT": str(folder / "cert.pem"),
    }


@pytest.mark.parametrize("kind", ["rsa", "ec"])
def test_a_signature_holds_for_what_was_signed(
    tmp_path: Path, database_url: str, run_server: RunServer, rows: Any, kind: str
) -> None:
    key: Any = ec.generate_private_key(ec.SECP256R1())
    if kind == "rsa":
        key = rsa.generate_private_key(65537, 2048)
    env = files(tmp_path, key)
    address = run_server(database_url, env)
    alert = rows("SELECT id FROM layer.alerts ORDER BY id LIMIT 1")[0].id
    answer = httpx.get(f"{address}/api/alerts/{alert}.cap")
    cap.check_message(answer.content)
    certificate = (tmp_path / "cert.pem").read_text()
    verified = XMLVerifier().verify(answer.content, x509_cert=certificate)
    signed = verified.signed_xml
    assert signed is not None
    assert cap.text(etree.fromstring(etree.tostring(signed)), "status") == "Exercise"
    assert b"<cap:status>Exercise" in answer.content
    changed = answer.content.replace(b"<cap:status>Exercise", b"<cap:status>Actual")
    with pytest.raises(InvalidSignature):
        XMLVerifier().verify(changed, x509_cert=certificate)
    tag = {"If-None-Match": answer.headers["etag"]}
    assert httpx.get(f"{address}/api/alerts/{alert}.cap", headers=tag).status_code == 304


def test_a_server_says_at_its_start_that_it_cannot_sign(tmp_path: Path, database_url: str) -> None:
    env = files(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    other = tmp_path / "other"
    other.mkdir()
    files(other, ec.generate_private_key(ec.SECP256R1()))
    key, cert = env["DIEUHANH_CAP_KEY"], env["DIEUHANH_CAP_CERT"]
    for settings, said in (
        ({"DIEUHANH_CAP_KEY": key}, "DIEUHANH_CAP_CERT"),
        ({"DIEUHANH_CAP_KEY": cert, "DIEUHANH_CAP_CERT": cert}, "no private key"),
        ({"DIEUHANH_CAP_KEY": key, "DIEUHANH_CAP_CERT": key}, "no certificate"),
        ({"DIEUHANH_CAP_KEY": "/nowhere", "DIEUHANH_CAP_CERT": cert}, "/nowhere"),
        ({"DIEUHANH_CAP_KEY": key, "DIEUHANH_CAP_CERT": str(other / "cert.pem")}, "is not the"),
    ):
        done = command("serve", database_url=database_url, **settings)
        assert done.returncode == 2
        assert said in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
