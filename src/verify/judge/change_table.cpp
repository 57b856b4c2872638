#include "verify/judge/change_table.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include "base/text.h"
#include "cms/signed_data.h"
#include "verify/judge/stable_sort.h"

namespace kyso::verify {
namespace {

using E = Effect;
constexpr E P = E::pass, I = E::info, W = E::warning, N = E::indeterminate, F = E::failure;

enum Row : std::size_t {
  kUnchanged,
  kValidationData,
  kMetadata,
  kSigned,
  kSignedSeeThrough,
  kSignedHiding,
  kSignedImitating,
  kNewInvisible,
  kNewVisible,
  kNewSeeThrough,
  kNewHiding,
  kNewImitating,
  kNewUnsigned,
  kNewUnsignedHiding,
  kNewWidget,
  kFilled,
  kFilledUnverified,
  kLocked,
  kNote,
  kNoteSeeThrough,
  kOldAnnotation,
  kOverlay,
  kScript,
  kForbidden,
  kRowCount,
};

//                                                                                             approval P=1 P=2 P=3
constexpr std::array<ChangeRow, kRowCount> kRows{{
    {"object written again with an equal value", "", I, I, I, I},
    {"validation data, document time-stamp", "", I, I, I, I},
    {"dates of the document's information", "", I, I, I, I},
    {"signature into an existing empty field", "", P, F, P, P},
    {"… its see-through ink touches text", "change.see-through", W, F, W, W},
    {"… its appearance hides text or marks", "change.overlay", N, F, N, N},
    {"… its appearance imitates an earlier signature", "appearance.imitates", W, F, N, N},
    {"new invisible signature field with signature", "", P, F, P, P},
    {"new visible signature field with signature", "", I, F, N, N},
    {"… its see-through ink touches text", "change.see-through", W, F, N, N},
    {"… its appearance hides text or marks", "change.overlay", N, F, F, N},
    {"… its appearance imitates an earlier signature", "appearance.imitates", W, F, N, N},
    {"new signature field that signs nothing", "", I, F, F, N},
    {"… its appearance hides text or marks", "change.overlay", N, F, F, N},
    {"further widget of a signature", "", F, F, F, N},
    {"form field filled, value and appearance agree", "", I, F, I, I},
    {"… by a font that came with it and can't be compared", "form.unverified-font", W, F, W, W},
    {"field that an earlier signature locked, or its lock", "lock.violated", F, F, F, F},
    {"annotation of a harmless kind, beside content", "", N, F, F, I, true},
    {"annotation of a harmless kind, its see-through ink touches text", "", N, F, F, W, true},
    {"existing annotation changed or removed, hides nothing", "", F, F, F, I, true},
    {"annotation that hides content, or of a kind that may", "change.overlay", F, F, F, N, true},
    {"annotation with a script", "change.action", F, F, F, F, true},
    {"anything else", "", F, F, F, F},
}};

Row row_of_signature(const Change& change, bool is_new) {
  if (change.covering == Covering::hides) return is_new ? kNewHiding : kSignedHiding;
  if (change.imitates_signature) return is_new ? kNewImitating : kSignedImitating;
  if (change.covering == Covering::see_through) return is_new ? kNewSeeThrough : kSignedSeeThrough;
  if (!is_new) return kSigned;
  return change.is_visible ? kNewVisible : kNewInvisible;
}

Row row_of_annotation(const Change& change) {
  if (change.code == "change.action") return kScript;
  const bool may_deceive = change.covering == Covering::hides || change.has_action;
  const bool is_new = change.kind == ChangeKind::annotation_added;
  if (may_deceive || (is_new && !change.is_harmless_kind)) return kOverlay;
  if (change.is_harmless_kind) return change.covering == Covering::see_through ? kNoteSeeThrough : kNote;
  return kOldAnnotation;
}

Row find_row(const Change& change) {
  switch (change.kind) {
    case ChangeKind::none:
      return kUnchanged;
    case ChangeKind::validation_data:
    case ChangeKind::document_time_stamp:
      return kValidationData;
    case ChangeKind::metadata:
      return kMetadata;
    case ChangeKind::signature_filled:
      return row_of_signature(change, false);
    case ChangeKind::signature_added:
      return row_of_signature(change, true);
    case ChangeKind::signature_field_added:
      return change.covering == Covering::hides ? kNewUnsignedHiding : kNewUnsigned;
    case ChangeKind::signature_widget_added:
      return kNewWidget;
    case ChangeKind::form_filled:
      return change.code == "form.unverified-font" ? kFilledUnverified : kFilled;
    case ChangeKind::lock_changed:
      return kLocked;
    case ChangeKind::annotation_added:
    case ChangeKind::annotation_changed:
    case ChangeKind::annotation_removed:
      return row_of_annotation(change);
    case ChangeKind::signature_field_moved:
    case ChangeKind::form_mismatch:
    case ChangeKind::form_undefined:
    case ChangeKind::field_added:
    case ChangeKind::field_removed:
    case ChangeKind::signature_redefined:
    case ChangeKind::signature_removed:
    case ChangeKind::content:
    case ChangeKind::encryption:
    case ChangeKind::unknown:
      break;
  }
  return kForbidden;
}

// Locks of all signatures, each name with the oldest revision that locked it.
class Locks {
 public:
  explicit Locks(const DocumentFacts& facts) {
    for (const SignatureFacts& signature : facts.signatures)
      if (signature.field_lock && signature.revision) add(*signature.field_lock, *signature.revision);
  }
  bool is_empty() const { return !m_all && m_names.empty() && m_others.empty(); }

