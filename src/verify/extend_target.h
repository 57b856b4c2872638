#pragma once
#include "verify/extend.h"
#include "verify/long_term_data.h"

// Private to the module: the signed thing that is extended, whatever its format.
namespace kyso::verify {

class ExtensionTarget {
 public:
  virtual ~ExtensionTarget() = default;
  // Of what is there now.
  virtual Result<DocumentFacts> facts() = 0;
  // A time-stamp over the signature; an archive time-stamp over all that is there now.
  virtual Result<Instant> add_time_stamp(pki::TimeStampClient& tsa) = 0;
  virtual Result<Instant> add_archive_time_stamp(pki::TimeStampClient& tsa) = 0;
  // False: nothing of it is new.
  virtual Result<bool> add_data(LongTermData data, const DocumentFacts& facts) = 0;
  // What isn't written yet.
  virtual Result<> finish() = 0;
};

// Each change is a revision that is appended to `out`, which must hold the document.
class PdfTarget : public ExtensionTarget {
 public:
  PdfTarget(OutputFile& out, const ExtendOptions& options) : m_out(out), m_options(options) {}
  Result<DocumentFacts> facts() override;
  Result<Instant> add_time_stamp(pki::TimeStampClient& tsa) override;
  Result<Instant> add_archive_time_stamp(pki::TimeStampClient& tsa) override { return add_time_stamp(tsa); }
  Result<bool> add_data(LongTermData data, const DocumentFacts& facts) override;
  Result<> finish() override { return {}; }

 private:
  Result<> choose_related(LongTermData& data, const DocumentFacts& facts) const;

  OutputFile& m_out;
  const ExtendOptions& m_options;
};

// Each change is made to the CMS in memory.
class CadesTarget : public ExtensionTarget {
 public:
  CadesTarget(ByteView signature, const pdf::Source& content, OutputFile& out)
      : m_signature(signature.begin(), signature.end()), m_content(content), m_out(out) {}
  Result<DocumentFacts> facts() override;
  Result<Instant> add_time_stamp(pki::TimeStampClient& tsa) override;
  Result<Instant> add_archive_time_stamp(pki::TimeStampClient& tsa) override;
  Result<bool> add_data(LongTermData data, const DocumentFacts& facts) override;
  Result<> finish() override { return m_out.write(m_signature); }

 private:
  Bytes m_signature;
  const pdf::Source& m_content;
  OutputFile& m_out;
};

}  // namespace kyso::verify
