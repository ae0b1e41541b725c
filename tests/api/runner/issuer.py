"""An OIDC issuer of a test's own: signing keys, an authority with certificates, and an HTTPS server for its documents."""

import base64
import hashlib
import http.server
import json
import ssl
import subprocess
import threading
import time

HOST = "oidc.example.org"
AUDIENCE = "sts.amazonaws.com"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def openssl(*arguments, stdin=b""):
    return subprocess.run(["openssl", *arguments], input=stdin, capture_output=True, check=True).stdout


class Key:
    """A signing key of an issuer, RS256 or ES256, by the openssl program."""

    def __init__(self, folder, kid, algorithm="RS256"):
        self.kid, self.algorithm, self.path = kid, algorithm, folder / f"{kid}.pem"
        kind = ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"] if algorithm == "RS256" else ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        openssl("genpkey", "-algorithm", *kind, "-out", self.path)

    def jwk(self):
        about = {"kid": self.kid, "use": "sig", "alg": self.algorithm}
        if self.algorithm == "RS256":
            modulus = openssl("rsa", "-in", self.path, "-noout", "-modulus").decode().strip().split("=")[1]
            return {**about, "kty": "RSA", "n": b64(bytes.fromhex(modulus)), "e": "AQAB"}
        point = openssl("ec", "-in", self.path, "-pubout", "-outform", "DER")[-64:]
        return {**about, "kty": "EC", "crv": "P-256", "x": b64(point[:32]), "y": b64(point[32:])}

    def sign(self, claims):
        header = {"alg": self.algorithm, "kid": self.kid, "typ": "JWT"}
        signed = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        signature = openssl("dgst", "-sha256", "-sign", self.path, stdin=signed.encode())
        if self.algorithm == "ES256":
            signature = raw_ecdsa(signature)
        return f"{signed}.{b64(signature)}"


def raw_ecdsa(der):
    """SEQUENCE of two INTEGERs -> R and S of 32 bytes each."""
    out, at = b"", 2
    for _ in range(2):
        length = der[at + 1]
        out += der[at + 2 : at + 2 + length].lstrip(b"\0").rjust(32, b"\0")
        at += 2 + length
    return out


class Authority:
    def __init__(self, folder, name):
        self.folder, self.key, self.pem = folder, folder / f"{name}-ca.key", folder / f"{name}-ca.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", self.key, "-out", self.pem, "-days", "2", "-subj", f"/CN={name}")

    def certificate(self, host, *also):
        """A file with the key, the certificate and the authority's own, as servers present them."""
        key, request, pem = (self.folder / f"{host}.{end}" for end in ("key", "csr", "crt"))
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request, "-subj", f"/CN={host}")
        extensions = self.folder / f"{host}.ext"
        names = ",".join(f"{'IP' if name[0].isdigit() else 'DNS'}:{name}" for name in (host, *also))
        extensions.write_text(f"subjectAltName={names}\n")
        openssl("x509", "-req", "-in", request, "-CA", self.pem, "-CAkey", self.key, "-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", pem)
        both = self.folder / f"{host}.pem"
        both.write_bytes(key.read_bytes() + pem.read_bytes() + self.pem.read_bytes())
        return both

    def thumbprint(self):
        return hashlib.sha1(openssl("x509", "-in", self.pem, "-outform", "DER")).hexdigest()


class Issuer:
    """Serves discovery and keys; `misbehave` replaces what is answered at a path."""

    def __init__(self, certificate, host=HOST):
        self.host, self.keys, self.asked, self.misbehave = host, [], [], {}
        self.jwks_uri = f"https://{host}/keys"
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.asked.append(self.path)
                act = issuer.misbehave.get(self.path)
                if act is not None:
                    act(self)
                    return
                documents = {"/.well-known/openid-configuration": issuer.discovery(), "/keys": {"keys": [k.jwk() for k in issuer.keys]}}
                reply(self, 200 if self.path in documents else 404, json.dumps(documents.get(self.path, {})).encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def discovery(self):
        return {"issuer": f"https://{self.host}", "jwks_uri": self.jwks_uri, "id_token_signing_alg_values_supported": ["RS256"]}

    def token(self, key, **claims):
        now = int(time.time())
        return key.sign({"iss": f"https://{self.host}", "sub": "repo:x", "aud": AUDIENCE, "iat": now, "exp": now + 600, **claims})

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def reply(handler, status, body, **headers):
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), "Content-Type": "application/json", **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
