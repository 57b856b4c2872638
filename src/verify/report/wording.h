#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "base/error_text.h"
#include "verify/judge/judge.h"

// Private to the module: words that summaries, details and reports share.
namespace kyso::verify {

// Chooses by language.
inline std::string_view in(Language language, std::string_view vietnamese, std::string_view english) {
  return language == Language::vietnamese ? vietnamese : english;
}

// Text from a document or a certificate, made safe to stand among our words: valid UTF-8, NFC, control and bidi control
// characters (which could turn the order of a sentence around) as U+FFFD or blanks, cut at `limit` characters.
std::string safe_text(std::string_view text, std::size_t limit = 400);

// "ngày 06/09/2026 16:01:42 +07:00" without the word; the same digits in both languages.
std::string time_text(Instant time);

// Lets a sentence stand after a colon: its first letter small, unless the first word is a name or an abbreviation.
std::string after_colon(std::string_view sentence);

// "Tài liệu …" -> with a full stop at the end, once.
std::string with_stop(std::string sentence);

std::string_view words_of(Indication indication, Language language);  // "Hợp lệ", "Không hợp lệ", "Chưa kết luận được"
std::string_view words_of(SubIndication sub_indication, Language language);  // a short clause; empty for none
std::string_view words_of(Severity severity, Language language);
std::string_view words_of(ChangeKind kind, Language language);  // "Điền biểu mẫu"
std::string_view words_of(SubjectKind kind, Language language);
std::string_view words_of(Covering covering, Language language);

// The common name, else organisation, else whole subject of a certificate; "" when there is nothing.
std::string display_name(const crypto::Certificate& certificate);
// Of a signature: the signer's name, else the claimed name in quotes, else the field.
std::string signer_name(const SignatureFacts& facts, const SignatureVerdict& verdict, Language language);

// One word per certificate: "good", "revoked", "not_checked", "anchor", "unknown".
std::string_view status_id(const CertificateVerdict& certificate, bool is_anchor);
std::string_view words_of_status(std::string_view status_id, Language language);

// Every certificate that needs a status was checked. An anchor (the last, self-issued) needs none.
bool is_status_checked(const std::vector<CertificateVerdict>& chain);
// Nothing was checked because there was nothing to ask: no certificate without status names a CRL or an OCSP service.
bool is_status_unpublished(const std::vector<CertificateVerdict>& chain);
// The last certificate of the chain is the anchor's.
bool ends_with_anchor(const SignatureVerdict& verdict);

// The facts of a verdict, or nullptr when the index leads nowhere.
const SignatureFacts* facts_of(const DocumentFacts& facts, const SignatureVerdict& verdict);

// Somebody signed again as the document provides for; nothing else.
bool is_signing(ChangeKind kind);

// "máy chủ cấp dấu thời gian “X”", without saying it twice where the name begins so.
std::string time_stamp_server(const std::string& name, Language language);

// By change kind: "none", "lta", "form", "annotations", "other"; the highest of the changes after a signature.
std::string_view modification_level(ChangeKind kind);
std::string_view modification_level(const DocumentFacts& facts, const SignatureVerdict& verdict);

// A finding as a change tells it, for explain(): its code with page, field, old and new value.
Finding finding_of(const Change& change);

}  // namespace kyso::verify
