#pragma once
#include <map>
#include <string>
#include <vector>

#include "db/database.h"

// Notices to people: rows of an outbox that commit with what they tell of, delivered by a job with retries.
namespace kyso::registry {

struct Notice {
  std::string kind;  // a template of share/notices: "account.activation", "dossier.received", "certificate.issued", …
  std::string to;    // e-mail address, or MSISDN (84…) for channel sms
  enum class Channel : std::uint8_t { mail, sms } channel = Channel::mail;
  std::string language = "vi";
  std::map<std::string, std::string> values;  // {name} places of the template; kept until delivered, then removed
  std::string about;                          // id of the dossier or account, for its history
};

// Within the caller's transaction.
Result<> notify(db::Transaction& transaction, const Notice& notice, Instant now);

}  // namespace kyso::registry