  // `is_new`: a field that wasn't there can only break a lock that names its parent.
  bool forbids(const Change& change, bool is_new) const {
    const auto before = [&](std::size_t revision) { return revision < change.revision; };
    if (!is_new && m_all && before(*m_all)) return true;
    std::size_t components = 0;
    for (std::size_t end = 0; end != std::string::npos && components < kMaxComponents; ++components) {
      end = change.field.find('.', end == 0 ? 0 : end + 1);
      const auto found = m_names.find(std::string_view(change.field).substr(0, end));
      if (found != m_names.end() && before(found->second)) return true;
    }
    if (components == kMaxComponents && !m_names.empty()) return true;
    return !is_new && std::ranges::any_of(m_others, [&](const auto& lock) {
      return before(lock.first) && lock.second->locks(change.field);
    });
  }

 private:
  static constexpr std::size_t kMaxComponents = 64, kMaxExcludingLocks = 64;

  void lock_all(std::size_t revision) { m_all = std::min(m_all.value_or(revision), revision); }
  void add(const pdf::FieldLock& lock, std::size_t revision) {
    switch (lock.action) {
      case pdf::LockAction::all:
        return lock_all(revision);
      case pdf::LockAction::include:
        for (const std::string& name : lock.fields) {
          const auto [entry, added] = m_names.try_emplace(name, revision);
          if (!added) entry->second = std::min(entry->second, revision);
        }
        return;
      case pdf::LockAction::exclude:
        break;
    }
    // So many different ones are an attack on time; locking everything is the safe reading.
    if (m_others.size() >= kMaxExcludingLocks) return lock_all(revision);
    m_others.emplace_back(revision, &lock);
  }

  std::optional<std::size_t> m_all;
  std::map<std::string, std::size_t, std::less<>> m_names;
  std::vector<std::pair<std::size_t, const pdf::FieldLock*>> m_others;  // all but those named
};

bool is_new_field(ChangeKind kind) {
  return kind == ChangeKind::field_added || kind == ChangeKind::signature_added ||
         kind == ChangeKind::signature_field_added;
}
bool is_of_a_field(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::form_filled:
    case ChangeKind::form_mismatch:
    case ChangeKind::form_undefined:
    case ChangeKind::field_removed:
    case ChangeKind::signature_filled:
    case ChangeKind::signature_field_moved:
      return true;
    default:
      return is_new_field(kind);
  }
}

Severity severity_of(Effect effect) {
  constexpr std::array kSeverities{Severity::note, Severity::info, Severity::warning, Severity::indeterminate,
                                   Severity::failure};
  return kSeverities[static_cast<std::size_t>(effect)];
}

Finding describe(const Change& change, std::string_view code, Effect effect, std::size_t count) {
  Finding finding(code, severity_of(effect));
  finding.at(change.offset);
  if (change.object != 0) finding.object = change.object;
  finding.revision = change.revision + 1;
  if (change.page != pdf::kNoPage) finding.page = change.page + 1;
  finding.with("kind", name_of(change.kind)).with("count", fmt::format("{}", count));
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) finding.with(name, value);
  };
  add("field", change.field);
  add("path", change.path);
  add("subtype", change.subtype);
  add("old", change.old_value);
  add("new", change.new_value);
  return finding;
}

