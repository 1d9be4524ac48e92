# SPDX-License-Identifier: GPL-2.0-or-later
"""A certificate authority of the story's own, by GnuTLS's certtool."""

HOST = "vpn.example"

# In the past, whatever the clock shows; certtool's own words.
EXPIRED = ("activation_date = \"2001-01-01 00:00:00\"", "expiration_date = \"2002-01-01 00:00:00\"")
VALID = ("activation_date = \"2001-01-01 00:00:00\"", "expiration_days = -1")


class Authority:
    """On a host, in a folder of its own. anchor: the file that others trust; its text may be
    copied to them."""

    def __init__(self, host, folder="/run/lab"):
        self._host = host
        self._folder = folder
        self._key = f"{folder}/ca.key"
        self.anchor = f"{folder}/ca.pem"
        self._make_key(self._key)
        self._template("ca", "cn = \"Laboratory\"", "ca", "cert_signing_key", *VALID)
        self._certtool("--generate-self-signed", "--load-privkey", self._key, "--template",
                       f"{folder}/ca.cfg", "--outfile", self.anchor)

    def issue(self, name, dates=VALID, host=HOST):
        """Key and certificate for a server: (file, file)."""
        key, certificate = (f"{self._folder}/{name}.{end}" for end in ("key", "pem"))
        self._make_key(key)
        self._template(name, f"cn = \"{host}\"", f"dns_name = \"{host}\"", "tls_www_server",
                       "signing_key", *dates)
        self._certtool("--generate-certificate", "--load-privkey", key, "--load-ca-certificate",
                       self.anchor, "--load-ca-privkey", self._key, "--template",
                       f"{self._folder}/{name}.cfg", "--outfile", certificate)
        return key, certificate

    def _make_key(self, path):
        self._certtool("--generate-privkey", "--key-type", "ecdsa", "--curve", "secp256r1",
                       "--outfile", path)

    def _template(self, name, *lines):
        self._host.write(f"{self._folder}/{name}.cfg", "\n".join([*lines, ""]))

    def _certtool(self, *words):
        self._host.run(["certtool", *words])
