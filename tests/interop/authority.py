"""A certification authority with services: root, issuing CA, signers, TSA, OCSP responders, on 127.0.0.1.

The certificates name the services' addresses (caIssuers, OCSP, CRL, freshest CRL). Each service can be told to be down,
slow, huge, to refuse, or to answer garbage; certificates can be revoked; CRLs can be old.
"""
import datetime
import http.server
import pathlib
import subprocess
import threading
import time

CONFIG = """
[ca]
default_ca = authority
[authority]
dir = {folder}
database = {folder}/{ca}.index
new_certs_dir = {folder}/issued
crlnumber = {folder}/{ca}.crlnumber
certificate = {folder}/{ca}.pem
private_key = {folder}/{ca}.key
rand_serial = yes
default_md = sha256
unique_subject = no
copy_extensions = none
policy = anything
string_mask = utf8only
utf8 = yes
default_crl_days = 1
crl_extensions = crl
[crl]
authorityKeyIdentifier = keyid
[crl_delta]
authorityKeyIdentifier = keyid
2.5.29.27 = critical, ASN1:INTEGER:{base}
[anything]
commonName = supplied
[base]
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[issuing]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
authorityInfoAccess = OCSP;URI:{url}ocsp/root, caIssuers;URI:{url}root.cer
crlDistributionPoints = URI:{url}root.crl
[responder]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, OCSPSigning
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
noCheck = ignored
[tsa]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
authorityInfoAccess = OCSP;URI:{url}ocsp/issuing, caIssuers;URI:{url}issuing.p7c
crlDistributionPoints = URI:{url}issuing.crl
[signer]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
authorityInfoAccess = OCSP;URI:{url}ocsp/issuing, caIssuers;URI:{url}issuing.cer
crlDistributionPoints = URI:{url}issuing.crl
[crl_only]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
authorityInfoAccess = caIssuers;URI:{url}issuing.p7c
crlDistributionPoints = URI:{url}issuing.crl
[with_delta]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
authorityInfoAccess = caIssuers;URI:{url}issuing.pem
crlDistributionPoints = URI:{url}issuing.crl
freshestCRL = URI:{url}delta.crl
[req]
prompt = no
distinguished_name = none
[none]
"""

