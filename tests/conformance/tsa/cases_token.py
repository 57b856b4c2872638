"""How the token is written."""
import hashlib
import re
import subprocess
import tempfile

import der
import messages
from cases import case
from client import check
from messages import request

CMS = "RFC 5652 5.3"
TST = "RFC 3161 2.4.2"
EKU, KEY_USAGE = "2.5.29.37", "2.5.29.15"


def token_of(server):
    if not hasattr(server, "token"):
        server.token = server.grant(request(cert_req=True, nonce=1))
    return server.token


def of_token(number, level, reference, title):
    """A case about one token, which all of them share."""
    def add(body):
        def run(server):
            token = token_of(server)
            return body(token)
        return case(number, level, reference, title)(run)
    return add


@case("T-01", "MUST", "RFC 3161 2.4.2, X.690 10", "the whole answer is DER")
def all_der(server):
    raw = server.post(request(cert_req=True, nonce=3)).body
    der.read_one(raw)


@case("T-02", "MUST", TST, "granted: no failInfo")
def no_failure(server):
    check(not server.ask(request()).failures, "failInfo is there")


@of_token("T-03", "MUST", "RFC 5652 3", "ContentInfo is of type signed-data")
def content_info(token):
    check(token.content_type == messages.SIGNED_DATA, token.content_type)


@of_token("T-04", "MUST", "RFC 5652 5.1", "SignedData has version 3, for its content is not id-data")
def data_version(token):
    check(token.version == 3, str(token.version))


@of_token("T-05", "MUST", TST, "eContentType is id-ct-TSTInfo")
def content(token):
    check(token.econtent_type == messages.TST_INFO, token.econtent_type)


@of_token("T-06", "MUST", TST, "one signature, of the authority alone")
def one_signer(token):
    check(len(token.signers) == 1, str(len(token.signers)))


@of_token("T-07", "MUST", CMS, "SignerInfo has version 1 with issuer and serial number")
def signer_version(token):
    check(token.signer_version == 1, str(token.signer_version))


@of_token("T-08", "MUST", "RFC 5652 5.1", "digestAlgorithms names the signer's")
def digests(token):
    check(token.digest in token.digests, str(token.digests))


@of_token("T-09", "MUST", CMS, "the signed attributes stand in the order of DER")
def attribute_order(token):
    members = [each.whole for each in der.read_one(token.attributes_raw).members]
    check(members == sorted(members), "another order")


@of_token("T-10", "MUST", "RFC 5652 11.1", "contentType once, and equal to eContentType")
def content_type(token):
    values = token.attribute(messages.CONTENT_TYPE)
    check(len(values) == 1 and len(values[0]) == 1 and values[0][0].oid() == messages.TST_INFO, "it differs")


@of_token("T-11", "MUST", "RFC 5652 11.2", "messageDigest once, and that of TSTInfo")
def message_digest(token):
    values = token.attribute(messages.MESSAGE_DIGEST)
    check(len(values) == 1 and len(values[0]) == 1, "not once")
    expected = hashlib.new(messages.HASH_NAMES[token.digest], token.info_raw).digest()
    check(values[0][0].content == expected, "it differs")


@of_token("T-12", "MUST", "RFC 5816 2.2.1", "an ESS signing certificate names the signer's certificate")
def ess(token):
    v1, v2 = token.attribute(messages.ESS_V1), token.attribute(messages.ESS_V2)
    check(len(v1) + len(v2) >= 1, "there is none")
    certificate = token.signer_certificate().whole
    for values, default in ((v1, "sha1"), (v2, "sha256")):
        for value in values:
            first = value[0].members[0].members[0].members
            name = messages.HASH_NAMES[first[0].members[0].oid()] if first[0].tag == 0x30 else default
            found = first[1] if first[0].tag == 0x30 else first[0]
            check(found.content == hashlib.new(name, certificate).digest(), "it names another")


@of_token("T-13", "SHOULD", "RFC 5816 2.2.1, EN 319 422 5", "ESSCertIDv2 with SHA-256 or better, none with SHA-1")
def ess_v2(token):
    check(token.attribute(messages.ESS_V2) and not token.attribute(messages.ESS_V1), "ESSCertID by SHA-1")


@of_token("T-14", "MUST", "X.690 11.5", "SHA-256 in ESSCertIDv2 is the default and so not written")
def ess_default(token):
    for value in token.attribute(messages.ESS_V2):
        first = value[0].members[0].members[0].members[0]
        check(first.tag != 0x30 or first.members[0].oid() != messages.HASHES["sha256"], "it is written")


@of_token("T-15", "MUST", CMS, "every attribute stands once")
def once(token):
    names = [name for name, _ in token.attributes]
    check(len(names) == len(set(names)), str(names))


