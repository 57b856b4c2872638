"""Certificates, revocation lists, OCSP responses and time-stamps for the cases; all of it the same in every run.

Keys are derived from their names, so that a file that failed yesterday is the same file today. They protect nothing.
"""
import dataclasses
import datetime
import functools
import hashlib
import random

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from . import der

UTC = datetime.timezone.utc


def moment(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)


SIGNED_AT = moment("2026-06-01T03:00:00")
JUDGED_AT = "2026-06-02T00:00:00Z"
NOT_BEFORE, NOT_AFTER = moment("2020-01-01T00:00:00"), moment("2045-01-01T00:00:00")

HASH = {"md5": "1.2.840.113549.2.5", "sha1": "1.3.14.3.2.26", "sha256": "2.16.840.1.101.3.4.2.1",
        "sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3"}
RSA_ENCRYPTION, RSA_PSS, MGF1 = "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.8"
RSA_WITH = {"md5": "1.2.840.113549.1.1.4", "sha1": "1.2.840.113549.1.1.5", "sha256": "1.2.840.113549.1.1.11",
            "sha384": "1.2.840.113549.1.1.12", "sha512": "1.2.840.113549.1.1.13"}
ECDSA_WITH = {"sha1": "1.2.840.10045.4.1", "sha256": "1.2.840.10045.4.3.2", "sha384": "1.2.840.10045.4.3.3",
              "sha512": "1.2.840.10045.4.3.4"}
TIME_STAMPING, OCSP_SIGNING = "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9"

# --- keys -------------------------------------------------------------------------------------------------------------


def _is_prime(number, source):
    if any(number % small == 0 for small in _SMALL_PRIMES):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(8):  # Miller-Rabin; 1,024 random bits need few rounds
        value = pow(source.randrange(2, number - 1), odd, number)
        if value in (1, number - 1):
            continue
        for _ in range(twos - 1):
            value = value * value % number
            if value == number - 1:
                break
        else:
            return False
    return True


_SMALL_PRIMES = [n for n in range(3, 2000, 2) if all(n % d for d in range(3, int(n**0.5) + 1, 2))]


@functools.cache
def rsa_key(name, size=2048):
    source = random.Random(f"kyso verify corpus {name} {size}")
    primes = []
    while len(primes) < 2:
        candidate = source.getrandbits(size // 2) | 3 << size // 2 - 2 | 1
        if candidate % 65537 != 1 and _is_prime(candidate, source):
            primes.append(candidate)
    p, q = primes
    d = pow(65537, -1, (p - 1) * (q - 1))
    numbers = rsa.RSAPrivateNumbers(p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q),
                                    rsa.RSAPublicNumbers(65537, p * q))
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


@functools.cache
def ec_key(name):
    secret = int.from_bytes(hashlib.sha256(f"kyso verify corpus {name}".encode()).digest(), "big") >> 1
    return ec.derive_private_key(secret, ec.SECP256R1())


def public_info(key):
    return key.public_key().public_bytes(serialization.Encoding.DER,
                                         serialization.PublicFormat.SubjectPublicKeyInfo)


def pss_parameters(digest, mgf_digest=None, salt=None):
    size = hashlib.new(digest).digest_size
    mgf = der.sequence(der.oid(MGF1), der.sequence(der.oid(HASH[mgf_digest or digest]), der.NULL))
    return der.sequence(der.context(0, der.sequence(der.oid(HASH[digest]), der.NULL)), der.context(1, mgf),
                        der.context(2, der.integer(size if salt is None else salt)))


def hash_of(digest):
    return {"md5": hashes.MD5, "sha1": hashes.SHA1, "sha256": hashes.SHA256, "sha384": hashes.SHA384,
            "sha512": hashes.SHA512}[digest]()


def raw_signature(key, data, digest="sha256", pss=False):
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(data, ec.ECDSA(hash_of(digest), deterministic_signing=True))
    if pss:  # the salt is random: these are the only bytes that differ from run to run
        return key.sign(data, padding.PSS(padding.MGF1(hash_of(digest)), hash_of(digest).digest_size), hash_of(digest))
    return key.sign(data, padding.PKCS1v15(), hash_of(digest))


