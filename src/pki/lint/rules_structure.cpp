#include "crypto/der.h"
#include "pki/lint/rule_table.h"

// The certificate as a whole: RFC 5280 sections 4.1.1, 4.1.2.1, 4.1.2.2, 4.1.2.5 and 4.1.2.8.
namespace kyso::pki::lint {
namespace {

namespace der = crypto::der;

bool is_minimal(ByteView integer) {
  return integer.size() == 1 || !((integer[0] == 0 && integer[1] < 0x80) || (integer[0] == 0xff && integer[1] >= 0x80));
}

// Calls `keeps` for the times of this type.
template <typename F>
Verdict for_times(const Case& c, std::uint8_t tag, std::string& why, F keeps) {
  Verdict verdict = Verdict::silent;
  for (const TimeView* time : {&c.not_before, &c.not_after}) {
    if (time->tag != tag) continue;
    verdict = Verdict::passes;
    if (keeps(*time)) continue;
    why = shown(time->text);
    return Verdict::fails;
  }
  return verdict;
}

Verdict both_times_have_a_type(const Case& c, std::string&) {
  const auto fits = [](const TimeView& time) { return time.tag == der::kUtcTime || time.tag == der::kGeneralizedTime; };
  return must(fits(c.not_before) && fits(c.not_after));
}

// Sections 4.1.2.5.1 and 4.1.2.5.2: YYMMDDHHMMSSZ, YYYYMMDDHHMMSSZ.
template <std::size_t kShort, std::size_t kLong>
Verdict times_have_lengths(const Case& c, std::string& why) {
  const Verdict utc = for_times(c, der::kUtcTime, why, [](const TimeView& time) { return time.text.size() == kShort; });
  if (utc == Verdict::fails) return utc;
  const Verdict general =
      for_times(c, der::kGeneralizedTime, why, [](const TimeView& time) { return time.text.size() == kLong; });
  return std::max(utc, general);
}

// 2050 begins the time that must be written as GeneralizedTime.
constexpr Instant k2050 = day(2050, 1, 1);

constexpr Entry kRules[] = {
    rfc("e_certificate_malformed", "RFC 5280 4.1", "The bytes are a certificate in DER",
        [](const Case&, std::string&) { return Verdict::passes; }),
    rfc("e_certificate_trailing_bytes", "RFC 5280 4.1", "Nothing follows the certificate",
        [](const Case& c, std::string&) { return must(!c.has_trailing_bytes); }),
    rfc("e_tbs_unknown_field", "RFC 5280 4.1", "The part to be signed ends with the extensions",
        [](const Case& c, std::string&) { return must(!c.has_tbs_trailing); }),
    rfc("e_version_unknown", "RFC 5280 4.1.2.1", "The version is 1, 2 or 3",
        [](const Case& c, std::string&) { return must(c.version.has_value()); }),
    rfc("e_version_default_encoded", "RFC 5280 4.1; X.690 11.5", "Version 1, the default, is not written out",
        [](const Case& c, std::string&) { return must(!c.has_explicit_v1); }),
    rfc(
        "e_version_not_3_with_extensions", "RFC 5280 4.1.2.9", "Extensions stand in version 3 only",
        [](const Case& c, std::string&) { return c.has_extensions ? must(c.version == 3) : Verdict::silent; },
        kRfc2459),
    rfc("e_version_not_3", "RFC 5280 4.1.2.1", "A certificate of today has version 3",
        [](const Case& c, std::string&) { return must(c.version == 3); }),
    rfc("e_extensions_absent", "RFC 5280 4.2", "A certificate carries the extensions that this profile demands",
        [](const Case& c, std::string&) { return c.version == 3 ? must(c.has_extensions) : Verdict::silent; }),
    rfc("e_extensions_empty", "RFC 5280 4.1.2.9", "The list of extensions has at least one",
        [](const Case& c, std::string&) {
          return c.has_extensions && !c.are_extensions_malformed ? must(!c.are_extensions_empty) : Verdict::silent;
        }),
    rfc("e_extensions_malformed", "RFC 5280 4.1", "The extensions are a sequence of Extension in DER",
        [](const Case& c, std::string&) {
          return c.has_extensions ? must(!c.are_extensions_malformed) : Verdict::silent;
        }),
    rfc(
        "e_unique_identifier_present", "RFC 5280 4.1.2.8", "There are no unique identifiers",
        [](const Case& c, std::string&) { return must(!c.issuer_unique_id && !c.subject_unique_id); }, kRfc5280),
    rfc(
        "e_unique_identifier_in_version_1", "RFC 5280 4.1.2.8", "Unique identifiers stand in version 2 or 3 only",
        [](const Case& c, std::string&) {
          return c.issuer_unique_id || c.subject_unique_id ? must(c.version != 1) : Verdict::silent;
        },
        kRfc5280),
    rfc("e_unique_identifier_malformed", "RFC 5280 4.1", "A unique identifier is a BIT STRING",
        [](const Case& c, std::string&) {
          const auto fits = [](const std::optional<Element>& e) {
            return !e || (!e->content.empty() && e->content[0] < 8);
          };
          if (!c.issuer_unique_id && !c.subject_unique_id) return Verdict::silent;
          return must(fits(c.issuer_unique_id) && fits(c.subject_unique_id));
        }),
    rfc("e_serial_not_minimal", "RFC 5280 4.1.2.2; X.690 8.3.2", "The serial number is encoded with the fewest octets",
        [](const Case& c, std::string&) { return must(is_minimal(c.serial)); }),
    rfc(
        "e_serial_not_positive", "RFC 5280 4.1.2.2", "The serial number is positive",
        [](const Case& c, std::string&) {
          const bool is_zero = std::ranges::all_of(c.serial, [](std::uint8_t octet) { return octet == 0; });
          return must(c.serial[0] < 0x80 && !is_zero);
        },
        kRfc3280),
    rfc(
        "e_serial_too_long", "RFC 5280 4.1.2.2", "The serial number has at most 20 octets",
        [](const Case& c, std::string& why) {
          why = c.serial.size() > 20 ? fmt::format("{} octets", c.serial.size()) : "";
          return must(c.serial.size() <= 20);
        },
        kRfc3280),
    rfc("e_signature_unused_bits", "RFC 5280 4.1.1.3", "The signature value has whole octets",
        [](const Case& c, std::string&) { return must(c.signature_unused_bits == 0); }),
    rfc("e_signature_empty", "RFC 5280 4.1.1.3", "There is a signature value",
        [](const Case& c, std::string&) { return must(!c.signature.empty()); }),
    rfc("e_validity_malformed", "RFC 5280 4.1.2.5", "The validity is a sequence of two times that exist",
        [](const Case& c, std::string& why) {
          if (c.is_validity_malformed) why = shown(c.not_before.instant ? c.not_after.text : c.not_before.text);
          return must(!c.is_validity_malformed);
        }),
    rfc("e_validity_time_type", "RFC 5280 4.1.2.5", "A time is UTCTime or GeneralizedTime", &both_times_have_a_type),
    rfc("e_validity_time_length", "RFC 5280 4.1.2.5.1, 4.1.2.5.2", "A time is written YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ",
        &times_have_lengths<13, 15>),
    rfc(
        "e_utc_time_without_seconds", "RFC 5280 4.1.2.5.1", "UTCTime has seconds",
        [](const Case& c, std::string& why) {
          return for_times(c, der::kUtcTime, why, [](const TimeView& time) { return time.has_seconds; });
        },
        kRfc2459),
    rfc(
        "e_utc_time_not_zulu", "RFC 5280 4.1.2.5.1", "UTCTime ends with Z",
        [](const Case& c, std::string& why) {
          return for_times(c, der::kUtcTime, why, [](const TimeView& time) { return time.is_zulu; });
        },
        kRfc2459),
    rfc(
        "e_generalized_time_without_seconds", "RFC 5280 4.1.2.5.2", "GeneralizedTime has seconds",
        [](const Case& c, std::string& why) {
          return for_times(c, der::kGeneralizedTime, why, [](const TimeView& time) { return time.has_seconds; });
        },
        kRfc2459),
    rfc(
        "e_generalized_time_fraction", "RFC 5280 4.1.2.5.2", "GeneralizedTime has no fractions of a second",
        [](const Case& c, std::string& why) {
          return for_times(c, der::kGeneralizedTime, why, [](const TimeView& time) { return !time.has_fraction; });
        },
        kRfc2459),
    rfc(
        "e_generalized_time_not_zulu", "RFC 5280 4.1.2.5.2", "GeneralizedTime ends with Z",
        [](const Case& c, std::string& why) {
          return for_times(c, der::kGeneralizedTime, why, [](const TimeView& time) { return time.is_zulu; });
        },
        kRfc2459),
    rfc(
        "e_generalized_time_before_2050", "RFC 5280 4.1.2.5", "A time before 2050 is a UTCTime",
        [](const Case& c, std::string& why) {
          if (c.is_validity_malformed) return Verdict::silent;
          const Verdict verdict =
              for_times(c, der::kGeneralizedTime, why, [](const TimeView& time) { return *time.instant >= k2050; });
          return std::max(verdict, Verdict::passes);
        },
        kRfc2459),
    rfc("e_utc_time_after_2049", "RFC 5280 4.1.2.5",
        "A time from 2050 on is a GeneralizedTime: the end isn't before the start by a century",
        [](const Case& c, std::string& why) {
          if (c.is_validity_malformed || c.not_after.tag != der::kUtcTime) return Verdict::silent;
          // 50 in UTCTime is 1950: an end so far in the past was meant to be after 2049.
          const bool is_wrapped = *c.not_after.instant < day(1970, 1, 1) && *c.not_before.instant >= day(1970, 1, 1);
          if (is_wrapped) why = shown(c.not_after.text);
          return must(!is_wrapped);
        }),
    rfc("e_validity_not_positive", "RFC 5280 4.1.2.5", "The end of validity is not before its start",
        [](const Case& c, std::string& why) {
          if (c.is_validity_malformed) return Verdict::silent;
          if (*c.not_after.instant < *c.not_before.instant)
            why = fmt::format("{} to {}", shown(c.not_before.text), shown(c.not_after.text));
          return must(*c.not_after.instant >= *c.not_before.instant);
        }),
    rfc("n_validity_without_end", "RFC 5280 4.1.2.5",
        "The certificate has an end (99991231235959Z means none is known)",
        [](const Case& c, std::string&) { return must(c.not_after.text != "99991231235959Z"); }),
    rfc("e_private_key_period_malformed", "RFC 3280 4.2.1.4",
        "The private key usage period has GeneralizedTimes of the right length",
        [](const Case& c, std::string&) {
          if (!c.is_readable(Ext::private_key_period)) return Verdict::silent;
          const auto fits = [](const std::optional<Element>& e) {
            if (!e) return true;
            const TimeView time = read_time({der::kGeneralizedTime, e->content, e->whole});
            return time.instant && time.text.size() == 15 && time.is_zulu;
          };
          return must(fits(c.private_from) && fits(c.private_until) && (c.private_from || c.private_until));
        }),
};

}  // namespace

std::span<const Entry> structure_rules() {
  return kRules;
}

}  // namespace kyso::pki::lint