@of_token("T-16", "MUST", "EN 319 422 5.1", "the signature uses no MD5 and no SHA-1")
def strong_digest(token):
    check(messages.HASH_NAMES.get(token.digest) in ("sha256", "sha384", "sha512"), token.digest)


@of_token("T-17", "SHOULD", "RFC 3161 2.4.2", "no unsigned attributes in a fresh token")
def no_unsigned(token):
    check(not token.has_unsigned, "there are some")


@of_token("T-18", "SHOULD", "EN 319 422 5", "no CRLs in the token")
def no_crls(token):
    check(not token.has_crls, "there are some")


@of_token("T-20", "MUST", TST, "TSTInfo has version 1")
def info_version(token):
    check(token.info_version == 1, str(token.info_version))


@of_token("T-21", "MUST", TST, "genTime ends in Z, with seconds")
def time_form(token):
    check(re.fullmatch(r"\d{14}(\.\d+)?Z", token.time_text), token.time_text)


@case("T-22", "MUST", TST, "genTime's fraction has no trailing zeros (forty tokens)")
def time_fraction(server):
    for _ in range(40):
        text = server.grant(request()).time_text
        check(not re.search(r"\.\d*0Z$|\.Z$", text), text)


@of_token("T-23", "SHOULD", "EN 319 422 5.2", "accuracy is there, and one second or better")
def accuracy(token):
    check(token.accuracy and token.accuracy_seconds <= 1, str(token.accuracy))


@of_token("T-24", "MUST", TST, "millis and micros of accuracy are 1 to 999")
def accuracy_parts(token):
    for name in ("millis", "micros"):
        check(1 <= (token.accuracy or {}).get(name, 1) <= 999, str(token.accuracy))


@of_token("T-25", "MUST", "X.690 11.5", "ordering FALSE is the default and so not written")
def ordering_default(token):
    check(token.ordering is not False, "it is written")


@of_token("T-26", "SHOULD", "EN 319 422 5", "no critical extension in TSTInfo")
def no_critical(token):
    for extension in token.extensions or []:
        check(extension.members[1].tag != 0x01, extension.members[0].oid())


@of_token("T-27", "MUST", TST, "the field tsa, where it stands, is the certificate's subject")
def tsa_name(token):
    if not token.tsa:
        return "there is none"
    body = token.signer_certificate().members[0].members
    subject = body[5 if body[0].tag == 0xA0 else 4].whole
    check(der.read_one(token.tsa).expect(0xA4).content == subject, "it differs")
    return None


@of_token("T-28", "SHOULD", TST, "serial numbers are more than two octets (they shall never run out)")
def serial_room(token):
    check(token.number > 0xFFFF, str(token.number))


def extensions_of(token):
    body = token.signer_certificate().members[0].members
    found = {}
    for extension in body[-1].expect(0xA3).members[0].members:
        critical = extension.members[1].tag == 0x01 and extension.members[1].boolean()
        found[extension.members[0].oid()] = (critical, der.read_one(extension.members[-1].content))
    return found


@of_token("T-30", "MUST", "RFC 3161 2.3", "the certificate has extendedKeyUsage with timeStamping alone")
def purpose(token):
    uses = [each.oid() for each in extensions_of(token)[EKU][1].members]
    check(uses == ["1.3.6.1.5.5.7.3.8"], str(uses))


@of_token("T-31", "MUST", "RFC 3161 2.3", "extendedKeyUsage is critical")
def purpose_is_critical(token):
    check(extensions_of(token)[EKU][0], "it is not")


@of_token("T-32", "SHOULD", "EN 319 422 6, RFC 5280 4.2.1.3", "keyUsage, where it stands, is for signatures only")
def key_usage(token):
    if KEY_USAGE not in extensions_of(token):
        return "there is none"
    bits = extensions_of(token)[KEY_USAGE][1].content
    check(len(bits) == 2 and bits[1] & 0x3F == 0, bits.hex())
    return None


@of_token("T-33", "MUST", "RFC 3161 3.4, X.690 11.6", "the certificates are a SET OF in the order of DER")
def certificate_order(token):
    members = [each.whole for each in token.certificates]
    check(members == sorted(members), "another order")


@case("T-40", "MUST", "RFC 3161 2.4.2", "openssl ts verifies the token against the request and the root")
def verified(server):
    if not server.ca:
        return "no --ca"
    for body in (request(cert_req=True, nonce=9), request(cert_req=True, imprint_der=messages.imprint("sha512"))):
        with tempfile.NamedTemporaryFile() as query, tempfile.NamedTemporaryFile() as reply:
            query.write(body)
            query.flush()
            reply.write(server.post(body).body)
            reply.flush()
            command = ["openssl", "ts", "-verify", "-queryfile", query.name, "-in", reply.name, "-CAfile", server.ca]
            if server.untrusted:
                command += ["-untrusted", server.untrusted]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            check(done.returncode == 0, (done.stdout + done.stderr).strip()[-300:])
    return None
