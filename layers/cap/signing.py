"""Signing messages: an enveloped XML signature, as CAP 1.2 asks (3.3.4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)


class SignerError(ValueError):
    """The key or the certificate cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A key and its certificate, in PEM."""

    key: bytes
    certificate: bytes
    algorithm: str

    def sign(self, document: bytes) -> bytes:
        """The document with a signature as the last element of its root."""
        # Here, so that a worker which signs nothing does not load an XML library.
        from lxml import etree
        from signxml.algorithms import SignatureConstructionMethod
        from signxml.signer import XMLSigner

        signer = XMLSigner(
            method=SignatureConstructionMethod.enveloped, signature_algorithm=self.algorithm
        )
        root = etree.fromstring(document, etree.XMLParser(resolve_entities=False))
        signed = signer.sign(root, key=self.key, cert=self.certificate.decode())
        written: bytes = etree.tostring(signed, encoding="utf-8", xml_declaration=True)
        return written


def load_signer(key: Path, certificate: Path) -> Signer:
    """A signer from a private key without pass phrase, RSA or EC, and the certificate of it.

    Raises:
        SignerError: a file cannot be read, is no PEM of its kind, or they do not belong together.
    """
    texts = []
    for file in (key, certificate):
        try:
            texts.append(file.read_bytes())
        except OSError as error:
            raise SignerError(f"{file}: {error.strerror}") from None
    try:
        private = load_pem_private_key(texts[0], None)
    except (ValueError, TypeError):
        raise SignerError(f"{key}: no private key in PEM without a pass phrase") from None
    try:
        public = x509.load_pem_x509_certificate(texts[1]).public_key()
    except ValueError:
        raise SignerError(f"{certificate}: no certificate in PEM") from None
    if isinstance(private, rsa.RSAPrivateKey):
        algorithm = "rsa-sha256"
    elif isinstance(private, ec.EllipticCurvePrivateKey):
        algorithm = "ecdsa-sha256"
    else:
        raise SignerError(f"{key}: the key must be RSA or EC")
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if private.public_key().public_bytes(*form) != public.public_bytes(*form):
        raise SignerError(f"{certificate} is not the certificate of {key}")
    return Signer(texts[0], texts[1], algorithm)
