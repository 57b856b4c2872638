#pragma once
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/error_text.h"
#include "base/file.h"
#include "base/test_support.h"
#include "base/text.h"
#include "decree30/roles.h"
#include "decree30/sheet.h"
#include "decree30/test_certificates.h"
#include "sign/prepare.h"

// Documents, certificates and requests for the tests of this module.
namespace kyso::decree30::test {

inline const std::string kData = KYSO_SOURCE_DIR "/tests/data/pdf/";
inline const Instant kNow = *parse_time("2027-03-05T09:30:15+07:00");

// Fonts, templates and images come from the source tree.
inline const bool kShareIsSet = setenv("KYSO_SHARE", KYSO_SOURCE_DIR "/share", 1) == 0;

inline pdf::Document open_document(const std::string& path) {
  return must(pdf::Document::open(must(pdf::Source::open(path))));
}
inline pdf::Document sample(const std::string& name) {
  return open_document(kData + name);
}
inline crypto::Certificate certificate(const char* pem) {
  return must(crypto::Certificate::from_pem(pem)).front();
}
inline pdf::Image picture(const std::string& name) {
  return must(pdf::Image::from_png(must(read_file(kData + name))));
}
inline pdf::Image signature_picture() {
  return picture("sample-signature-blue.png");
}
inline pdf::Image seal_picture() {
  return picture("sample-seal-red-37mm.png");
}

inline Template shipped_template(Role role) {
  return must(TemplateStore("/nonexistent", KYSO_SOURCE_DIR "/share/templates").for_role(role));
}

inline RoleRequest request_for(Role role) {
  const bool organisation = role == Role::organisation || role == Role::number || role == Role::copy ||
                            role == Role::appendix || role == Role::incoming;
  RoleRequest request{.role = role,
                      .tmpl = shipped_template(role),
                      .placement = {},
                      .certificate = certificate(organisation ? kOrganisationPem : kPersonPem),
                      .image = std::nullopt,
                      .now = kNow,
                      .number = {},
                      .date = std::nullopt,
                      .comment = {},
                      .agency = {},
                      .incoming_forward = {},
                      .incoming_file_code = {},
                      .lock = false,
                      .certify = std::nullopt,
                      .edge_seal = std::nullopt};
  if (role == Role::leader) request.image = signature_picture();
  if (role == Role::organisation) request.image = seal_picture();
  return request;
}

// The document after one more update that `change` makes.
template <typename F>
pdf::Document updated(const pdf::Document& document, F change) {
  pdf::IncrementalWriter writer(document.view());
  pdf::ResourceWriter resources(document, writer);
  pdf::FormWriter form(document, writer, &resources);
  change(form, writer, resources);
  must(resources.finish());
  const Bytes id(16, 7);
  const auto appendix = must(writer.finish(id));
  const pdf::Source& source = document.graph().source();
  Bytes bytes(source.size());
  must(source.read(0, bytes));
  append(bytes, appendix.bytes);
  return must(pdf::Document::open(pdf::Source::from_bytes(std::move(bytes))));
}

// The document with the plan carried out, up to the value of the signature.
inline pdf::Document signed_with(const pdf::Document& document, const sign::Plan& plan,
                                 const crypto::Certificate& signer) {
  const TestFolder folder;
  const auto path = folder / "out.pdf";
  auto out = must(OutputFile::create(path));
  const sign::Signer by{
      signer,
      {},
      {.key = crypto::KeyType::ec_p256, .padding = crypto::Padding::none, .digest = crypto::DigestAlgorithm::sha256}};
  sign::PrepareOptions options;
  options.now = kNow;
  must(sign::prepare(document, plan, by, options, out));
  must(out.commit());
  return must(pdf::Document::open(pdf::Source::from_bytes(must(read_file(path)))));
}

struct TestText {
  std::string text;
  double x = 0, y = 0;  // middle of the baseline, points from the lower left of the visible page
  double size = 14;
  pdf::FontStyle style = pdf::FontStyle::regular;
};

struct TestPage {
  pdf::Rect media{0, 0, 595, 842};
  std::optional<pdf::Rect> crop;
  int rotate = 0;
  double user_unit = 1;
};

// A one-page document with these texts where a person sees them, whatever the page's boxes and rotation.
inline pdf::Document letter(const std::vector<TestText>& texts, const TestPage& wanted = {}) {
  const pdf::Document base = sample("pyhanko/minimal.pdf");
  const pdf::Document sized =
      updated(base, [&](pdf::FormWriter&, pdf::IncrementalWriter& writer, pdf::ResourceWriter&) {
        const pdf::Page page = must(base.pages().page(0));
        pdf::Dictionary dictionary = *must(writer.get(page.id)).as_dictionary();
        dictionary.set("MediaBox", pdf::to_object(wanted.media));
        if (wanted.crop) dictionary.set("CropBox", pdf::to_object(*wanted.crop));
        dictionary.set("Rotate", wanted.rotate);
        dictionary.set("UserUnit", wanted.user_unit);
        dictionary.erase("Contents");
        writer.set(page.id, dictionary);
      });
  return updated(sized, [&](pdf::FormWriter& form, pdf::IncrementalWriter& writer, pdf::ResourceWriter& resources) {
    const pdf::Page page = must(sized.pages().page(0));
    pdf::Drawing drawing(page.visible_width(), page.visible_height());
    for (const TestText& t : texts) drawing.text({t.text, t.style, t.size, {}}, t.x, t.y, pdf::Drawing::Align::centre);
    must(form.paint_on_page(0, must(drawing.write(writer, resources, 0)), page.visible_to_user()));
  });
}

inline pdf::Rect visible(const pdf::Document& document, std::size_t page, const pdf::Rect& user) {
  return must(document.pages().page(page)).user_to_visible().apply(user);
}

// Whether the box touches a word of the page as it is.
inline bool covers_words(const pdf::Document& document, std::size_t page, const pdf::Rect& user) {
  SheetReader reader(document);
  return must(reader.sheet(page))->covers_text(visible(document, page, user));
}

inline bool has_note(const sign::Plan& plan, std::string_view id) {
  return std::ranges::find(plan.notes, id) != plan.notes.end();
}

}  // namespace kyso::decree30::test
