#include "kyso/signing_session.h"

#include <algorithm>
#include <charconv>

#include "base/file.h"
#include "base/text.h"
#include "decree30/notes.h"
#include "kyso/document_options.h"
#include "verify/report/report.h"

namespace kyso::app {
namespace {

Result<pdf::Rect> parse_rect(const std::string& text) {
  std::array<double, 4> values{};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto [next, error] = std::from_chars(at, end, values[i]);
    const bool separated = i + 1 < values.size() ? next != end && *next == ',' : next == end;
    if (error != std::errc() || !separated) return fail("kyso.rect.invalid").with("rect", text);
    at = next + 1;
  }
  const auto [x, y, width, height] = values;
  if (!(width > 0) || !(height > 0) || !(std::abs(x) + std::abs(y) + width + height < 1e6))
    return fail("kyso.rect.invalid").with("rect", text);
  return pdf::Rect{x, y, x + width, y + height};
}

Result<std::optional<Instant>> parse_date_option(const std::string& text) {
  if (text.empty()) return std::optional<Instant>();
  return std::optional<Instant>(KYSO_TRY(parse_time(text)));
}

Result<decree30::CopyKind> parse_copy_kind(const std::string& text) {
  const std::string kind = fold_accents(text);
  if (kind == "sao y" || kind == "sao-y") return decree30::CopyKind::sao_y;
  if (kind == "sao luc" || kind == "sao-luc") return decree30::CopyKind::sao_luc;
  if (kind == "trich sao" || kind == "trich-sao") return decree30::CopyKind::trich_sao;
  return fail("kyso.copy_kind.invalid").with("kind", text);
}

Result<decree30::Template::EdgeSeal> parse_edge_seal(const std::string& text) {
  using EdgeSeal = decree30::Template::EdgeSeal;
  if (text == "off") return EdgeSeal::off;
  if (text == "by-the-book") return EdgeSeal::by_the_book;
  if (text == "many-widgets") return EdgeSeal::many_widgets;
  return fail("kyso.edge_seal.invalid").with("way", text);
}

std::string repairs_text(std::span<const pdf::StructureNote> notes) {
  std::string text;
  for (const auto& note : notes)
    if (note.repair) text += fmt::format("{}{} (byte {})", text.empty() ? "" : ", ", note.code, note.offset);
  return text;
}

std::vector<pdf::StructureNote> repairs_of(const pdf::Document& document) {
  std::vector<pdf::StructureNote> repairs;
  for (const auto& note : document.graph().notes())
    if (note.repair) repairs.push_back(note);
  return repairs;
}

std::string_view name_of(sign::Profile profile) {
  switch (profile) {
    case sign::Profile::b_b:
      return "b-b";
    case sign::Profile::b_t:
      return "b-t";
    case sign::Profile::legacy:
      return "legacy";
  }
  return "";
}

}  // namespace

decree30::TemplateStore template_store() {
  return decree30::TemplateStore(config_folder() / "templates", share_folder() / "templates");
}

Result<std::unique_ptr<SigningSession>> SigningSession::open(SigningOptions options, const Console& console) {
  std::unique_ptr<SigningSession> session(new SigningSession(std::move(options), console));
  KYSO_TRY(session->load());
  return session;
}

Result<> SigningSession::load() {
  const auto role = decree30::role_by_name(m_options.role);
  if (!role) return fail("kyso.role.unknown").with("role", m_options.role);
  m_role = *role;
  const decree30::TemplateStore store = template_store();
  m_template = m_options.template_name.empty() ? KYSO_TRY(store.for_role(m_role))
                                               : KYSO_TRY(store.find(m_options.template_name));
  if (!m_options.copy_kind.empty()) m_template.copy_kind = KYSO_TRY(parse_copy_kind(m_options.copy_kind));
  if (!m_options.reason.empty()) m_template.reason = m_options.reason;
  if (!m_options.location.empty()) m_template.location = m_options.location;
  const std::string image = m_options.image.empty() ? m_template.image.string() : m_options.image;
  if (!image.empty()) {
    const Bytes png = KYSO_TRY(read_file(image));
    auto decoded = pdf::Image::from_png(png);
    if (!decoded) return std::move(decoded).error().with("path", image);
    m_image = std::move(*decoded);
  }
  m_document_password = KYSO_TRY(document_password(m_options.password, m_console));
  KYSO_TRY(role_request({}, {}));  // what was typed is judged before a PIN is asked for
  return choose_profile();
}

