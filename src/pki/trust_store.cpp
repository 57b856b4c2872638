#include "pki/trust_store.h"

#include <algorithm>
#include <map>

#include "base/config.h"
#include "base/file.h"
#include "pki/certificate_bag.h"

namespace kyso::pki {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFile = 16U << 20U;

Error unreadable(const fs::path& path, std::string_view reason) {
  return fail("pki.trust.unreadable", "{}: {}", path.string(), reason)
      .with("path", path.string())
      .with("reason", reason);
}

bool holds_certificates(const fs::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  constexpr std::array<std::string_view, 7> kExtensions{".crt", ".cer", ".pem", ".der", ".p7b", ".p7c", ".p7"};
  return std::ranges::find(kExtensions, extension) != kExtensions.end();
}

Result<std::vector<ParsedCertificate>> load_certificates(const fs::path& path) {
  const auto bytes = read_file(path, kMaxFile);
  if (!bytes) return unreadable(path, bytes.error().code);
  auto certificates = read_certificate_bag(*bytes);
  if (!certificates) return unreadable(path, certificates.error().code);
  return certificates;
}

// What trust.toml says about one file.
struct Entry {
  std::optional<bool> is_anchor;
  TrustAnchor anchor;
};
using Entries = std::map<std::string, Entry>;

Result<RevocationDuty> read_duty(const TomlReader& toml, const std::string& key, RevocationDuty fallback) {
  const auto text = KYSO_TRY(toml.get_string(key));
  if (!text) return fallback;
  if (*text == "required") return RevocationDuty::required;
  if (*text == "if-published" || *text == "if_published") return RevocationDuty::if_published;
  return toml.invalid(key, fmt::format("{} (required, if-published)", *text));
}

Result<std::optional<Instant>> read_instant(const TomlReader& toml, const std::string& key) {
  const auto text = KYSO_TRY(toml.get_string(key));
  if (!text) return std::optional<Instant>();
  const auto time = parse_time(*text);
  if (!time) return toml.invalid(key, *text);
  return std::optional<Instant>(*time);
}

Result<std::optional<bool>> read_role(const TomlReader& toml, const std::string& key) {
  const auto role = KYSO_TRY(toml.get_string(key));
  if (!role) return std::optional<bool>();
  if (*role != "anchor" && *role != "intermediate") return toml.invalid(key, *role + " (anchor, intermediate)");
  return std::optional<bool>(*role == "anchor");
}

// The certificate of the anchor is put in when the file is read.
Result<Entry> read_entry(const TomlReader& toml, const std::string& prefix, const AnchorDefaults& defaults,
                         const ParsedCertificate& placeholder) {
  Entry entry{KYSO_TRY(read_role(toml, prefix + "role")), {.certificate = placeholder}};
  TrustAnchor& anchor = entry.anchor;
  anchor.name = KYSO_TRY(toml.get_string(prefix + "name")).value_or("");
  anchor.group = KYSO_TRY(toml.get_string(prefix + "group")).value_or(defaults.group);
  anchor.reason = KYSO_TRY(toml.get_string(prefix + "reason")).value_or(defaults.reason);
  anchor.added = KYSO_TRY(read_instant(toml, prefix + "added"));
  anchor.trusted_from = KYSO_TRY(read_instant(toml, prefix + "trusted_from"));
  anchor.trusted_until = KYSO_TRY(read_instant(toml, prefix + "trusted_until"));
  anchor.revocation = KYSO_TRY(read_duty(toml, prefix + "revocation", defaults.revocation));
  return entry;
}

TrustAnchor make_anchor(const ParsedCertificate& certificate, const AnchorDefaults& defaults) {
  return {.certificate = certificate,
          .group = defaults.group,
          .reason = defaults.reason,
          .revocation = defaults.revocation};
}

std::vector<fs::path> list_files(const fs::path& folder, std::error_code& failed) {
  std::vector<fs::path> out;
  for (fs::directory_iterator each(folder, failed), end; !failed && each != end; each.increment(failed)) {
    std::error_code ignored;
    if (each->is_regular_file(ignored) && holds_certificates(each->path())) out.push_back(each->path());
  }
  std::ranges::sort(out);
  return out;
}

}  // namespace

