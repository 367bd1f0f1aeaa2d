"""The org's own certificate authority: made once per folder, so that clients keep trusting it."""

import ssl
from pathlib import Path

import trustme

HOSTS = ("127.0.0.1", "localhost", "::1")


def certificate_authority(folder: Path) -> Path:
    """`ca.pem` in the folder; it and the server's certificate are made when they are missing."""
    ca_file, server_file = folder / "ca.pem", folder / "server.pem"
    if not (ca_file.exists() and server_file.exists()):
        authority = trustme.CA(organization_name="maturityd local org")
        server = authority.issue_cert(*HOSTS)
        server_file.touch(mode=0o600)
        server_file.write_bytes(server.private_key_and_cert_chain_pem.bytes())
        authority.cert_pem.write_to_path(str(ca_file))
    return ca_file


def server_context(folder: Path) -> ssl.SSLContext:
    """TLS for the server."""
    certificate_authority(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(folder / "server.pem")
    return context
