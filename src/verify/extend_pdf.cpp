#include "sign/document_time_stamp.h"
#include "verify/extend_target.h"

// PAdES (ETSI EN 319 142-1): a DSS and document time-stamps.
namespace kyso::verify {
namespace {

// The output has no name before commit(): it is reached through its descriptor.
Result<pdf::Source> open_written(const OutputFile& out) {
  return pdf::Source::open(fmt::format("/proc/self/fd/{}", out.descriptor()));
}

}  // namespace

Result<DocumentFacts> PdfTarget::facts() {
  const pdf::Source written = KYSO_TRY(open_written(m_out));
  ExtractOptions extraction;
  extraction.password = m_options.password;
  return extract_facts(written, extraction);
}

Result<Instant> PdfTarget::add_time_stamp(pki::TimeStampClient& tsa) {
  return sign::append_document_time_stamp(tsa, tsa.expected_token_size(), m_options.password, m_out);
}

Result<bool> PdfTarget::add_data(LongTermData data, const DocumentFacts& facts) {
  if (m_options.write_vri) KYSO_TRY(choose_related(data, facts));
  return sign::append_validation_data(data.data, m_options.password, m_out);
}

// Entries of the VRI.
Result<> PdfTarget::choose_related(LongTermData& data, const DocumentFacts& facts) const {
  const pdf::Source written = KYSO_TRY(open_written(m_out));
  const pdf::Document document = KYSO_TRY(pdf::Document::open(written, {.password = m_options.password}));
  for (std::size_t i = 0; i < data.by_signature.size(); ++i) {
    for (const pdf::SignatureInfo& signature : document.form().signatures()) {
      if (signature.field != facts.signatures[i].field) continue;
      data.by_signature[i].contents = signature.contents;
      data.data.vri.push_back(std::move(data.by_signature[i]));
      break;
    }
  }
  return {};
}

}  // namespace kyso::verify