Result<> SigningSession::choose_profile() {
  const std::string& profile = m_options.profile;
  if (profile.empty())
    m_profile = m_options.tsa_urls.empty() ? sign::Profile::b_b : sign::Profile::b_t;
  else if (profile == "b-b")
    m_profile = sign::Profile::b_b;
  else if (profile == "b-t")
    m_profile = sign::Profile::b_t;
  else if (profile == "b-lt" || profile == "b-lta")
    m_profile = sign::Profile::b_t;
  else if (profile == "legacy")
    m_profile = sign::Profile::legacy;
  else
    return fail("kyso.profile.unknown").with("profile", profile);
  if (profile == "b-lt" || profile == "b-lta")
    m_long_term =
        KYSO_TRY(LongTermStep::open(profile == "b-lt" ? verify::Level::b_lt : verify::Level::b_lta, m_options.trust));
  if (m_profile == sign::Profile::b_t && m_options.tsa_urls.empty()) return fail("sign.tsa.missing");
  m_tsa = make_time_stamp_client(m_options.tsa_urls, m_options.tsa_timeout_seconds);
  return {};
}

Result<pdf::Document> SigningSession::open_document(const std::filesystem::path& path) const {
  pdf::Document document = KYSO_TRY(app::open_document(path, m_document_password, m_options.repair));
  if (document.graph().was_repaired() && !m_options.repair)
    return fail("kyso.repair.needed").with("problems", repairs_text(document.graph().notes()));
  return document;
}

Result<decree30::RoleRequest> SigningSession::role_request(const FileRequest& file,
                                                           const crypto::Certificate& certificate) const {
  decree30::RoleRequest request;
  request.role = m_role;
  request.tmpl = m_template;
  request.placement.near = file.near.value_or(m_options.near);
  request.placement.field = m_options.field;
  const auto page = file.page ? file.page : m_options.page;
  if (page && *page == 0) return fail("kyso.page.invalid");
  if (page) request.placement.page = *page - 1;
  if (!m_options.rect.empty()) request.placement.rect = KYSO_TRY(parse_rect(m_options.rect));
  // A plain signature is invisible unless somebody says where it should stand or what it should show.
  const bool wants_to_be_seen = !request.placement.near.empty() || page || request.placement.rect || m_image;
  if (m_role == decree30::Role::plain && m_template.show == decree30::Template::Show::nothing && wants_to_be_seen)
    request.tmpl.show = decree30::Template::Show::image_and_text;
  request.certificate = certificate;
  request.image = m_image;
  request.now = system_clock().now();
  request.number = file.number.value_or(m_options.number);
  request.date = KYSO_TRY(parse_date_option(file.date.value_or(m_options.date)));
  request.comment = file.comment.value_or(m_options.comment);
  request.agency = m_options.agency;
  request.incoming_forward = m_options.forward;
  request.incoming_file_code = m_options.file_code;
  // Without a file the options alone are judged: in a batch each line may bring its number.
  if (!file.input.empty() && m_role == decree30::Role::organisation && request.date && request.number.empty())
    return fail("decree30.number.missing");
  request.lock = m_options.lock;
  request.certify = m_options.certify;
  if (!m_options.edge_seal.empty()) request.edge_seal = KYSO_TRY(parse_edge_seal(m_options.edge_seal));
  return request;
}

Result<Outcome> SigningSession::fill_number(const pdf::Document& document, const FileRequest& file) {
  const auto plan = KYSO_TRY(decree30::plan_number(document, KYSO_TRY(role_request(file, {}))));
  pdf::IncrementalWriter writer(document.view());
  pdf::ResourceWriter resources(document, writer);
  pdf::FormWriter form(document, writer, &resources);
  KYSO_TRY(plan.change(form, writer, resources));
  KYSO_TRY(resources.finish());
  const auto appendix = KYSO_TRY(writer.finish(crypto::random_bytes(16)));
  OutputFile out = KYSO_TRY(OutputFile::create(file.output));
  KYSO_TRY(pdf::write_revision(document.graph().source(), appendix, out));
  KYSO_TRY(out.commit());
  return Outcome{.output = file.output.string(),
                 .role = m_options.role,
                 .size_added = appendix.bytes.size(),
                 .notes = plan.notes,
                 .repairs = repairs_of(document)};
}

