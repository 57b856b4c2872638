#include <algorithm>
#include <array>
#include <cmath>

#include "verify/facts/archive.h"

namespace kyso::verify {

namespace {

template <typename T>
struct Names;
template <>
struct Names<Severity> {
  static constexpr std::array<std::string_view, 5> kNames{"note", "info", "warning", "indeterminate", "failure"};
};
template <>
struct Names<SignatureKind> {
  static constexpr std::array<std::string_view, 2> kNames{"signature", "document_time_stamp"};
};
template <>
struct Names<StoredItem::Kind> {
  static constexpr std::array<std::string_view, 3> kNames{"certificate", "crl", "ocsp"};
};
template <>
struct Names<DocumentFacts::Format> {
  static constexpr std::array<std::string_view, 2> kNames{"pdf", "cades"};
};
template <>
struct Names<pdf::LockAction> {
  static constexpr std::array<std::string_view, 3> kNames{"all", "include", "exclude"};
};
template <>
struct Names<Covering> {
  static constexpr std::array<std::string_view, 3> kNames{"nothing", "see_through", "hides"};
};

template <typename T>
concept Named = requires { Names<T>::kNames; };
template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};

double rounded(double number) {
  if (!std::isfinite(number) || std::abs(number) > 1e12) return 0;
  return std::round(number * 1000) / 1000 + 0.0;  // no negative zero
}

template <typename A, typename T>
void describe(A& archive, T& value);

template <typename A>
void describe_finding(A& a, auto& f) {
  a.member("code", f.code);
  a.member("severity", f.severity);
  a.member("offset", f.offset);
  a.member("length", f.length);
  a.member("object", f.object);
  a.member("revision", f.revision);
  a.member("page", f.page);
  a.member("parameters", f.parameters);
}

template <typename A>
void describe_signature(A& a, auto& s) {
  a.member("kind", s.kind);
  a.member("field", s.field);
  a.member("shared_fields", s.shared_fields);
  a.member("object", s.object);
  a.member("offset", s.offset);
  a.member("first_revision", s.first_revision);
  a.member("revision", s.revision);
  a.member("removed_in", s.removed_in);
  a.member("filter", s.filter);
  a.member("sub_filter", s.sub_filter);
  a.member("name", s.name);
  a.member("reason", s.reason);
  a.member("location", s.location);
  a.member("claimed_time", s.claimed_time);
  a.member("byte_range", s.byte_range);
  a.member("gap", s.gap);
  a.member("covers_whole_document", s.covers_whole_document);
  a.member("certification", s.certification);
  a.member("field_lock", s.field_lock);
  a.member("widgets", s.widgets);
  a.member("ink", s.ink);
  a.member("cms", s.cms);
  a.member("digest_algorithm", s.digest_algorithm);
  a.member("digest", s.digest);
  a.member("findings", s.findings);
}

template <typename A>
void describe_change(A& a, auto& c) {
  a.member("revision", c.revision);
  a.member("kind", c.kind);
  a.member("code", c.code);
  a.member("object", c.object);
  a.member("offset", c.offset);
  a.member("path", c.path);
  a.member("field", c.field);
  a.page("page", c.page);
  a.member("rect", c.rect);
  a.member("is_visible", c.is_visible);
  a.member("covering", c.covering);
  a.member("subtype", c.subtype);
  a.member("is_harmless_kind", c.is_harmless_kind);
  a.member("has_action", c.has_action);
  a.member("imitates_signature", c.imitates_signature);
  a.member("old_value", c.old_value);
  a.member("new_value", c.new_value);
}

template <typename A>
void describe_document(A& a, auto& d) {
  a.member("version", d.version);
  a.member("format", d.format);
  a.member("size", d.size);
  a.member("pdf_version", d.pdf_version);
  a.member("title", d.title);
  a.member("pages", d.pages);
  a.member("is_encrypted", d.is_encrypted);
  a.member("revisions", d.revisions);
  a.member("signatures", d.signatures);
  a.member("changes", d.changes);
  a.member("leftovers", d.leftovers);
  a.member("stored", d.stored);
  a.member("vri", d.vri);
  a.member("findings", d.findings);
}

template <typename A>
void describe_revision(A& a, auto& r) {
  a.member("end", r.end);
  a.member("startxref_offset", r.startxref_offset);
  a.member("xref", r.xref);
  a.member("objects", r.objects);
}

template <typename A>
void describe_item(A& a, auto& i) {
  a.member("kind", i.kind);
  a.member("der", i.der);
  a.member("revision", i.revision);
  a.member("dropped_in", i.dropped_in);
  a.member("signature", i.signature);
  a.member("offset", i.offset);
}

template <typename A, typename T>
void describe(A& a, T& value) {
  using V = std::remove_const_t<T>;
  if constexpr (std::is_same_v<V, Finding>) {
    describe_finding(a, value);
  } else if constexpr (std::is_same_v<V, SignatureFacts>) {
    describe_signature(a, value);
  } else if constexpr (std::is_same_v<V, Change>) {
    describe_change(a, value);
  } else if constexpr (std::is_same_v<V, DocumentFacts>) {
    describe_document(a, value);
  } else if constexpr (std::is_same_v<V, RevisionFacts>) {
    describe_revision(a, value);
  } else if constexpr (std::is_same_v<V, StoredItem>) {
    describe_item(a, value);
  } else if constexpr (std::is_same_v<V, ValidationRelated>) {
    a.member("key", value.key);
    a.member("revision", value.revision);
    a.member("items", value.items);
  } else if constexpr (std::is_same_v<V, pdf::Extent>) {
    a.member("offset", value.offset);
    a.member("length", value.length);
  } else if constexpr (std::is_same_v<V, pdf::FieldLock>) {
    a.member("action", value.action);
    a.member("fields", value.fields);
    a.member("permissions", value.permissions);
  } else {
    static_assert(std::is_same_v<V, SignatureFacts::Place>);
    a.page("page", value.page);
    a.member("rect", value.rect);
  }
}

}  // namespace

