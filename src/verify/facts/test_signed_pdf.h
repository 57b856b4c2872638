#pragma once
#include <algorithm>
#include <fstream>
#include <iterator>

#include "base/test_support.h"
#include "pdf/file/test_pdf.h"
#include "verify/facts/facts.h"

// For tests: signed files written byte by byte, so that they may be wrong. The CMS in them is a real one of another
// document: facts are not judged here.
namespace kyso::verify::test {

using pdf::test::PdfText;

inline DocumentFacts facts_of(const pdf::Source& source) {
  ExtractOptions options;
  options.with_changes = false;
  return must(extract_facts(source, options), "extract_facts");
}
inline DocumentFacts facts_of(std::string_view text) {
  return facts_of(pdf::Source::from_bytes(to_bytes(text)));
}
inline pdf::Source sample(std::string_view name) {
  return must(pdf::Source::open(std::string(KYSO_SOURCE_DIR "/tests/data/pdf/") + std::string(name)));
}
inline const Bytes& sample_cms() {
  static const Bytes cms = facts_of(sample("own/signed-certified-p1.pdf")).signatures.at(0).cms;
  return cms;
}

struct Slot {
  std::size_t before = 0, after = 0;  // L and S of the list of cases: offset of "<", offset after ">"
  std::size_t range = 0;              // where the numbers of /ByteRange stand
};

// A file with pages, a form and one signature field after the other.
class SignedPdf : public PdfText {
 public:
  static constexpr std::size_t kRange = 60;
  std::string fields = "6 0 R";
  std::string catalog_extra;

  SignedPdf& base() {
    catalog();
    object(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
    object(3,
           "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R /Annots [6 0 R] "
           "/Resources << /Font << /F1 5 0 R >> >> >>");
    stream(4, "", "BT /F1 12 Tf 20 100 Td (Hello signed world) Tj ET");
    object(5, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
    return *this;
  }
  SignedPdf& catalog() {
    object(1, fmt::format("<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [{}] /SigFlags 3 >> {} >>", fields,
                          catalog_extra));
    return *this;
  }
  SignedPdf& field(unsigned number, unsigned value, std::string_view name = "Sig1", std::string_view extra = {}) {
    object(number, fmt::format("<< /Type /Annot /Subtype /Widget /FT /Sig /T ({}) /Rect [0 0 0 0] /F 132 /P 3 0 R "
                               "/V {} 0 R {} >>",
                               name, value, extra));
    return *this;
  }
  // `contents` may name another way to write it; "" means the usual slot.
  static std::string dictionary(std::string_view extra = {}, std::size_t zeros = 8000) {
    return fmt::format(
        "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /M (D:20260906160142+07'00') "
        "/ByteRange [{}] /Contents <{}> {} >>",
        std::string(kRange, ' '), std::string(zeros, '0'), extra);
  }
  Slot slot(std::size_t from = 0) const {
    Slot found;
    found.range = text.find("/ByteRange [", from) + 12;
    found.before = text.find("/Contents <", from) + 10;
    found.after = text.find('>', found.before) + 1;
    return found;
  }
  void set_range(const Slot& slot, std::string_view numbers) {
    text.replace(slot.range, kRange, fmt::format("{:<60}", numbers));
  }
  // Covers everything up to the end of the text as it is now.
  void cover(const Slot& slot) {
    set_range(slot, fmt::format("0 {} {} {}", slot.before, slot.after, text.size() - slot.after));
  }
  void put(const Slot& slot, std::string_view hex) { text.replace(slot.before + 1, hex.size(), hex); }
  Slot finish(std::size_t from = 0) {
    const Slot found = slot(from);
    cover(found);
    put(found, to_hex(sample_cms()));
    return found;
  }

  // A file with one signature over all of it.
  static SignedPdf signed_once(std::string_view dictionary_extra = {}, std::string_view field_extra = {},
                               std::string_view catalog_extra = {}) {
    SignedPdf pdf;
    pdf.catalog_extra = catalog_extra;
    pdf.base().field(6, 7, "Sig1", field_extra).object(7, dictionary(dictionary_extra));
    pdf.table("/ID [<00><00>]");
    pdf.finish();
    return pdf;
  }
  // Appends a revision with a further signature field and its signature.
  Slot sign_again(unsigned field_number, unsigned value_number, std::string_view name) {
    const std::size_t from = text.size();
    fields += fmt::format(" {} 0 R", field_number);
    catalog().field(field_number, value_number, name).object(value_number, dictionary());
    table("/Size 30000");
    return finish(from);
  }
};

inline const Finding* find(const std::vector<Finding>& findings, std::string_view code) {
  const auto found = std::ranges::find(findings, code, &Finding::code);
  return found != findings.end() ? &*found : nullptr;
}
inline std::string codes(const std::vector<Finding>& findings) {
  std::string all;
  for (const Finding& finding : findings) all += (all.empty() ? "" : " ") + finding.code;
  return all;
}
inline std::string signature_codes(const DocumentFacts& facts, std::size_t index = 0) {
  return codes(facts.signatures.at(index).findings);
}
inline Bytes digest_of(std::string_view text) {
  return crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(text));
}

}  // namespace kyso::verify::test
