"""What pyHanko's validation of long-term signatures (EN 319 102-1 section 5.6) concludes from the file alone."""
import asyncio
import dataclasses
import datetime

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko.sign.validation.ades import ades_lta_validation, simulate_future_ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge, PdfSignatureValidationSpec, RevinfoOnlineFetchingRule, RevocationInfoGatheringSpec,
    SignatureValidationSpec)
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from validate_pyhanko import load_certificates


@dataclasses.dataclass
class LongTerm:
    field: str
    now: str           # sub-indication, "OK" when passed
    in_ten_years: str  # the same, supposing that the archive time-stamps are renewed until then
    best_time: datetime.datetime
    problem: str


def specification(root):
    revocation = CertRevTrustPolicy(REQUIRE_REVINFO)
    policy = CertValidationPolicySpec(SimpleTrustManager.build(trust_roots=load_certificates(root)), revocation)
    offline = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)
    usage = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"}, match_all_key_usages=False)
    return PdfSignatureValidationSpec(SignatureValidationSpec(policy, offline, policy, local_knowledge=LocalKnowledge(),
                                                              key_usage_settings=usage))


def validate_long_term(path, root, password=""):
    """One LongTerm per signature."""
    results = []
    with open(path, "rb") as file:
        reader = PdfFileReader(file, strict=True)
        if reader.encrypted:
            reader.decrypt(password.encode())
        for signature in reader.embedded_regular_signatures:
            result = asyncio.run(ades_lta_validation(signature, specification(root)))
            now = datetime.datetime.now(datetime.timezone.utc)
            future = asyncio.run(simulate_future_ades_lta_validation(
                signature, specification(root), now + datetime.timedelta(days=3650), now))
            results.append(LongTerm(signature.field_name, result.ades_subindic.name, future.ades_subindic.name,
                                    result.best_signature_time, str(result.failure_msg)))
    return results


def read_store(path, password=""):
    """The DSS as pyHanko reads it: numbers of certificates, OCSP answers, CRLs, and the keys of the VRI."""
    with open(path, "rb") as file:
        reader = PdfFileReader(file, strict=True)
        if reader.encrypted:
            reader.decrypt(password.encode())
        store = DocumentSecurityStore.read_dss(reader)
        return len(list(store.load_certs())), len(store.ocsps), len(store.crls), set(store.vri_entries)