template <typename T>
json::Value FactsWriter::write(const T& value) {
  if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string>) {
    return json::Value(value);
  } else if constexpr (std::is_integral_v<T>) {
    if constexpr (std::is_unsigned_v<T>) {
      return json::Value(static_cast<std::int64_t>(std::min<std::uint64_t>(value, INT64_MAX)));
    } else {
      return json::Value(static_cast<std::int64_t>(value));
    }
  } else if constexpr (Named<T>) {
    return json::Value(Names<T>::kNames[static_cast<std::size_t>(value)]);
  } else if constexpr (std::is_same_v<T, ChangeKind>) {
    return json::Value(name_of(value));
  } else if constexpr (std::is_same_v<T, crypto::DigestAlgorithm>) {
    return json::Value(crypto::name_of(value));
  } else if constexpr (std::is_same_v<T, Bytes>) {
    return json::Value(to_base64(value));
  } else if constexpr (std::is_same_v<T, pdf::Rect>) {
    json::Value array = json::Value::array();
    for (const double number : {value.x0, value.y0, value.x1, value.y1}) array.push_back(rounded(number));
    return array;
  } else if constexpr (std::is_same_v<T, std::vector<std::pair<std::string, std::string>>>) {
    json::Value array = json::Value::array();
    for (const auto& [name, text] : value) {
      array.push_back(json::Value::array().push_back(json::Value(name)).push_back(json::Value(text)));
    }
    return array;
  } else if constexpr (IsVector<T>::value) {
    json::Value array = json::Value::array();
    for (const auto& item : value) array.push_back(write(item));
    return array;
  } else {
    FactsWriter writer;
    describe(writer, value);
    return writer.take();
  }
}

namespace {

template <typename T>
bool read_number(const json::Value& value, T& out) {
  const auto number = value.as_integer();
  if (!number || (std::is_unsigned_v<T> && *number < 0)) return false;
  out = static_cast<T>(*number);
  return static_cast<std::int64_t>(out) == *number;
}

template <typename T>
bool read_scalar(const json::Value& value, T& out) {
  if constexpr (std::is_same_v<T, bool>) {
    const auto found = value.as_bool();
    if (found) out = *found;
    return found.has_value();
  } else if constexpr (std::is_integral_v<T>) {
    return read_number(value, out);
  } else {
    const auto text = value.as_string();
    if (!text) return false;
    if constexpr (std::is_same_v<T, std::string>) {
      out = *text;
      return true;
    } else if constexpr (std::is_same_v<T, Bytes>) {
      auto bytes = from_base64(*text);
      if (bytes) out = *std::move(bytes);
      return bytes.has_value();
    } else if constexpr (std::is_same_v<T, ChangeKind>) {
      const auto kind = change_kind_by_name(*text);
      if (kind) out = *kind;
      return kind.has_value();
    } else if constexpr (std::is_same_v<T, crypto::DigestAlgorithm>) {
      const auto algorithm = crypto::digest_by_name(*text);
      if (algorithm) out = *algorithm;
      return algorithm.has_value();
    } else {
      const auto found = std::ranges::find(Names<T>::kNames, *text);
      if (found == Names<T>::kNames.end()) return false;
      out = static_cast<T>(found - Names<T>::kNames.begin());
      return true;
    }
  }
}

bool read_rect(const json::Value& value, pdf::Rect& rect) {
  const auto* array = value.as_array();
  if (array == nullptr || array->size() != 4) return false;
  std::array<double, 4> numbers{};
  for (std::size_t i = 0; i < 4; ++i) {
    const auto number = (*array)[i].as_number();
    if (!number || *number != rounded(*number)) return false;
    numbers[i] = *number;
  }
  rect = {numbers[0], numbers[1], numbers[2], numbers[3]};
  return true;
}

bool read_pairs(const json::Value& value, std::vector<std::pair<std::string, std::string>>& pairs) {
  if (value.as_array() == nullptr) return false;
  for (const json::Value& item : *value.as_array()) {
    const auto* pair = item.as_array();
    if (pair == nullptr || pair->size() != 2 || !(*pair)[0].as_string() || !(*pair)[1].as_string()) return false;
    pairs.emplace_back(*(*pair)[0].as_string(), *(*pair)[1].as_string());
  }
  return true;
}

template <typename T>
constexpr bool kIsScalar = std::is_integral_v<T> || std::is_same_v<T, std::string> || std::is_same_v<T, Bytes> ||
                           std::is_same_v<T, ChangeKind> || std::is_same_v<T, crypto::DigestAlgorithm> || Named<T>;

}  // namespace