Result<Outcome> SigningSession::process(const FileRequest& file) {
  KYSO_TRY(refuse_same_file(file.input, file.output));
  const pdf::Document document = KYSO_TRY(open_document(file.input));
  if (m_role == decree30::Role::number && m_options.holder.empty()) return fill_number(document, file);
  KYSO_TRY(open_key());

  Outcome outcome{.output = file.output.string(),
                  .signer = m_holder->certificate().common_name(),
                  .role = m_options.role,
                  .profile = std::string(name_of(m_profile)),
                  .repairs = repairs_of(document)};
  outcome.place.emplace();
  const auto request = KYSO_TRY(role_request(file, m_holder->certificate()));
  OutputFile out = KYSO_TRY(OutputFile::create(file.output));
  auto done = sign_into(document, file, request, out, outcome);
  if (!done && done.error().code == "decree30.number.separate")
    done = number_then_sign(document, file, request, out, outcome);
  KYSO_TRY(std::move(done));
  const pdf::Page page = KYSO_TRY(document.pages().page(outcome.place->page));
  outcome.place->rect = page.user_to_visible().apply(outcome.place->rect);
  if (m_long_term) {
    OutputFile extended = KYSO_TRY(OutputFile::create(file.output));
    const Secret* password = m_document_password ? &*m_document_password : nullptr;
    outcome.long_term_asked = m_long_term->level();
    outcome.long_term = KYSO_TRY(m_long_term->apply(out, m_tsa.get(), password, extended));
    outcome.profile = fold_case(verify::name_of(outcome.long_term->reached));
    if (outcome.long_term->changed) out = std::move(extended);
  }
  outcome.size_added = out.size() - document.graph().source().size();
  KYSO_TRY(out.commit());
  return outcome;
}

bool is_as_asked(const Outcome& outcome) {
  return !outcome.long_term || outcome.long_term->reached >= outcome.long_term_asked;
}

Result<> SigningSession::sign_into(const pdf::Document& document, const FileRequest& file,
                                   const decree30::RoleRequest& request, OutputFile& out, Outcome& outcome) {
  const sign::Plan plan = KYSO_TRY(decree30::plan_role(document, request, &*outcome.place));
  const auto completed =
      KYSO_TRY(sign::sign(document, plan, signer(), *m_holder, prepare_options(file, request.now), m_tsa.get(), out));
  outcome.cms_size = completed.cms_size;
  outcome.time_stamp = completed.time_stamp;
  for (const std::string& id : plan.notes)
    if (std::ranges::find(outcome.notes, id) == outcome.notes.end()) outcome.notes.push_back(id);
  if (completed.used_document_time_stamp) outcome.notes.emplace_back("sign.document_time_stamp");
  return {};
}

// A document that was signed elsewhere without places for number and date: a signature that shows them, then the
// organisation's. The file in between never gets a name; it is reached through its descriptor.
Result<> SigningSession::number_then_sign(const pdf::Document& document, const FileRequest& file,
                                          decree30::RoleRequest request, OutputFile& out, Outcome& outcome) {
  decree30::RoleRequest number = request;
  number.role = decree30::Role::number;
  number.image.reset();
  number.placement = {};
  OutputFile between = KYSO_TRY(OutputFile::create(file.output));
  KYSO_TRY(sign_into(document, file, number, between, outcome));
  const pdf::Document numbered = KYSO_TRY(open_document(fmt::format("/proc/self/fd/{}", between.descriptor())));
  request.number.clear();
  request.date.reset();
  return sign_into(numbered, file, request, out, outcome);
}

sign::PrepareOptions SigningSession::prepare_options(const FileRequest& file, Instant now) const {
  return {.profile = m_profile,
          .time_stamp_size = m_tsa ? m_tsa->expected_token_size() : 0,
          .now = now,
          .title = file.input.filename().string(),
          .password = m_document_password ? &*m_document_password : nullptr};
}

Result<> SigningSession::open_key() {
  const std::lock_guard lock(m_key_mutex);
  if (m_holder) return {};
  // A wrong PIN costs one try, however many files and threads wait for the key.
  if (m_key_error) return *m_key_error;
  auto opened = load_key();
  if (!opened) m_key_error = opened.error();
  return opened;
}

