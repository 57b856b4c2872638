#include "kyso/long_term.h"

#include "shared/network_fetch.h"

namespace kyso::app {

Result<std::unique_ptr<LongTermStep>> LongTermStep::open(verify::Level level, const VerificationOptions& trust) {
  VerificationOptions options = trust;
  options.online = true;
  // What is asked now must be newer than the signature: an answer from before it says nothing about it.
  options.no_cache = true;
  return std::unique_ptr<LongTermStep>(new LongTermStep(level, KYSO_TRY(open_verification(options))));
}

Result<verify::Extended> LongTermStep::apply(const OutputFile& signed_document, pki::TimeStampClient* tsa,
                                             const Secret* password, OutputFile& out) const {
  const pdf::Source source = KYSO_TRY(pdf::Source::open(fmt::format("/proc/self/fd/{}", signed_document.descriptor())));
  verify::ExtendOptions options{.level = m_level, .now = system_clock().now()};
  options.password = password;
  return verify::extend(source, m_context.trust, m_context.policy, network_fetch(), m_context.collector, tsa, options,
                        out);
}

}  // namespace kyso::app