// Signers of the fields whose appearances are compared; each CMS is read once.
class Signers {
 public:
  explicit Signers(const DocumentFacts& facts) : m_facts(facts) {
    for (std::size_t i = 0; i < facts.signatures.size(); ++i)
      m_by_field.try_emplace(facts.signatures[i].field, i);  // the oldest: a field is signed once
  }

  // `later` and `earlier`: names of the fields.
  bool are_one_person(const std::string& later, const std::string& earlier) {
    const Signer *a = find(later), *b = find(earlier);
    if (a == nullptr || b == nullptr) return false;
    const crypto::Certificate &now = *a->view.signer, &before = *b->view.signer;
    const bool is_same =
        std::ranges::equal(now.der(), before.der()) || (std::ranges::equal(now.subject_der(), before.subject_der()) &&
                                                        std::ranges::equal(now.issuer_der(), before.issuer_der()));
    return is_same && cms::check_integrity(a->view, a->facts->digest).has_value();
  }
  // Same words are an imitation when they name the earlier signer; otherwise they are a form of words ("Digitally
  // signed").
  bool is_named(const std::string& earlier, const std::string& words) {
    const Signer* signer = find(earlier);
    if (signer == nullptr) return true;
    std::string name = fold_accents(signer->view.signer->common_name());
    std::erase(name, ' ');
    return name.empty() || fold_accents(words).find(name) != std::string::npos;
  }

 private:
  struct Signer {
    const SignatureFacts* facts = nullptr;
    cms::SignedDataView view;
  };
  const Signer* find(const std::string& field) {
    const auto found = m_by_field.find(field);
    if (found == m_by_field.end()) return nullptr;
    auto [signer, is_new] = m_signers.try_emplace(found->second);
    if (is_new) {
      const SignatureFacts& facts = m_facts.signatures[found->second];
      cms::SignedDataExamination examination = cms::examine_signed_data(facts.cms);
      if (examination.view && examination.view->signer) signer->second = Signer{&facts, *std::move(examination.view)};
    }
    return signer->second ? &*signer->second : nullptr;
  }

  const DocumentFacts& m_facts;
  std::map<std::string, std::size_t, std::less<>> m_by_field;
  std::map<std::size_t, std::optional<Signer>> m_signers;
};

bool is_imitation(const Change& change) {
  const bool is_signature = change.kind == ChangeKind::signature_filled || change.kind == ChangeKind::signature_added;
  return change.imitates_signature && is_signature;
}

// What the changes from some revision on amount to.
class RunningSum {
 public:
  void add(const Change& change, const ChangeRow& row, Permission permission) {
    const Effect effect = row.under(permission);
    const std::string_view code = row.code.empty() ? std::string_view(change.code) : row.code;
    Entry& entry = m_entries[{code, effect}];
    entry.oldest = &change;
    ++entry.count;
  }
  std::vector<WeightedFinding> findings(const Weigher& weigher) const {
    std::vector<WeightedFinding> out;
    for (const auto& [key, entry] : m_entries)
      out.push_back(weigher.weigh(describe(*entry.oldest, key.first, key.second, entry.count),
                                  key.second == F   ? SubIndication::format_failure
                                  : key.second == N ? SubIndication::sig_constraints_failure
                                                    : SubIndication::none));
    // The worst first, and the oldest of equals: that is where the document was changed.
    sort_stably(out, [](const WeightedFinding& a, const WeightedFinding& b) {
      return std::pair(b.finding.severity, a.finding.revision) < std::pair(a.finding.severity, b.finding.revision);
    });
    return out;
  }

