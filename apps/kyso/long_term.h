#pragma once
#include <memory>

#include "base/file.h"
#include "kyso/verification_options.h"
#include "verify/extend.h"

namespace kyso::app {

// What follows a signature when its profile is b-lt or b-lta: certificates, revocation data and, for b-lta, a document
// time-stamp are added to the document that was just signed. Opened once, used for many files by several threads.
class LongTermStep {
 public:
  // The errors of open_verification.
  static Result<std::unique_ptr<LongTermStep>> open(verify::Level level, const VerificationOptions& trust);
  // `signed_document` is reached through its descriptor: it has no name yet. The errors of verify::extend.
  Result<verify::Extended> apply(const OutputFile& signed_document, pki::TimeStampClient* tsa, const Secret* password,
                                 OutputFile& out) const;
  verify::Level level() const { return m_level; }

 private:
  LongTermStep(verify::Level level, VerificationContext context) : m_level(level), m_context(std::move(context)) {}
  verify::Level m_level;
  VerificationContext m_context;
};

}  // namespace kyso::app
