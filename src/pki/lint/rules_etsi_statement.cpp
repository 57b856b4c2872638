#include <algorithm>

#include "crypto/der.h"
#include "pki/lint/etsi_scope.h"

// QCStatements: EN 319 412-5.
namespace kyso::pki::lint {
namespace {

namespace der = crypto::der;

bool has_any_statement(const Case& c) {
  return std::ranges::any_of(c.statements, [](const StatementView& s) { return oids::kQcs.is_above(s.oid); });
}

struct PdsLocation {
  Element url, language;
};
struct Limit {
  Element currency;
  std::optional<std::int64_t> amount, exponent;
};

// SEQUENCE OF SEQUENCE { url IA5String, language PrintableString (SIZE(2)) }. nullopt: malformed.
std::optional<std::vector<PdsLocation>> read_pds(const StatementView& statement) {
  std::vector<PdsLocation> out;
  if (!statement.info || statement.info->tag != der::kSequence) return std::nullopt;
  Cursor list(statement.info->content);
  Element element;
  while (list.next(element)) {
    PdsLocation location;
    Cursor parts(element.content);
    if (element.tag != der::kSequence || !parts.expect(kIa5String, location.url) ||
        !parts.expect(kPrintableString, location.language) || !parts.ended_well())
      return std::nullopt;
    out.push_back(location);
  }
  return list.is_broken() ? std::nullopt : std::optional(out);
}

std::optional<Limit> read_limit(const StatementView& statement) {
  if (!statement.info || statement.info->tag != der::kSequence) return std::nullopt;
  Cursor parts(statement.info->content);
  Limit limit;
  Element amount, exponent;
  if (!parts.next(limit.currency) || !parts.expect(der::kInteger, amount) || !parts.expect(der::kInteger, exponent) ||
      !parts.ended_well())
    return std::nullopt;
  if (limit.currency.tag != kPrintableString && limit.currency.tag != der::kInteger) return std::nullopt;
  const auto value = der::read_integer(amount.content), power = der::read_integer(exponent.content);
  if (!value || !power) return std::nullopt;
  limit.amount = *value;
  limit.exponent = *power;
  return limit;
}

template <typename F>
Verdict for_statement(const Case& c, const Oid& oid, F judge) {
  const StatementView* statement = c.statement(oid);
  return statement == nullptr ? Verdict::silent : judge(*statement);
}
template <typename F>
Verdict for_pds(const Case& c, std::string& why, F keeps) {
  return for_statement(c, oids::kQcPds, [&](const StatementView& statement) {
    const auto locations = read_pds(statement);
    if (!locations) return Verdict::silent;
    return each(*locations, [&](const PdsLocation& location) {
      if (keeps(as_chars(location.url.content), as_chars(location.language.content))) return Verdict::passes;
      why = shown(as_chars(location.url.content));
      return Verdict::fails;
    });
  });
}
template <typename F>
Verdict for_limit(const Case& c, F keeps) {
  return for_statement(c, oids::kQcLimitValue, [&](const StatementView& statement) {
    const auto limit = read_limit(statement);
    return limit ? must(keeps(*limit)) : Verdict::silent;
  });
}

// Object identifiers of QcType; nullopt: malformed.
std::optional<std::vector<ByteView>> read_types(const StatementView& statement) {
  if (!statement.info || statement.info->tag != der::kSequence) return std::nullopt;
  Cursor list(statement.info->content);
  Element type;
  std::vector<ByteView> out;
  while (list.next(type)) {
    if (type.tag != der::kOid || !der::read_oid(type.content)) return std::nullopt;
    out.push_back(type.content);
  }
  return list.is_broken() ? std::nullopt : std::optional(out);
}
bool is_type(ByteView oid) {
  return oid == oids::kQcTypeEsign || oid == oids::kQcTypeEseal || oid == oids::kQcTypeWeb;
}
Verdict types_are_known(const Case& c, std::string& why) {
  return for_statement(c, oids::kQcType, [&](const StatementView& statement) {
    const auto types = read_types(statement);
    if (!types || types->empty()) return Verdict::fails;
    return each(*types, [&](ByteView type) {
      if (is_type(type)) return Verdict::passes;
      why = der::read_oid(type).value_or("");
      return Verdict::fails;
    });
  });
}
Verdict has_type_for(const Case& c, bool is_asked, std::initializer_list<const Oid*> wanted) {
  if (!is_asked) return Verdict::silent;
  return for_statement(c, oids::kQcType, [&](const StatementView& statement) {
    const auto types = read_types(statement);
    if (!types) return Verdict::fails;
    return must(std::ranges::any_of(*types, [&](ByteView type) {
      return std::ranges::any_of(wanted, [&](const Oid* oid) { return type == *oid; });
    }));
  });
}

// The QcType that a policy of EN 319 411-2 goes with.
Verdict type_fits_policy(const Case& c, std::string&) {
  const std::vector<ByteView> types = qc_types(c);
  if (types.empty()) return Verdict::silent;
  const auto has = [&](const Oid& oid) {
    return std::ranges::any_of(types, [&](ByteView type) { return type == oid; });
  };
  Verdict verdict = Verdict::silent;
  const auto demand = [&](bool is_asked, const Oid& type) {
    if (is_asked) verdict = std::max(verdict, must(has(type)));
  };
  demand(c.has_policy(oids::kQcpNatural) || c.has_policy(oids::kQcpNaturalQscd), oids::kQcTypeEsign);
  demand(c.has_policy(oids::kQcpLegal) || c.has_policy(oids::kQcpLegalQscd), oids::kQcTypeEseal);
  demand(c.has_policy(oids::kQcpWeb) || c.has_policy(oids::kQncpWeb) || c.has_policy(oids::kQncpWebGeneric),
         oids::kQcTypeWeb);
  return verdict;
}

Verdict no_repeated_statements(const Case& c, std::string& why) {
  if (!c.is_readable(Ext::qc_statements)) return Verdict::silent;
  std::vector<ByteView> own_statements;
  for (const StatementView& statement : c.statements)
    if (oids::kQcs.is_above(statement.oid)) own_statements.push_back(statement.oid);
  std::ranges::sort(own_statements, [](ByteView a, ByteView b) { return std::ranges::lexicographical_compare(a, b); });
  const auto twice =
      std::ranges::adjacent_find(own_statements, [](ByteView a, ByteView b) { return std::ranges::equal(a, b); });
  if (twice != own_statements.end()) why = der::read_oid(*twice).value_or("");
  return must(twice == own_statements.end());
}

// SEQUENCE OF PrintableString (SIZE(2)).
Verdict for_legislation(const Case& c, std::string& why, bool countries) {
  return for_statement(c, oids::kQcLegislation, [&](const StatementView& statement) {
    if (!statement.info || statement.info->tag != der::kSequence) return countries ? Verdict::silent : Verdict::fails;
    Cursor list(statement.info->content);
    Element country;
    bool any = false;
    while (list.next(country)) {
      any = true;
      if (!countries && country.tag != kPrintableString) return Verdict::fails;
      if (!countries || is_country(as_chars(country.content))) continue;
      why = shown(as_chars(country.content));
      return Verdict::fails;
    }
    return must((any && !list.is_broken()) || countries);
  });
}

template <typename F>
Verdict bare(const Case& c, F oid) {
  return for_statement(c, oid(), [](const StatementView& statement) { return must(!statement.info); });
}

constexpr Instant kPart5 = day(2017, 11, 1);

constexpr Entry kRules[] = {
    etsi(
        "e_qc_statements_critical", "EN 319 412-5 QCS-4.1-02", "qcStatements with statements of ETSI is not critical",
        [](const Case& c, std::string&) {
          return has_any_statement(c) ? must(!c.find(Ext::qc_statements)->is_critical) : Verdict::silent;
        },
        kPart5),
    etsi("e_qc_statements_empty", "RFC 3739 3.2.6", "qcStatements has at least one statement",
         [](const Case& c, std::string&) {
           return c.is_readable(Ext::qc_statements) ? must(!c.statements.empty()) : Verdict::silent;
         }),
    etsi("e_qc_statement_repeated", "EN 319 412-5 QCS-4.1", "No statement of ETSI stands twice",
         &no_repeated_statements, day(2026, 5, 1)),
    etsi(
        "e_qc_type_as_statement", "EN 319 412-5 GEN-4.2.3",
        "The types of certificates stand in QcType, not as statements",
        [](const Case& c, std::string&) {
          if (!c.has(Ext::qc_statements)) return Verdict::silent;
          return must(std::ranges::none_of(c.statements, [](const StatementView& s) { return is_type(s.oid); }));
        },
        kPart5),
    etsi(
        "e_qc_compliance_absent", "EN 319 412-5 QCS-5-01", "Statements of ETSI include QcCompliance",
        [](const Case& c, std::string&) {
          return has_any_statement(c) ? must(c.statement(oids::kQcCompliance) != nullptr) : Verdict::silent;
        },
        kPart5),
    etsi("w_qc_type_absent", "EN 319 412-5 QCS-5-01", "A certificate with QcCompliance says its type",
         [](const Case& c, std::string&) {
           return c.statement(oids::kQcCompliance) != nullptr ? must(c.statement(oids::kQcType) != nullptr)
                                                              : Verdict::silent;
         }),
    etsi("w_qc_pds_absent", "EN 319 412-5 QCS-5-01", "A certificate with QcCompliance names its disclosure statement",
         [](const Case& c, std::string&) {
           return c.statement(oids::kQcCompliance) != nullptr ? must(c.statement(oids::kQcPds) != nullptr)
                                                              : Verdict::silent;
         }),
    etsi(
        "e_qc_compliance_info", "EN 319 412-5 GEN-4.2.1", "QcCompliance has no further information",
        [](const Case& c, std::string&) { return bare(c, [] { return oids::kQcCompliance; }); }, kPart5),
    etsi(
        "e_qc_sscd_info", "EN 319 412-5 GEN-4.2.2", "QcSSCD has no further information",
        [](const Case& c, std::string&) { return bare(c, [] { return oids::kQcSscd; }); }, kPart5),
    etsi("e_qc_sscd_without_device", "EN 319 411-2 5.3",
         "QcSSCD goes with a policy that demands a device, and such a policy with QcSSCD",
         [](const Case& c, std::string&) {
           const bool with_device = c.has_policy(oids::kQcpNaturalQscd) || c.has_policy(oids::kQcpLegalQscd);
           const bool without = c.has_policy(oids::kQcpNatural) || c.has_policy(oids::kQcpLegal);
           if (with_device == without) return Verdict::silent;
           return must((c.statement(oids::kQcSscd) != nullptr) == with_device);
         }),

    etsi(
        "e_qc_limit_malformed", "EN 319 412-5 GEN-4.3.2", "QcLimitValue is a currency, an amount and an exponent",
        [](const Case& c, std::string&) {
          return for_statement(c, oids::kQcLimitValue, [](const StatementView& s) {
            const auto limit = read_limit(s);
            if (!limit || *limit->amount < 0) return Verdict::fails;
            if (limit->currency.tag == der::kInteger) {
              const auto code = der::read_integer(limit->currency.content);
              return must(code && *code >= 1 && *code <= 999);
            }
            const std::string_view code = as_chars(limit->currency.content);
            const auto is_letter = [](char x) { return (x >= 'A' && x <= 'Z') || (x >= 'a' && x <= 'z'); };
            return must(code.size() == 3 && std::ranges::all_of(code, is_letter));
          });
        },
        kPart5),
    etsi("e_qc_limit_currency", "EN 319 412-5 GEN-4.3.2", "The currency of QcLimitValue exists",
         [](const Case& c, std::string& why) {
           return for_limit(c, [&](const Limit& limit) {
             const std::string_view code = as_chars(limit.currency.content);
             if (limit.currency.tag == der::kInteger || is_currency(code)) return true;
             why = shown(code);
             return false;
           });
         }),
    etsi("w_qc_limit_currency_number", "EN 319 412-5 GEN-4.3.2", "The currency of QcLimitValue is in letters",
         [](const Case& c, std::string&) {
           return for_limit(c, [](const Limit& limit) { return limit.currency.tag == kPrintableString; });
         }),
    etsi("e_qc_limit_negative", "EN 319 412-5 GEN-4.3.2", "Amount and exponent of QcLimitValue are not negative",
         [](const Case& c, std::string&) {
           return for_limit(c, [](const Limit& limit) { return *limit.amount >= 0 && *limit.exponent >= 0; });
         }),
    etsi(
        "e_qc_retention_malformed", "EN 319 412-5 GEN-4.3.3", "QcRetentionPeriod is a number",
        [](const Case& c, std::string&) {
          return for_statement(c, oids::kQcRetention, [](const StatementView& s) {
            return must(s.info && s.info->tag == der::kInteger && der::read_integer(s.info->content).has_value());
          });
        },
        kPart5),
    etsi("e_qc_retention_not_positive", "EN 319 412-5 GEN-4.3.3", "QcRetentionPeriod is one year or more",
         [](const Case& c, std::string&) {
           return for_statement(c, oids::kQcRetention, [](const StatementView& s) {
             if (!s.info || s.info->tag != der::kInteger) return Verdict::silent;
             const auto years = der::read_integer(s.info->content);
             return years ? must(*years > 0) : Verdict::silent;
           });
         }),

    etsi(
        "e_qc_pds_malformed", "EN 319 412-5 GEN-4.3.4",
        "QcPDS is a list of addresses with languages of two letters, each once, one of them English",
        [](const Case& c, std::string&) {
          return for_statement(c, oids::kQcPds, [](const StatementView& s) {
            const auto locations = read_pds(s);
            if (!locations || locations->empty()) return Verdict::fails;
            std::vector<std::string> languages;
            for (const PdsLocation& location : *locations) {
              std::string language(as_chars(location.language.content));
              if (language.size() != 2) return Verdict::fails;
              for (char& x : language) x = static_cast<char>(x >= 'A' && x <= 'Z' ? x + 32 : x);
              languages.push_back(language);
            }
            std::ranges::sort(languages);
            const bool has_english = std::ranges::binary_search(languages, "en");
            return must(has_english && std::ranges::adjacent_find(languages) == languages.end());
          });
        },
        kPart5),
    etsi(
        "e_qc_pds_not_https", "EN 319 412-5 GEN-4.3.4", "The addresses of QcPDS begin with https",
        [](const Case& c, std::string& why) {
          return for_pds(c, why, [](std::string_view url, std::string_view) { return is_https(url); });
        },
        day(2023, 9, 1)),
    etsi(
        "w_qc_pds_language_case", "EN 319 412-5 GEN-4.3.4", "The languages of QcPDS are in small letters",
        [](const Case& c, std::string& why) {
          return for_pds(c, why, [](std::string_view, std::string_view language) {
            return std::ranges::all_of(language, [](char x) { return x >= 'a' && x <= 'z'; });
          });
        },
        kPart5),
    etsi("e_qc_pds_language_unknown", "EN 319 412-5 GEN-4.3.4; ISO 639-1", "The languages of QcPDS exist",
         [](const Case& c, std::string& why) {
           return for_pds(c, why, [](std::string_view, std::string_view language) {
             std::string lower(language);
             for (char& x : lower) x = static_cast<char>(x >= 'A' && x <= 'Z' ? x + 32 : x);
             return is_language(lower);
           });
         }),
    etsi("e_qc_pds_uri_syntax", "EN 319 412-5 GEN-4.3.4; RFC 3986", "The addresses of QcPDS are URIs",
         [](const Case& c, std::string& why) {
           return for_pds(c, why, [](std::string_view url, std::string_view) { return read_uri(url).is_well_formed; });
         }),

    etsi("e_qc_type_unknown", "EN 319 412-5 GEN-4.2.3", "QcType names types of EN 319 412-5 only, at least one",
         &types_are_known, kPart5),
    etsi(
        "e_qc_type_several", "EN 319 412-5 GEN-4.2.3", "QcType names exactly one type",
        [](const Case& c, std::string&) {
          return for_statement(c, oids::kQcType, [](const StatementView& s) {
            const auto types = read_types(s);
            return must(types && types->size() == 1 && is_type(types->front()));
          });
        },
        day(2023, 7, 1)),
    etsi(
        "e_qc_type_not_web", "EN 319 412-5 GEN-4.2.3; EN 319 412-4",
        "A certificate for serverAuth has the type of web sites",
        [](const Case& c, std::string&) {
          return has_type_for(c, c.has_usage(oids::kServerAuth), {&oids::kQcTypeWeb});
        },
        kPart5),
    etsi("w_qc_type_of_mail", "EN 319 412-5 GEN-4.2.3",
         "A certificate for emailProtection has the type of signatures or seals",
         [](const Case& c, std::string&) {
           return has_type_for(c, c.has_usage(oids::kEmailProtection), {&oids::kQcTypeEsign, &oids::kQcTypeEseal});
         }),
    etsi("e_qc_type_policy", "EN 319 412-5 GEN-4.2.3; EN 319 411-2 5.3", "QcType is that of the policy",
         &type_fits_policy),
    etsi("e_qc_legislation_malformed", "EN 319 412-5 GEN-4.2.4", "QcCClegislation is a list of countries, not empty",
         [](const Case& c, std::string& why) { return for_legislation(c, why, false); }),
    etsi("e_qc_legislation_country", "EN 319 412-5 GEN-4.2.4", "The countries of QcCClegislation exist",
         [](const Case& c, std::string& why) { return for_legislation(c, why, true); }),
    etsi("w_qc_statement_unknown", "EN 319 412-5 4", "A statement under id-etsi-qcs is one of EN 319 412-5",
         [](const Case& c, std::string& why) {
           return each(c.statements, [&](const StatementView& s) {
             if (!oids::kQcs.is_above(s.oid)) return Verdict::silent;
             const std::uint8_t last = s.oid[oids::kQcs.size];
             if (s.oid.size() == oids::kQcs.size + 1 ? last >= 1 && last <= 9 : is_type(s.oid)) return Verdict::passes;
             why = der::read_oid(s.oid).value_or("");
             return Verdict::fails;
           });
         }),
};

}  // namespace

std::span<const Entry> etsi_statement_rules() {
  return kRules;
}

}  // namespace kyso::pki::lint