def signature_algorithm(key, digest="sha256"):
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return der.sequence(der.oid(ECDSA_WITH[digest]))
    return der.sequence(der.oid(RSA_WITH[digest]), der.NULL)


def signed(key, body):
    """SIGNED{…}: of certificates and lists."""
    return der.sequence(body, signature_algorithm(key), der.bits(raw_signature(key, body)))


# --- certificates -----------------------------------------------------------------------------------------------------


def name(common):
    def part(number, text):
        return der.set_of(der.sequence(der.oid(f"2.5.4.{number}"), der.utf8(text)))
    return der.sequence(part(6, "VN"), part(10, "Cơ quan mẫu"), part(3, common))


def extension(number, value, critical=False):
    return der.sequence(der.oid(number), *((der.boolean(True),) if critical else ()), der.octets(value))


def key_id(key):
    return hashlib.sha1(public_info(key)).digest()


@dataclasses.dataclass(frozen=True)
class Holder:
    """A certificate with its key and the certificates above it (nearest first, the root left out)."""
    common: str
    key: object = dataclasses.field(compare=False, hash=False)
    certificate: bytes
    serial: int
    issuer_name: bytes
    subject: bytes
    chain: tuple = ()

    @property
    def pem(self):
        import base64
        text = base64.encodebytes(self.certificate).decode().replace("\n", "")
        lines = "\n".join(text[i:i + 64] for i in range(0, len(text), 64))
        return f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----\n"


def issue(common,
          key,
          issuer=None,
          *,
          is_ca=False,
          usage=(0, 1),
          extended=None,
          extended_critical=True,
          start=NOT_BEFORE,
          end=NOT_AFTER,
          crl=None,
          ocsp=None,
          serial=None,
          extra=(),
          key_info=None):
    """`issuer=None`: self-signed. `crl` and `ocsp` are addresses; `key_info` replaces the SubjectPublicKeyInfo."""
    issuer_name = issuer.subject if issuer else name(common)
    issuer_key = issuer.key if issuer else key
    serial = serial or int.from_bytes(hashlib.sha256(f"{common}{start}{end}".encode()).digest()[:8], "big") >> 1
    extensions = [extension("2.5.29.14", der.octets(key_id(key))),
                  extension("2.5.29.35", der.sequence(der.context(0, key_id(issuer_key), constructed=False))),
                  extension("2.5.29.15", der.named_bits(*((5, 6) if is_ca else usage)), True),
                  extension("2.5.29.19", der.sequence(*((der.boolean(True),) if is_ca else ())), True)]
    if extended:
        extensions.append(extension("2.5.29.37", der.sequence(der.oid(extended)), extended_critical))
    if crl:
        address = der.context(6, crl.encode(), constructed=False)
        extensions.append(extension("2.5.29.31", der.sequence(der.sequence(der.context(0, der.context(0, address))))))
    if ocsp:
        address = der.context(6, ocsp.encode(), constructed=False)
        extensions.append(extension("1.3.6.1.5.5.7.1.1",
                                    der.sequence(der.sequence(der.oid("1.3.6.1.5.5.7.48.1"), address))))
    extensions += extra
    body = der.sequence(der.context(0, der.integer(2)), der.integer(serial), signature_algorithm(issuer_key),
                        issuer_name, der.sequence(der.utc_or_generalized(start), der.utc_or_generalized(end)),
                        name(common), key_info or public_info(key), der.context(3, der.sequence(*extensions)))
    chain = () if issuer is None or issuer.issuer_name == issuer.subject else (issuer.certificate, *issuer.chain)
    return Holder(common, key, signed(issuer_key, body), serial, issuer_name, name(common), chain)


