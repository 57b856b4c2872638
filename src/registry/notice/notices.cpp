#include "registry/notice/notices.h"

#include "crypto/password.h"
#include "registry/notice/store.h"

namespace kyso::registry {

Result<> notify(db::Transaction& transaction, const Notice& notice, Instant now) {
  const std::string id = crypto::random_uuid();
  KYSO_TRY(notice_store::insert(transaction, id, notice, now));
  return notice_store::schedule(transaction, id, now, now);
}

}  // namespace kyso::registry
