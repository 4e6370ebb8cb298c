"""Certificates for tests, made by the openssl command line in a folder of the test."""

import subprocess

from godwit_daemon import DEADLINE


def openssl(*arguments, folder):
    subprocess.run(
        ["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=DEADLINE
    )


class Authority:
    """An authority whose files are NAME.pem and NAME.key; `above` signs it, or it signs itself."""

    def __init__(self, folder, name, above=None):
        self.folder = folder
        self.name = name
        if above is None:
            openssl("req", "-x509", *self._new_key(name), "-days", "30", "-subj", f"/CN={name}",
                    "-out", f"{name}.pem", folder=folder)  # fmt: skip
        else:
            above.issue(name, extension="basicConstraints=critical,CA:TRUE")
        self._serial = 100

    @staticmethod
    def _new_key(name):
        return ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", f"{name}.key")  # fmt: skip

    def issue(self, name, *, extension="subjectAltName=DNS:localhost,IP:127.0.0.1", days=30):
        """A certificate for /CN=NAME; its serial number."""
        self._serial = getattr(self, "_serial", 100) + 1
        openssl("req", *self._new_key(name), "-subj", f"/CN={name}", "-addext", extension,
                "-out", f"{name}.csr", folder=self.folder)  # fmt: skip
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{self.name}.pem",
                "-CAkey", f"{self.name}.key", "-set_serial", str(self._serial),
                "-days", str(days), "-copy_extensions", "copy", "-out", f"{name}.pem",
                folder=self.folder)  # fmt: skip
        return self._serial

    def revoke(self, *serials):
        """Writes NAME.crl, the list of these serial numbers."""
        index = "".join(
            f"R\t400101000000Z\t200101000000Z\t{serial:02X}\tunknown\t/CN=x\n" for serial in serials
        )
        (self.folder / "index.txt").write_text(index)
        (self.folder / "ca.cnf").write_text(
            "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\ndefault_md=sha256\n"
        )
        openssl("ca", "-gencrl", "-config", "ca.cnf", "-cert", f"{self.name}.pem",
                "-keyfile", f"{self.name}.key", "-crldays", "30", "-out", f"{self.name}.crl",
                folder=self.folder)  # fmt: skip