@functools.cache
def world():
    """The authorities and signers of the plain cases: nothing in them points at revocation services."""
    class World:
        root = issue("Gốc thử nghiệm", ec_key("root"), is_ca=True)
        signer = issue("Nguyễn Văn A", rsa_key("signer"), root)
        second = issue("Trần Thị B", ec_key("second"), root)
        # Who attacks has a certificate of a self-made authority, or one of the same authority for himself.
        attacker = issue("Kẻ tấn công", ec_key("attacker"), root)
        tsa = issue("Dấu thời gian thử nghiệm", ec_key("tsa"), root, usage=(0,), extended=TIME_STAMPING)
        foreign_root = issue("Gốc lạ", ec_key("foreign root"), is_ca=True)
        foreign_tsa = issue("Dấu thời gian lạ",
                            ec_key("foreign tsa"),
                            foreign_root,
                            usage=(0, ),
                            extended=TIME_STAMPING)
        foreign = issue("Người ký lạ", ec_key("foreign"), foreign_root)
        plain_tsa = issue("Dấu thời gian không có mục đích", ec_key("plain tsa"), root, usage=(0,))
    return World


# --- revocation -------------------------------------------------------------------------------------------------------

REASONS = {"keyCompromise": 1, "certificateHold": 6, "removeFromCRL": 8}


def crl(issuer, this_update, next_update=None, revoked=(), number=1, extensions=(), key=None, issuer_name=None):
    """`revoked`: (serial, time, reason or None)…"""
    entries = []
    for serial, when, reason in revoked:
        entry = [der.integer(serial), der.utc_or_generalized(when)]
        if reason:
            entry.append(der.sequence(extension("2.5.29.21", der.enumerated(REASONS[reason]))))
        entries.append(der.sequence(*entry))
    signer = key or issuer.key
    body = der.sequence(
        der.integer(1), signature_algorithm(signer), issuer_name or issuer.subject, der.utc_or_generalized(this_update),
        *((der.utc_or_generalized(next_update),) if next_update else ()),
        *((der.sequence(*entries),) if entries else ()),
        der.context(0, der.sequence(
            extension("2.5.29.35", der.sequence(der.context(0, key_id(signer), constructed=False))),
            extension("2.5.29.20", der.integer(number)), *extensions)))
    return signed(signer, body)


def ocsp(subject_serial, issuer, responder, produced, *, status="good", revoked_at=None, reason=None, next_update=None,
         this_update=None, single_extensions=(), with_certificate=True, key=None, hash_name="sha1"):
    """An OCSPResponse of one SingleResponse, signed by `responder`."""
    key_bits = public_info(issuer.key)
    # The key hash is over the subjectPublicKey bits alone (RFC 6960 section 4.1.1); they end the SPKI.
    size = 65 if isinstance(issuer.key, ec.EllipticCurvePrivateKey) else None
    assert size, "issuers have P-256 keys"
    certificate_id = der.sequence(der.sequence(der.oid(HASH[hash_name]), der.NULL),
                                  der.octets(hashlib.new(hash_name, issuer.subject).digest()),
                                  der.octets(hashlib.new(hash_name, key_bits[-size:]).digest()),
                                  der.integer(subject_serial))
    if status == "good":
        state = der.context(0, constructed=False)
    elif status == "revoked":
        why = (der.context(0, der.enumerated(REASONS[reason])),) if reason else ()
        state = der.context(1, der.generalized_time(revoked_at), *why)
    else:
        state = der.context(2, constructed=False)
    single = der.sequence(
        certificate_id, state, der.generalized_time(this_update or produced),
        *((der.context(0, der.generalized_time(next_update)),) if next_update else ()),
        *((der.context(1, der.sequence(*single_extensions)),) if single_extensions else ()))
    data = der.sequence(der.context(1, responder.subject), der.generalized_time(produced), der.sequence(single))
    signer = key or responder.key
    basic = der.sequence(
        data, signature_algorithm(signer), der.bits(raw_signature(signer, data)),
        *((der.context(0, der.sequence(responder.certificate, *responder.chain)),) if with_certificate else ()))
    return der.sequence(der.enumerated(0), der.context(0, der.sequence(der.oid("1.3.6.1.5.5.7.48.1.1"),
                                                                       der.octets(basic))))