Result<> SigningSession::load_key() {
  if (m_options.holder.empty()) return fail("kyso.holder.missing");
  auto holder = KYSO_TRY(open_holder(m_options.holder, m_options.pin, m_console));
  std::vector<crypto::Certificate> pool(holder->issuers().begin(), holder->issuers().end());
  for (const std::string& path : m_options.issuer_files)
    for (auto& certificate : KYSO_TRY(read_certificates(path))) pool.push_back(std::move(certificate));
  m_issuers = crypto::order_chain(holder->certificate(), pool);
  m_scheme = KYSO_TRY(choose_scheme(m_options.scheme, holder->certificate()));
  if (!holder->supports(m_scheme)) return fail("sign.scheme.unsupported").with("scheme", crypto::name_of(m_scheme));
  m_holder = std::move(holder);
  return {};
}

sign::Signer SigningSession::signer() const {
  return {m_holder->certificate(), m_issuers, m_scheme};
}

Result<crypto::SignatureScheme> choose_scheme(const std::string& name, const crypto::Certificate& certificate) {
  const crypto::KeyType key = certificate.public_key().type();
  if (!crypto::is_for_signing(key))
    return fail("crypto.key.unsupported").with("algorithm", certificate.public_key().algorithm());
  const crypto::SignatureScheme usual = crypto::default_scheme(key);
  if (name.empty() && certificate.public_key().allows(usual)) return usual;
  // A key that its certificate binds to RSASSA-PSS.
  if (name.empty()) return crypto::SignatureScheme{key, crypto::Padding::pss, crypto::DigestAlgorithm::sha256};
  const auto scheme = crypto::scheme_by_name(name);
  if (!scheme || !certificate.public_key().allows(*scheme) || !crypto::is_for_signing(*scheme))
    return fail("sign.scheme.unsupported").with("scheme", name);
  return *scheme;
}

Result<sign::PreparedSignature> SigningSession::prepare(const FileRequest& file, const sign::Signer& signer) {
  if (m_long_term) return fail("kyso.profile.later").with("profile", m_options.profile);
  KYSO_TRY(refuse_same_file(file.input, file.output));
  const pdf::Document document = KYSO_TRY(open_document(file.input));
  const auto request = KYSO_TRY(role_request(file, signer.certificate));
  const sign::Plan plan = KYSO_TRY(decree30::plan_role(document, request));
  OutputFile out = KYSO_TRY(OutputFile::create(file.output));
  const auto update = KYSO_TRY(sign::prepare(document, plan, signer, prepare_options(file, request.now), out));
  sign::PreparedSignature state = KYSO_TRY(sign::park(update, out));
  KYSO_TRY(out.commit());
  return state;
}

json::Value to_json(const std::vector<Finding>& findings, Language language) {
  json::Value list = json::Value::array();
  for (const Finding& finding : findings) {
    const auto explanation = verify::explain(finding, language);
    json::Value object = json::Value::object(), parameters = json::Value::object();
    for (const auto& [name, value] : finding.parameters) parameters.set(name, value);
    object.set("code", finding.code).set("text", explanation.what).set("next_step", explanation.next_step);
    list.push_back(object.set("parameters", parameters));
  }
  return list;
}

json::Value to_json(const Outcome& outcome, Language language) {
  json::Value object = json::Value::object();
  object.set("output", outcome.output).set("role", outcome.role);
  if (!outcome.signer.empty()) object.set("signer", outcome.signer).set("profile", outcome.profile);
  if (outcome.place && outcome.place->rect.area() > 0) {
    json::Value place = json::Value::object();
    place.set("page", outcome.place->page + 1).set("by", outcome.place->by);
    json::Value rect = json::Value::array();
    for (const double value :
         {outcome.place->rect.x0, outcome.place->rect.y0, outcome.place->rect.x1, outcome.place->rect.y1})
      rect.push_back(value);
    object.set("place", place.set("rect", rect));
  }
  object.set("bytes_added", outcome.size_added).set("cms_bytes", outcome.cms_size);
  if (outcome.time_stamp) object.set("time_stamp", iso8601_vietnam(*outcome.time_stamp));
  if (outcome.long_term) object.set("findings", to_json(outcome.long_term->findings, language));
  json::Value notes = json::Value::array();
  for (const auto& id : outcome.notes) {
    json::Value note = json::Value::object();
    notes.push_back(note.set("id", id).set("text", decree30::note_text(id, language)));
  }
  object.set("notes", notes);
  json::Value repairs = json::Value::array();
  for (const auto& repair : outcome.repairs) {
    json::Value item = json::Value::object();
    repairs.push_back(item.set("code", repair.code)
                          .set("offset", static_cast<std::int64_t>(repair.offset))
                          .set("detail", repair.detail));
  }
  return object.set("repairs", repairs);
}

}  // namespace kyso::app
