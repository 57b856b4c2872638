#include "base/text.h"
#include "verify/judge/judge_test_support.h"

// The table of what may change after a signature, cell by cell, through the whole judge.
namespace kyso::verify {
namespace {

using namespace test;

const Authority& authority() {
  static const Authority out;
  return out;
}
const crypto::Certificate& signer() {
  static const crypto::Certificate out = [] {
    CertificateWish wish;
    wish.names_crl = false;
    return authority().certify(wish);
  }();
  return out;
}

// One signature, then one change. `level`: 0 approval, 1 to 3 certified.
Document changed_document(int level, const Change& change) {
  Document document(authority());
  SignatureFacts& signature = document.sign(signer());
  if (level > 0) signature.certification = level;
  document.add_revision();
  Change& added = document.change(change.kind, change.code);
  const std::size_t revision = added.revision;
  added = change;
  added.revision = revision;
  added.offset = 4711;
  return document;
}
std::string verdict_after(int level, const Change& change) {
  CertificateWish issuer_without_crl;
  static const pki::TrustStore trust = [] {
    pki::TrustStore store = authority().trust(pki::RevocationDuty::if_published);
    return store;
  }();
  const Document document = changed_document(level, change);
  // The issuer names a list: it says nothing about anybody.
  static const Evidence lists =
      evidence({{EvidenceItem::Kind::crl, authority().root_crl(at("2025-06-30"), at("2025-08-01"))}});
  const Verdict verdict = judge(document.facts, lists, trust, policy("strict"), at("2025-07-01"));
  const SignatureVerdict& signature = verdict.signatures.front();
  CHECK(signature.is_unchanged == (signature.indication == Indication::total_passed));
  if (signature.indication != Indication::total_passed) CHECK(signature.offset == 4711);
  return short_of(signature);
}

Change make(ChangeKind kind, std::string code, Covering covering = Covering::nothing, bool is_visible = false) {
  Change change;
  change.kind = kind;
  change.code = std::move(code);
  change.covering = covering;
  change.is_visible = is_visible;
  return change;
}
Change annotation(ChangeKind kind, std::string subtype, bool is_harmless, Covering covering = Covering::nothing) {
  Change change = make(kind, "change.annotation", covering, true);
  change.subtype = std::move(subtype);
  change.is_harmless_kind = is_harmless;
  return change;
}

struct Row {
  Change change;
  const char* approval;
  const char* p1;
  const char* p2;
  const char* p3;
};

void check(const Row& row, const char* what) {
  CAPTURE(what);
  CHECK(verdict_after(0, row.change) == row.approval);
  CHECK(verdict_after(1, row.change) == row.p1);
  CHECK(verdict_after(2, row.change) == row.p2);
  CHECK(verdict_after(3, row.change) == row.p3);
}

constexpr const char* kTf = "TF/FORMAT_FAILURE change.overlay";
constexpr const char* kIn = "IN/SIG_CONSTRAINTS_FAILURE change.overlay";
constexpr const char* kSignedTf = "TF/FORMAT_FAILURE change.signature";
constexpr const char* kNoteTf = "TF/FORMAT_FAILURE change.annotation";

}  // namespace

TEST_CASE("changes that never harm") {
  check({make(ChangeKind::none, "change.none"), "TP+I change.none", "TP+I change.none", "TP+I change.none",
         "TP+I change.none"},
        "equal value");
  for (const ChangeKind kind : {ChangeKind::validation_data, ChangeKind::document_time_stamp})
    check({make(kind, "change.lta"), "TP+I change.lta", "TP+I change.lta", "TP+I change.lta", "TP+I change.lta"},
          "long-term data, at P = 1 too");
  check({make(ChangeKind::metadata, "change.metadata"), "TP+I change.metadata", "TP+I change.metadata",
         "TP+I change.metadata", "TP+I change.metadata"},
        "dates");
}

TEST_CASE("signatures after a signature") {
  const auto filled = [](Covering covering) {
    return make(ChangeKind::signature_filled, "change.signature", covering, true);
  };
  const auto added = [](Covering covering, bool is_visible = true) {
    return make(ChangeKind::signature_added, "change.signature", covering, is_visible);
  };
  check({filled(Covering::nothing), "TP", kSignedTf, "TP", "TP"}, "into an existing field");
  check({filled(Covering::see_through), "TP+W change.see-through", "TF/FORMAT_FAILURE change.see-through",
         "TP+W change.see-through", "TP+W change.see-through"},
        "see-through ink");
  check({filled(Covering::hides), kIn, kTf, kIn, kIn}, "degenerate box that paints outside");
  check({added(Covering::nothing, false), "TP", kSignedTf, "TP", "TP"}, "new, invisible");
  check({added(Covering::nothing), "TP+I change.signature", kSignedTf, "IN/SIG_CONSTRAINTS_FAILURE change.signature",
         "IN/SIG_CONSTRAINTS_FAILURE change.signature"},
        "new, visible");
  check({added(Covering::hides), kIn, kTf, kTf, kIn}, "sneaky signature");
  Change imitating = added(Covering::nothing);
  imitating.imitates_signature = true;
  check({imitating, "TP+W appearance.imitates", "TF/FORMAT_FAILURE appearance.imitates",
         "IN/SIG_CONSTRAINTS_FAILURE appearance.imitates", "IN/SIG_CONSTRAINTS_FAILURE appearance.imitates"},
        "imitates the certifier");
  check({make(ChangeKind::signature_field_added, "change.signature-field", Covering::hides, true), kIn, kTf, kTf, kIn},
        "unsigned field that hides");
  check({make(ChangeKind::signature_field_moved, "sigdict.redefined"), "TF/FORMAT_FAILURE sigdict.redefined",
         "TF/FORMAT_FAILURE sigdict.redefined", "TF/FORMAT_FAILURE sigdict.redefined",
         "TF/FORMAT_FAILURE sigdict.redefined"},
        "moved while signing");
  check({make(ChangeKind::signature_widget_added, "change.signature-field"), "TF/FORMAT_FAILURE change.signature-field",
         "TF/FORMAT_FAILURE change.signature-field", "TF/FORMAT_FAILURE change.signature-field",
         "IN/SIG_CONSTRAINTS_FAILURE change.signature-field"},
        "second widget");
}

TEST_CASE("who signs again looks like himself") {
  const auto outcome = [](const crypto::Certificate& later, std::string words, bool is_whole = true) {
    Document document(authority());
    document.sign(signer()).certification = 2;
    document.add_revision();
    SignatureFacts& second = document.sign(later);
    if (!is_whole) second.digest.front() ^= 1U;
    Change& change = document.change(ChangeKind::signature_filled, "change.signature");
    change.is_visible = change.imitates_signature = true;
    change.field = "Sig2";
    change.old_value = "Sig1";
    change.new_value = std::move(words);
    const Verdict verdict = judge(document.facts, {}, authority().trust(pki::RevocationDuty::if_published),
                                  policy("strict"), at("2025-07-01"));
    return has_finding(verdict.signatures[0].findings, "appearance.imitates");
  };
  const auto named = [](const char* name) {
    CertificateWish wish;
    wish.names_crl = false;
    wish.name = name;
    return authority().certify(wish);
  };
  CHECK_FALSE(outcome(signer(), ""));
  CHECK(outcome(named("Trần Thị B"), ""));
  // The certificate is the earlier signer's, the signature isn't.
  CHECK(outcome(signer(), "", false));
  // Only the words are the same.
  std::string words = "signedby:" + fold_accents(signer().common_name()) + "!";
  std::erase(words, ' ');
  CHECK(outcome(named("Trần Thị B"), words));
  CHECK_FALSE(outcome(named("Trần Thị B"), "digitallysigned"));
  CHECK_FALSE(outcome(signer(), words));
}

TEST_CASE("forms") {
  check({make(ChangeKind::form_filled, "form.filled"), "TP+I form.filled", "TF/FORMAT_FAILURE form.filled",
         "TP+I form.filled", "TP+I form.filled"},
        "honest");
  for (const auto& [kind, code] :
       std::vector<std::pair<ChangeKind, std::string>>{{ChangeKind::form_mismatch, "form.value-appearance-mismatch"},
                                                       {ChangeKind::form_undefined, "form.undefined-change"},
                                                       {ChangeKind::field_added, "form.undefined-change"},
                                                       {ChangeKind::field_removed, "form.undefined-change"},
                                                       {ChangeKind::signature_redefined, "sigdict.redefined"},
                                                       {ChangeKind::signature_removed, "signature.removed"},
                                                       {ChangeKind::content, "change.page-content"},
                                                       {ChangeKind::encryption, "change.encryption"},
                                                       {ChangeKind::unknown, "change.unknown"}}) {
    const std::string expected = "TF/FORMAT_FAILURE " + code;
    check({make(kind, code), expected.c_str(), expected.c_str(), expected.c_str(), expected.c_str()}, code.c_str());
  }
}

TEST_CASE("annotations") {
  using enum ChangeKind;
  const char* kNoteIn = "IN/SIG_CONSTRAINTS_FAILURE change.annotation";
  check({annotation(annotation_added, "Text", true), kNoteIn, kNoteTf, kNoteTf, "TP+I change.annotation"},
        "note beside");
  check({annotation(annotation_added, "Highlight", true, Covering::see_through), kNoteIn, kNoteTf, kNoteTf,
         "TP+W change.annotation"},
        "highlight");
  check({annotation(annotation_added, "Highlight", false, Covering::hides), kTf, kTf, kTf, kIn}, "opaque highlight");
  check({annotation(annotation_added, "FreeText", false, Covering::hides), kTf, kTf, kTf, kIn}, "FreeText over text");
  check({annotation(annotation_added, "Stamp", false), kTf, kTf, kTf, kIn}, "stamp, even beside");
  Change link = annotation(annotation_added, "Link", false);
  link.has_action = true;
  check({link, kTf, kTf, kTf, kIn}, "link with an address");
  Change script = annotation(annotation_added, "Text", true);
  script.has_action = true;
  script.code = "change.action";
  const char* kScript = "TF/FORMAT_FAILURE change.action";
  check({script, kScript, kScript, kScript, kScript}, "script");
  Change rendition = annotation(annotation_added, "Screen", false);
  rendition.has_action = true;
  check({rendition, kTf, kTf, kTf, kIn}, "an action that is no script");
  check({annotation(annotation_removed, "FreeText", false), kNoteTf, kNoteTf, kNoteTf, "TP+I change.annotation"},
        "deleted");
  check({annotation(annotation_changed, "FreeText", false, Covering::hides), kTf, kTf, kTf, kIn}, "moved over text");
}

TEST_CASE("locks hold for everything after them, with nested names") {
  using pdf::LockAction;
  const auto after = [](pdf::FieldLock lock, ChangeKind kind, const std::string& field) {
    Document document(authority());
    document.sign(signer());
    document.add_revision();
    document.sign(signer()).field_lock = std::move(lock);
    document.add_revision();
    document.change(kind, kind == ChangeKind::form_filled ? "form.filled" : "change.signature").field = field;
    const Verdict verdict = judge(document.facts, {}, authority().trust(pki::RevocationDuty::if_published),
                                  policy("strict"), at("2025-07-01"));
    // Who signed before the lock sees the broken rule too.
    CHECK(has_finding(verdict.signatures[0].findings, "lock.violated") ==
          has_finding(verdict.signatures[1].findings, "lock.violated"));
    return has_finding(verdict.signatures[1].findings, "lock.violated");
  };
  const pdf::FieldLock person{LockAction::include, {"form.person"}, std::nullopt};
  CHECK(after(person, ChangeKind::form_filled, "form.person"));
  CHECK(after(person, ChangeKind::form_filled, "form.person.name"));
  CHECK_FALSE(after(person, ChangeKind::form_filled, "form.personal"));
  CHECK(after(person, ChangeKind::field_added, "form.person.child"));
  const pdf::FieldLock all{LockAction::all, {}, std::nullopt};
  CHECK(after(all, ChangeKind::signature_filled, "Sig9"));
  CHECK_FALSE(after(all, ChangeKind::signature_added, "Sig9"));
  const pdf::FieldLock others{LockAction::exclude, {"Sig9"}, std::nullopt};
  CHECK_FALSE(after(others, ChangeKind::signature_filled, "Sig9"));
  CHECK(after(others, ChangeKind::form_filled, "form.person"));
}

TEST_CASE("a lock's permissions work as those of a certification; a later signature heals nothing") {
  Document document(authority());
  document.sign(signer()).field_lock = pdf::FieldLock{pdf::LockAction::include, {}, 1};
  document.add_revision();
  document.change(ChangeKind::form_filled, "form.filled").field = "a";
  document.add_revision();
  document.sign(signer());
  document.change(ChangeKind::signature_filled, "change.signature");
  const Verdict verdict = judge(document.facts, {}, authority().trust(pki::RevocationDuty::if_published),
                                policy("strict"), at("2025-07-01"));
  CHECK(short_of(verdict.signatures[0]) == "TF/FORMAT_FAILURE form.filled");
  CHECK(verdict.signatures[1].is_unchanged);
  CHECK(verdict.indication == Indication::total_failed);
}

}  // namespace kyso::verify