void TrustStore::add(TrustAnchor anchor) {
  if (anchor.name.empty()) anchor.name = anchor.certificate.certificate().common_name();
  if (anchor.name.empty()) anchor.name = anchor.certificate.certificate().subject_text();
  const auto same = std::ranges::find(m_anchors, anchor.certificate, &TrustAnchor::certificate);
  if (same == m_anchors.end()) {
    m_anchors.push_back(std::move(anchor));
  } else {
    *same = std::move(anchor);
  }
}

void TrustStore::add_intermediate(ParsedCertificate certificate) {
  if (std::ranges::find(m_intermediates, certificate) == m_intermediates.end())
    m_intermediates.push_back(std::move(certificate));
}

bool TrustStore::remove(ByteView sha256) {
  const auto is_it = [&](const ParsedCertificate& certificate) {
    return std::ranges::equal(certificate.sha256(), sha256);
  };
  const auto anchors = std::erase_if(m_anchors, [&](const TrustAnchor& each) { return is_it(each.certificate); });
  return anchors + std::erase_if(m_intermediates, is_it) > 0;
}

const TrustAnchor* TrustStore::find(ByteView sha256) const {
  for (const TrustAnchor& anchor : m_anchors)
    if (std::ranges::equal(anchor.certificate.sha256(), sha256)) return &anchor;
  return nullptr;
}

Result<> TrustStore::load_folder(const fs::path& folder, const AnchorDefaults& defaults) {
  std::error_code failed;
  const std::vector<fs::path> files = list_files(folder, failed);
  if (failed) return unreadable(folder, failed.message());
  // Keys, requests and CRLs often lie in the same folder: a file without a certificate matters only when the list names
  // it.
  std::map<std::string, std::vector<ParsedCertificate>> contents;
  std::map<std::string, Error> unread;
  for (const fs::path& file : files) {
    auto certificates = load_certificates(file);
    const std::string extension = file.extension().string();
    const bool may_be_anything = extension == ".pem" || extension == ".der";
    if (certificates)
      contents.emplace(file.filename().string(), *std::move(certificates));
    else if (!may_be_anything)
      return std::move(certificates).error();
    else
      unread.emplace(file.filename().string(), std::move(certificates).error());
  }

  Entries entries;
  if (const fs::path list = folder / "trust.toml"; fs::exists(list, failed)) {
    const TomlReader toml = KYSO_TRY(TomlReader::load(list));
    for (std::size_t i = 0; i < toml.count("certificate"); ++i) {
      const std::string prefix = fmt::format("certificate[{}].", i);
      const std::string file = KYSO_TRY(toml.require_string(prefix + "file"));
      const auto content = contents.find(file);
      if (const auto failure = unread.find(file); failure != unread.end()) return failure->second;
      if (content == contents.end()) return unreadable(folder / file, "base.file.missing");
      entries.insert_or_assign(file, KYSO_TRY(read_entry(toml, prefix, defaults, content->second.front())));
    }
    KYSO_TRY(toml.refuse_unknown_keys());
  }
  for (const auto& [file, certificates] : contents) {
    const auto entry = entries.find(file);
    for (const ParsedCertificate& certificate : certificates) {
      TrustAnchor anchor = entry == entries.end() ? make_anchor(certificate, defaults) : entry->second.anchor;
      anchor.certificate = certificate;
      const bool said = entry != entries.end() && entry->second.is_anchor.has_value();
      if (said ? *entry->second.is_anchor : certificate.is_self_issued()) {
        add(std::move(anchor));
      } else {
        add_intermediate(certificate);
      }
    }
  }
  return {};
}

Result<> TrustStore::load_file(const fs::path& file, const AnchorDefaults& defaults) {
  const auto certificates = KYSO_TRY(load_certificates(file));
  const bool has_root = std::ranges::any_of(certificates, &ParsedCertificate::is_self_issued);
  for (std::size_t i = 0; i < certificates.size(); ++i) {
    if (has_root ? certificates[i].is_self_issued() : i == 0) {
      add(make_anchor(certificates[i], defaults));
    } else {
      add_intermediate(certificates[i]);
    }
  }
  return {};
}

}  // namespace kyso::pki
