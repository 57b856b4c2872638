#include "sign/prepare.h"

#include <algorithm>

#include "base/text.h"
#include "sign/slot.h"

namespace kyso::sign {
namespace {

std::string_view sub_filter_of(Profile profile) {
  return profile == Profile::legacy ? "adbe.pkcs7.detached" : "ETSI.CAdES.detached";
}

bool lists(const std::vector<std::string>& list, std::string_view wanted) {
  return std::ranges::any_of(list, [&](const std::string& item) { return fold_case(item) == fold_case(wanted); });
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& item : list) text += (text.empty() ? "" : ", ") + item;
  return text;
}

Error seed_value_refused(std::string_view item, const std::vector<std::string>& wanted) {
  return fail("sign.seed_value").with("item", item).with("wanted", joined(wanted));
}

// ISO 32000-2 section 12.7.5.5, table 237: entries flagged as required bind the signer.
Result<> obey_seed_value(const pdf::SeedValue& seed, const Plan& plan, Profile profile,
                         crypto::SignatureScheme scheme) {
  if (seed.filter_required && seed.filter && *seed.filter != "Adobe.PPKLite")
    return seed_value_refused("Filter", {*seed.filter});
  if (seed.sub_filter_required && !lists(seed.sub_filters, sub_filter_of(profile)))
    return seed_value_refused("SubFilter", seed.sub_filters);
  if (seed.digest_required && !lists(seed.digest_methods, crypto::name_of(scheme.digest)))
    return seed_value_refused("DigestMethod", seed.digest_methods);
  if (seed.reasons_required && !seed.reasons.empty() && !lists(seed.reasons, plan.reason))
    return seed_value_refused("Reasons", seed.reasons);
  if (seed.certification && *seed.certification == 0 && plan.certify) return seed_value_refused("MDP", {"P=0"});
  return {};
}

// The field that will carry the signature: an existing empty one, or a new one with its widget.
Result<pdf::ObjectId> place_field(const pdf::Document& document, const Plan& plan, pdf::FormWriter& form,
                                  pdf::IncrementalWriter& writer, pdf::ResourceWriter& resources) {
  const pdf::Field* existing = document.form().find(plan.field);
  std::size_t page_index = plan.page;
  if (existing != nullptr && !existing->widgets.empty() && existing->widgets.front().page != pdf::kNoPage)
    page_index = existing->widgets.front().page;

  std::optional<pdf::ObjectId> appearance;
  if (plan.appearance && !plan.appearance->is_empty()) {
    const pdf::Page page = KYSO_TRY(document.pages().page(page_index));
    appearance = KYSO_TRY(plan.appearance->write(writer, resources, page.rotate));
  }
  if (existing != nullptr) return form.use_signature_field(plan.field, appearance);
  return form.add_signature_field(plan.field, {plan.page, plan.rect, appearance}, plan.new_field_lock);
}

pdf::Dictionary signature_dictionary(const Plan& plan, const Signer& signer, const PrepareOptions& options,
                                     pdf::Object references) {
  pdf::Dictionary dictionary{{"Type", pdf::Name{"Sig"}},
                             {"Filter", pdf::Name{"Adobe.PPKLite"}},
                             {"SubFilter", pdf::Name{std::string(sub_filter_of(options.profile))}},
                             {"M", pdf::String{pdf_date(options.now), false}}};
  const std::string name = signer.certificate.common_name();
  if (!name.empty()) dictionary.set("Name", pdf::text_string(name));
  if (!plan.reason.empty()) dictionary.set("Reason", pdf::text_string(plan.reason));
  if (!plan.location.empty()) dictionary.set("Location", pdf::text_string(plan.location));
  if (!plan.contact.empty()) dictionary.set("ContactInfo", pdf::text_string(plan.contact));
  if (!references.is_null()) dictionary.set("Reference", std::move(references));
  return dictionary;
}

Result<std::size_t> contents_capacity(const pdf::Document& document, const cms::SignerParameters& signer,
                                      const PrepareOptions& options) {
  const std::size_t token = options.profile == Profile::b_t ? options.time_stamp_size : 0;
  const std::size_t capacity = std::max(cms::max_signed_data_size(signer, token), parked_size(signer));
  const std::size_t limit = document.conformance().max_string_bytes();
  if (capacity > limit) return fail("sign.contents.too_large").with("size", capacity).with("limit", limit);
  return capacity;
}

cms::SignerParameters cms_parameters(const Signer& signer, const PrepareOptions& options) {
  cms::SignerParameters parameters{.scheme = signer.scheme,
                                   .certificate = signer.certificate,
                                   .issuers = signer.issuers,
                                   .profile = cms::Profile::pades,
                                   .signing_time = std::nullopt};
  if (options.profile == Profile::legacy) {
    parameters.profile = cms::Profile::legacy;
    parameters.signing_time = options.now;
  }
  return parameters;
}

Result<> check_request(const pdf::Document& document, const Plan& plan, const Signer& signer,
                       const PrepareOptions& options) {
  KYSO_TRY(check_certificate(signer.certificate, options.now));
  const pdf::Field* existing = document.form().find(plan.field);
  if (existing == nullptr) return {};
  const auto seed = KYSO_TRY(pdf::Form::seed_value_of(document.view(), *existing));
  return seed ? obey_seed_value(*seed, plan, options.profile, signer.scheme) : Result<>{};
}

// Everything of the update but the signature value, in the order in which a reader expects it to be explained: prepared
// fields and values first, then the signature over them.
Result<pdf::IncrementalWriter::Appendix> build_update(const pdf::Document& document, const Plan& plan,
                                                      const Signer& signer, const PrepareOptions& options,
                                                      std::size_t capacity) {
  pdf::IncrementalWriter writer(document.view());
  pdf::ResourceWriter resources(document, writer);
  pdf::FormWriter form(document, writer, &resources);
  for (const auto& change : plan.changes) KYSO_TRY(change(form, writer, resources));
  const pdf::ObjectId field = KYSO_TRY(place_field(document, plan, form, writer, resources));
  for (const auto& change : plan.field_changes) KYSO_TRY(change(form, writer, resources, field));
  const pdf::ObjectId signature = writer.reserve();
  pdf::Object references = KYSO_TRY(form.bind_signature(field, signature, {plan.certify, plan.field_mdp}));
  // ISO/TS 32002:2022: Ed25519 in a signature is an extension of ISO 32000-2.
  if (signer.scheme.key == crypto::KeyType::ed25519) KYSO_TRY(form.declare_extension("ISO_", "2.0", 32002));
  writer.set_signature(signature, signature_dictionary(plan, signer, options, std::move(references)), capacity);
  KYSO_TRY(resources.finish());
  return writer.finish(options.random_id.empty() ? crypto::random_bytes(16) : options.random_id);
}

PreparedSignature describe_update(const pdf::Document& document, const Plan& plan, const Signer& signer,
                                  const PrepareOptions& options, const pdf::SignatureSlot& slot) {
  PreparedSignature state;
  state.slot = slot;
  state.scheme = signer.scheme;
  state.certificate_sha256 = to_hex(signer.certificate.sha256());
  state.profile = options.profile;
  state.field = plan.field;
  state.title = document.title().empty() ? options.title : document.title();
  state.pages = document.pages().count();
  state.created = options.now;
  state.expires = options.now + options.lifetime;
  return state;
}

}  // namespace