template <typename T>
void FactsReader::read(const json::Value& value, T& out, const std::string& path, std::string& bad) {
  bool is_good = true;
  if constexpr (kIsScalar<T>) {
    is_good = read_scalar(value, out);
  } else if constexpr (std::is_same_v<T, pdf::Rect>) {
    is_good = read_rect(value, out);
  } else if constexpr (std::is_same_v<T, std::vector<std::pair<std::string, std::string>>>) {
    is_good = read_pairs(value, out);
  } else if constexpr (IsVector<T>::value) {
    is_good = value.as_array() != nullptr;
    for (std::size_t i = 0; is_good && bad.empty() && i < value.as_array()->size(); ++i) {
      read((*value.as_array())[i], out.emplace_back(), fmt::format("{}[{}]", path, i), bad);
    }
  } else {
    FactsReader reader(value, path);
    describe(reader, out);
    if (bad.empty()) bad = reader.finish();
  }
  if (!is_good && bad.empty()) bad = path;
}

namespace {

// What the types alone do not say. Empty: consistent.
std::string find_inconsistency(const DocumentFacts& facts) {
  if (facts.version != 1) return "version";
  // CAdES has no revisions: there it is the nesting of archive time-stamps.
  const bool is_cades = facts.format == DocumentFacts::Format::cades;
  const std::size_t revisions = std::max(facts.revisions.size(), is_cades ? facts.signatures.size() : 0);
  const auto is_revision = [&](std::size_t index) { return index < std::max<std::size_t>(1, revisions); };
  const auto fits = [&](const std::optional<std::size_t>& index) { return !index || is_revision(*index); };
  for (std::size_t i = 0; i < facts.signatures.size(); ++i) {
    const SignatureFacts& one = facts.signatures[i];
    const auto path = [&](std::string_view member) { return fmt::format("signatures[{}].{}", i, member); };
    if (!is_revision(one.first_revision)) return path("first_revision");
    if (!fits(one.revision)) return path("revision");
    if (!fits(one.removed_in)) return path("removed_in");
    if (one.ink != "" && one.ink != "red" && one.ink != "blue") return path("ink");
    const std::size_t size = one.digest_algorithm ? crypto::digest_size(*one.digest_algorithm) : 0;
    if (!one.digest.empty() && one.digest.size() != size) return path("digest");
  }
  for (std::size_t i = 0; i < facts.stored.size(); ++i) {
    const StoredItem& item = facts.stored[i];
    if (!fits(item.revision)) return fmt::format("stored[{}].revision", i);
    if (!fits(item.dropped_in)) return fmt::format("stored[{}].dropped_in", i);
    if (item.signature && *item.signature >= facts.signatures.size()) return fmt::format("stored[{}].signature", i);
  }
  for (std::size_t i = 0; i < facts.vri.size(); ++i) {
    const auto is_item = [&](std::size_t index) { return index < facts.stored.size(); };
    if (!std::ranges::all_of(facts.vri[i].items, is_item)) return fmt::format("vri[{}].items", i);
  }
  for (std::size_t i = 0; i < facts.changes.size(); ++i) {
    if (!is_revision(facts.changes[i].revision)) return fmt::format("changes[{}].revision", i);
  }
  return {};
}

}  // namespace

std::string DocumentFacts::to_json() const {
  return json::serialize(FactsWriter::write(*this), json::Style::indented) + "\n";
}

Result<DocumentFacts> DocumentFacts::from_json(std::string_view text) {
  const auto value = json::parse(text);
  if (!value) return fail("verify.facts.malformed", "{}", value.error().detail).with("member", value.error().code);
  DocumentFacts facts;
  std::string bad;
  FactsReader::read(*value, facts, {}, bad);
  if (bad.empty()) bad = find_inconsistency(facts);
  if (!bad.empty()) return fail("verify.facts.malformed", "member {}", bad).with("member", bad);
  return facts;
}

}  // namespace kyso::verify
