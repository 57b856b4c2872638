"""CMS signatures and time-stamp tokens, right ones and ones in which only the named thing is wrong."""
import hashlib

from . import der, pki

DATA, SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST, SIGNING_TIME = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.5"
COUNTER_SIGNATURE = "1.2.840.113549.1.9.6"
ESS_V1, ESS_V2, TIME_STAMP = ("1.2.840.113549.1.9.16.2.12", "1.2.840.113549.1.9.16.2.47", "1.2.840.113549.1.9.16.2.14")


def attribute(number, *values):
    return der.sequence(der.oid(number), der.set_of(*values))


def ess(certificate, version=2):
    digest = hashlib.new("sha256" if version == 2 else "sha1", certificate).digest()
    return attribute(ESS_V2 if version == 2 else ESS_V1, der.sequence(der.sequence(der.sequence(der.octets(digest)))))


def algorithm(digest):
    return der.sequence(der.oid(pki.HASH[digest]), der.NULL)


def attributes_of(content,
                  holder,
                  *,
                  digest="sha256",
                  content_type=DATA,
                  ess_version=2,
                  ess_of=None,
                  message_digest=None,
                  signing_time=None):
    """The signed attributes of the baseline, by name, so that a case can take one out or double it."""
    result = {"content_type": attribute(CONTENT_TYPE, der.oid(content_type)),
              "message_digest": attribute(MESSAGE_DIGEST,
                                          der.octets(message_digest or hashlib.new(digest, content).digest()))}
    if signing_time:
        result["signing_time"] = attribute(SIGNING_TIME, der.utc_or_generalized(signing_time))
    if ess_version:
        result["ess"] = ess(ess_of or holder.certificate, ess_version)
    return result


def signer_info(content, holder, *, digest="sha256", declared=None, attributes=None, in_order=True, signed_as=None,
                unsigned=(), by_key_id=False, signature=None, pss=None, signature_digest=None, scheme=None):
    """`attributes`: list of DER, None for none. `in_order=False` writes and signs them in the order given.

    `declared` is the digestAlgorithm as written; `pss` the parameters as written; `signed_as` the bytes that are signed.
    """
    covered = content
    written = b""
    if attributes is not None:
        inner = b"".join(sorted(attributes) if in_order else attributes)
        covered = der.tlv(0x31, inner)
        written = der.context(0, inner)
    raw = signature or pki.raw_signature(holder.key, signed_as or covered, signature_digest or digest, pss=bool(pss))
    if scheme:
        pass
    elif pss:
        scheme = der.sequence(der.oid(pki.RSA_PSS), pss)
    else:
        scheme = pki.signature_algorithm(holder.key, signature_digest or digest)
    if by_key_id:
        identifier = der.context(0, pki.key_id(holder.key), constructed=False)
    else:
        identifier = der.sequence(holder.issuer_name, der.integer(holder.serial))
    return der.sequence(der.integer(3 if by_key_id else 1), identifier, algorithm(declared or digest), written, scheme,
                        der.octets(raw), *((der.context(1, *sorted(unsigned)),) if unsigned else ()))


def signed_data(infos,
                certificates,
                *,
                digests=("sha256", ),
                content_type=DATA,
                content=None,
                crls=(),
                outer=SIGNED_DATA,
                sort_certificates=True,
                ber=False):
    make = der.indefinite if ber else der.tlv
    encapsulated = make(0x30, der.oid(content_type),
                        *((make(0xA0, der.octets(content)), ) if content is not None else ()))
    certificates = sorted(certificates) if sort_certificates else certificates
    body = make(0x30, der.integer(3 if content_type != DATA else 1), der.set_of(*(algorithm(name) for name in digests)),
                encapsulated, *((make(0xA0, *certificates),) if certificates else ()),
                *((make(0xA1, *crls),) if crls else ()), der.set_of(*infos))
    return make(0x30, der.oid(outer), make(0xA0, body))


def sign(content, holder, *, digest="sha256", unsigned=(), **options):
    """A CAdES baseline signature over `content`."""
    attributes = list(attributes_of(content, holder, digest=digest, **options).values())
    info = signer_info(content, holder, digest=digest, attributes=attributes, unsigned=unsigned)
    return signed_data([info], [holder.certificate, *holder.chain], digests=(digest,))


def time_stamp_token(covered, authority, when, *, digest="sha256", serial=1, imprint=None, certificates=None):
    """RFC 3161 over `covered`."""
    imprint = imprint or hashlib.new(digest, covered).digest()
    info = der.sequence(der.integer(1), der.oid("1.2.3.4.1"),
                        der.sequence(algorithm(digest), der.octets(imprint)), der.integer(serial),
                        der.generalized_time(when))
    attributes = list(attributes_of(info, authority, content_type=TST_INFO).values())
    certificates = [authority.certificate, *authority.chain] if certificates is None else certificates
    return signed_data([signer_info(info, authority, attributes=attributes)], certificates, content_type=TST_INFO,
                       content=info)


def sign_with_time_stamp(content, holder, authority, when, *, token_over=None, **options):
    """B-T: the token is over the signature value (`token_over`: over something else)."""
    attributes = list(attributes_of(content, holder, **options).values())
    raw = pki.raw_signature(holder.key, der.tlv(0x31, b"".join(sorted(attributes))))
    token = time_stamp_token(token_over or raw, authority, when)
    info = signer_info(content, holder, attributes=attributes, signature=raw,
                       unsigned=[attribute(TIME_STAMP, token)])
    return signed_data([info], [holder.certificate, *holder.chain])