Result<PreparedUpdate> prepare(const pdf::Document& document, const Plan& plan, const Signer& signer,
                               const PrepareOptions& options, OutputFile& out) {
  KYSO_TRY(check_request(document, plan, signer, options));
  PreparedUpdate update;
  update.signer = cms_parameters(signer, options);
  update.password = options.password;
  const std::size_t capacity = KYSO_TRY(contents_capacity(document, update.signer, options));
  const auto appendix = KYSO_TRY(build_update(document, plan, signer, options, capacity));
  update.state = describe_update(document, plan, signer, options, *appendix.slot);
  update.state.document_digest =
      KYSO_TRY(pdf::write_signed_revision(document.graph().source(), appendix, signer.scheme.digest, out));
  update.signed_attributes = cms::build_signed_attributes(update.signer, update.state.document_digest);
  update.state.attributes_digest = crypto::digest(signer.scheme.digest, update.signed_attributes);
  return update;
}

Result<Completed> sign(const pdf::Document& document, const Plan& plan, const Signer& signer, crypto::KeyHolder& holder,
                       const PrepareOptions& options, pki::TimeStampClient* tsa, OutputFile& out) {
  if (!holder.supports(signer.scheme))
    return fail("sign.scheme.unsupported").with("scheme", crypto::name_of(signer.scheme));
  const PreparedUpdate update = KYSO_TRY(prepare(document, plan, signer, options, out));
  const Bytes signature = KYSO_TRY(
      holder.sign({signer.scheme, update.state.attributes_digest, update.signed_attributes, update.state.title}));
  return complete(update, signature, tsa, out);
}

}  // namespace kyso::sign