TSA_CONFIG = """
[tsa]
default_tsa = authority
[authority]
serial = {folder}/tsa.serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
certs = {folder}/issuing.pem
signer_digest = sha256
default_policy = 1.3.6.1.4.1.32473.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""

SIGNERS = {"leader": "signer", "clerk": "signer", "organisation": "signer", "crl-only": "crl_only",
           "with-delta": "with_delta"}
UNAUTHORIZED, TRY_LATER = b"\x30\x03\x0a\x01\x06", b"\x30\x03\x0a\x01\x03"
SHA1_OID = bytes.fromhex("06052b0e03021a")


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, check=False, **options)
    assert done.returncode == 0, f"{command}: {done.stderr.decode()}"
    return done.stdout


def stamp(moment):
    return moment.strftime("%Y%m%d%H%M%SZ")


def now():
    return datetime.datetime.now(datetime.timezone.utc)


class Authority:
    """Use as a context: `with Authority(folder) as authority`."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.behaviour = {}   # path -> down | slow | garbage | missing | huge | sha1-refused | try-later | no-nonce
        self.files = {}       # path -> bytes served as they are, before anything else
        self.asked = []       # paths, in order
        self.delay = 30.0
        self.ending = threading.Event()
        self.lock = threading.RLock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        self.tsa_url = self.url + "tsa"
        self._make()

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.server.shutdown()
        self.server.server_close()

    # --- certificates -------------------------------------------------------------------------------------------------

    def _make(self):
        (self.folder / "issued").mkdir()
        for ca in ("root", "issuing"):
            self._configure(ca)
            (self.folder / f"{ca}.index").touch()
            (self.folder / f"{ca}.crlnumber").write_text("01\n")
        self._key("root")
        self._issue("root", "root", "root", "/C=VN/O=Kyso test/CN=Kyso test root", 7300, self_signed=True)
        self._key("issuing")
        self._issue("root", "issuing", "issuing", "/C=VN/O=Kyso test/CN=Kyso test issuing", 4000)
        for ca in ("root", "issuing"):
            self._key(f"{ca}-ocsp")
            self._issue(ca, f"{ca}-ocsp", "responder", f"/C=VN/O=Kyso test/CN=Kyso test OCSP {ca}", 90)
        self._key("tsa")
        self._issue("issuing", "tsa", "tsa", "/C=VN/O=Cơ quan mẫu/CN=Dịch vụ dấu thời gian mẫu", 1000)
        (self.folder / "tsa.serial").write_text("1000000000000001\n")
        (self.folder / "tsa.cnf").write_text(TSA_CONFIG.format(folder=self.folder))
        names = {"leader": "Nguyễn Văn A", "clerk": "Trần Thị B", "organisation": "Cơ quan mẫu",
                 "crl-only": "Nguyễn Văn A", "with-delta": "Nguyễn Văn A"}
        for name, section in SIGNERS.items():
            self._key(name)
            self._issue("issuing", name, section, f"/C=VN/L=Hà Nội/O=Cơ quan mẫu/CN={names[name]}", 700)
        (self.folder / "pin.txt").write_text("0000")
        (self.folder / "chain.pem").write_text((self.folder / "issuing.pem").read_text() +
                                               (self.folder / "root.pem").read_text())
        run("openssl", "crl2pkcs7", "-nocrl", "-certfile", self.folder / "issuing.pem", "-outform", "DER", "-out",
            self.folder / "issuing.p7c")
        for ca in ("root", "issuing"):
            self.publish_list(ca)

    def _configure(self, ca, base="01"):
        text = CONFIG.format(folder=self.folder, ca=ca, url=self.url, base=f"0x{base}")
        (self.folder / f"{ca}.cnf").write_text(text.replace("noCheck = ignored",
                                                            "1.3.6.1.5.5.7.48.1.5 = ASN1:NULL"))
        return self.folder / f"{ca}.cnf"

    def _key(self, name):
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
            self.folder / f"{name}.key")

    def _issue(self, ca, name, section, subject, days, self_signed=False):
        config = self.folder / f"{ca}.cnf"
        request, path = self.folder / f"{name}.csr", self.folder / f"{name}.pem"
        run("openssl", "req", "-new", "-config", config, "-utf8", "-key", self.folder / f"{name}.key", "-subj", subject,
            "-out", request)
        run("openssl", "ca", "-batch", "-notext", "-utf8", "-preserveDN", "-config", config, "-extensions", section,
            *(("-selfsign",) if self_signed else ()), "-startdate", stamp(now() - datetime.timedelta(days=1)),
            "-enddate", stamp(now() + datetime.timedelta(days=days)), "-in", request, "-out", path)

    @property
    def root(self):
        return str(self.folder / "root.pem")

    def holder(self, name, with_chain=True):
        """For `kyso sign`. Without chain the signature holds the signer's certificate alone."""
        path = self.folder / f"{name}.{'full' if with_chain else 'own'}.pem"
        path.write_text((self.folder / f"{name}.pem").read_text() +
                        ((self.folder / "chain.pem").read_text() if with_chain else ""))
        return ("--holder", f"pem:{self.folder / name}.key,{path}", "--pin-file", self.folder / "pin.txt")

    def revoke(self, name, reason="keyCompromise", ca="issuing"):
        with self.lock:
            run("openssl", "ca", "-config", self.folder / f"{ca}.cnf", "-revoke", self.folder / f"{name}.pem",
                "-crl_reason", reason)
            self.publish_list(ca)

    # --- CRLs ---------------------------------------------------------------------------------------------------------

    def publish_list(self, ca="issuing", age=datetime.timedelta(0), lifetime=datetime.timedelta(hours=12)):
        """The CRL as it is from now on, made `age` ago."""
        with self.lock:
            made = now() - age
            self.files[f"/{ca}.crl"] = self._list(ca, "crl", made, made + lifetime)

    def publish_delta(self, lifetime=datetime.timedelta(hours=1)):
        """Changes since the CRL that is being served."""
        with self.lock:
            base = run("openssl", "crl", "-inform", "DER", "-noout", "-crlnumber", input=self.files["/issuing.crl"])
            self._configure("issuing", base.decode().strip().split("=")[1].removeprefix("0x"))
            self.files["/delta.crl"] = self._list("issuing", "crl_delta", now(), now() + lifetime)

    def _list(self, ca, extensions, this_update, next_update):
        path = self.folder / f"{ca}.crl.pem"
        run("openssl", "ca", "-gencrl", "-config", self.folder / f"{ca}.cnf", "-crlexts", extensions, "-crl_lastupdate",
            stamp(this_update), "-crl_nextupdate", stamp(next_update), "-out", path)
        return run("openssl", "crl", "-in", path, "-outform", "DER")

    # --- answers ------------------------------------------------------------------------------------------------------

    def _ocsp(self, ca, query, behaviour):
        if behaviour == "try-later":
            return TRY_LATER
        if behaviour == "sha1-refused" and SHA1_OID in query:
            return UNAUTHORIZED
        with self.lock:
            request, reply = self.folder / "query.ocsp", self.folder / "reply.ocsp"
            request.write_bytes(query)
            run("openssl", "ocsp", "-index", self.folder / f"{ca}.index", "-CA", self.folder / f"{ca}.pem", "-rsigner",
                self.folder / f"{ca}-ocsp.pem", "-rkey", self.folder / f"{ca}-ocsp.key", "-reqin", request, "-respout",
                reply, "-nmin", "60", "-resp_no_certs" if behaviour == "no-certificates" else "-resp_key_id")
            return reply.read_bytes()

    def _time_stamp(self, query):
        with self.lock:
            request, reply = self.folder / "query.tsq", self.folder / "reply.tsr"
            request.write_bytes(query)
            run("openssl", "ts", "-reply", "-config", self.folder / "tsa.cnf", "-queryfile", request, "-out", reply)
            return reply.read_bytes()

    def answer(self, method, path, body):
        """(status, media type, bytes), or None to hang up."""
        self.asked.append(path)
        behaviour = self.behaviour.get(path, "normal")
        if behaviour == "down":
            return None
        if behaviour == "slow":
            self.ending.wait(self.delay)
            return None
        if behaviour == "missing":
            return 404, "text/plain", b"not here\n"
        if behaviour == "garbage":
            return 200, "application/octet-stream", b"\x30\x82\x7f\xffthis is nothing" * 20
        if behaviour == "huge":
            return 200, "application/octet-stream", bytes(80 << 20)
        if path in self.files:
            return 200, "application/pkix-crl", self.files[path]
        if path.startswith("/ocsp/") and method == "POST":
            return 200, "application/ocsp-response", self._ocsp(path.rsplit("/", 1)[1], body, behaviour)
        if path == "/tsa" and method == "POST":
            return 200, "application/timestamp-reply", self._time_stamp(body)
        name, _, kind = path.strip("/").rpartition(".")
        if name in ("root", "issuing") and kind == "cer":
            return 200, "application/pkix-cert", run("openssl", "x509", "-in", self.folder / f"{name}.pem", "-outform",
                                                     "DER")
        if path in ("/issuing.pem", "/issuing.p7c"):
            return 200, "application/pkcs7-mime", (self.folder / path.strip("/")).read_bytes()
        return 404, "text/plain", b"not here\n"

    def _handler(self):
        authority = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def _answer(self, body):
                answer = authority.answer(self.command, self.path, body)
                if answer is None:
                    self.close_connection = True
                    return
                status, media, content = answer
                self.send_response(status)
                self.send_header("Content-Type", media)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                try:
                    self.wfile.write(content)
                except OSError:
                    self.close_connection = True  # who asked has had enough

            def do_GET(self):
                self._answer(b"")

            def do_POST(self):
                self._answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))))

            def log_message(self, *_):
                pass
        return Handler

    def wait_for_the_next_second(self):
        """Times in answers have whole seconds: what is made after this is later than what was made before."""
        second = int(time.time())
        while int(time.time()) == second:
            self.ending.wait(0.02)
