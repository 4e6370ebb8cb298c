"""Certificates and passwords, made once for all runs, so that all brokers get the same ones.

The broker's key is EC P-256, its certificate is signed by an authority of the same kind and names
127.0.0.1. User N is called userN and has the password secretN; each broker hashes them as it does.
"""

import contextlib
import json
import os
import subprocess
import tempfile

from comparison import machine

FLOOR_SECONDS = 120

CA = "ca.pem"
CERTIFICATE = "server.pem"
PRIVATE_KEY = "server.key"

MAKE_CERTIFICATES = """\
openssl ecparam -name prime256v1 -genkey -noout -out ca.key
openssl req -x509 -new -key ca.key -subj '/CN=comparison' -days 30 -out ca.pem
openssl ecparam -name prime256v1 -genkey -noout -out server.key
openssl req -new -key server.key -subj '/CN=broker' -out server.csr
printf 'subjectAltName=DNS:localhost,IP:127.0.0.1\\n' > names
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -set_serial 1 -days 30 -extfile names -out server.pem
rm ca.key server.csr names
"""


@contextlib.contextmanager
def material(compared, rows):
    """A folder with what these rows need. A broker finds its files in a copy of it."""
    with tempfile.TemporaryDirectory(prefix="godwit-compare-") as folder:
        if any(row.transport != "tcp" for row in rows):
            make_certificates(folder)
        users = max((row.users for row in rows), default=0)
        if users:
            for broker in compared:
                broker.hash_passwords(os.path.join(folder, passwords(broker)), users)
        # mosquitto, started by root, reads them as another user.
        os.chmod(folder, 0o755)
        for name in os.listdir(folder):
            os.chmod(os.path.join(folder, name), 0o644)
        yield folder


def make_certificates(folder):
    subprocess.run(["sh", "-ec", MAKE_CERTIFICATES], cwd=folder, check=True, capture_output=True)


def passwords(broker):
    return f"{broker.name}.passwords"


def credentials(number):
    return f"user{number}", f"secret{number}"


def load_options(row, folder):
    """What godwit-bench is told besides the row's load."""
    options = {
        "tcp": [],
        "tls": ["--tls", "--ca", os.path.join(folder, CA)],
        "websocket": ["--websocket"],
    }[row.transport]
    if row.users:
        user, password = credentials("%n")
        options = [*options, "--users", str(row.users), "--user", user, "--password", password]
    return options


def openssl_floor(program, folder, connections):
    """The report of godwit-tls-floor: what an idle connection takes of OpenSSL alone."""
    files = [os.path.join(folder, name) for name in (CERTIFICATE, PRIVATE_KEY)]
    result = subprocess.run(
        [program, *files, str(connections)],
        capture_output=True,
        text=True,
        check=True,
        timeout=FLOOR_SECONDS,
        preexec_fn=lambda: machine.prepare(None),
    )
    return json.loads(result.stdout)
