#include "audit/verify.h"

#include "audit/verify_state.h"

namespace kyso::audit {

Result<VerifyReport> verify(const VerifyOptions& options) {
  VerifyState state{options, {}, {}, {}};
  KYSO_TRY(verify_files(state));
  if (options.database != nullptr) KYSO_TRY(verify_database(state));
  return std::move(state.report);
}

}  // namespace kyso::audit