 private:
  struct Entry {
    const Change* oldest = nullptr;
    std::size_t count = 0;
  };
  std::map<std::pair<std::string_view, Effect>, Entry> m_entries;
};

}  // namespace

Effect ChangeRow::under(Permission permission) const {
  switch (permission) {
    case Permission::approval:
      return approval;
    case Permission::approval_of_annotated:
      // What the certification allows to everybody is no offence against who signed after it.
      return is_annotation && p3 <= Effect::warning ? p3 : approval;
    case Permission::no_changes:
      return p1;
    case Permission::filling_and_signing:
      return p2;
    case Permission::filling_signing_annotations:
      return p3;
  }
  return Effect::failure;
}

std::span<const ChangeRow> change_rows() {
  return kRows;
}

const ChangeRow& row_of(const Change& change, bool violates_lock) {
  return kRows[violates_lock ? kLocked : find_row(change)];
}

namespace {

// Of somebody who signs again: looking like oneself is no imitation.
const ChangeRow& row_of_own_look(Change change) {
  change.imitates_signature = false;
  return row_of(change, false);
}

}  // namespace

std::vector<bool> find_lock_violations(const DocumentFacts& facts) {
  std::vector<bool> out(facts.changes.size());
  const Locks locks(facts);
  if (locks.is_empty()) return out;
  for (std::size_t i = 0; i < facts.changes.size(); ++i) {
    const Change& change = facts.changes[i];
    out[i] = is_of_a_field(change.kind) && !change.field.empty() && locks.forbids(change, is_new_field(change.kind));
  }
  return out;
}

std::vector<bool> find_repeated_signers(const DocumentFacts& facts) {
  std::vector<bool> out(facts.changes.size());
  if (std::ranges::none_of(facts.changes, is_imitation)) return out;
  Signers signers(facts);
  for (std::size_t i = 0; i < facts.changes.size(); ++i) {
    const Change& change = facts.changes[i];
    if (!is_imitation(change)) continue;
    const bool is_by_words = !change.new_value.empty();
    out[i] = signers.are_one_person(change.field, change.old_value) ||
             (is_by_words && !signers.is_named(change.old_value, change.new_value));
  }
  return out;
}

std::vector<std::vector<WeightedFinding>> tally_changes(const DocumentFacts& facts, const Weigher& weigher,
                                                        std::span<const TallyRequest> requests) {
  const std::vector<bool> violations = find_lock_violations(facts), repeated = find_repeated_signers(facts);
  std::vector<std::size_t> changes(facts.changes.size()), order(requests.size());
  std::iota(changes.begin(), changes.end(), std::size_t{0});
  std::iota(order.begin(), order.end(), std::size_t{0});
  sort_stably(changes, [&](auto a, auto b) { return facts.changes[a].revision < facts.changes[b].revision; });
  sort_stably(order, [&](auto a, auto b) { return requests[a].revision > requests[b].revision; });
  std::array<bool, kPermissions> wanted{};
  for (const TallyRequest& request : requests) wanted[static_cast<std::size_t>(request.permission)] = true;

  std::vector<std::vector<WeightedFinding>> out(requests.size());
  std::array<RunningSum, kPermissions> sums;
  for (const std::size_t request : order) {
    for (; !changes.empty() && facts.changes[changes.back()].revision > requests[request].revision;
         changes.pop_back()) {
      const Change& change = facts.changes[changes.back()];
      const ChangeRow& row = repeated[changes.back()] && !violations[changes.back()]
                                 ? row_of_own_look(change)
                                 : row_of(change, violations[changes.back()]);
      for (std::size_t i = 0; i < kPermissions; ++i)
        if (wanted[i]) sums[i].add(change, row, static_cast<Permission>(i));
    }
    out[request] = sums[static_cast<std::size_t>(requests[request].permission)].findings(weigher);
  }
  return out;
}

}  // namespace kyso::verify
