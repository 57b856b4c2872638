#pragma once
#include "json/json.h"
#include "registry/account/ticket.h"

// A puzzle that a browser solves by itself (proof of work): it costs who tries passwords or addresses by the thousand,
// and asks nothing of people.
namespace kyso::registry {

inline constexpr int kMaxDifficulty = 26;

struct Captcha {
  std::string id;
  int difficulty = 0;  // leading zero bits of SHA-256(id ":" answer)
  Instant expires{};
};
Result<Captcha> new_captcha(Tickets& tickets, int difficulty, Instant now);

struct CaptchaAnswer {
  std::string id, answer;
};
// {"id", "answer"} of a request; nullopt: there is none.
std::optional<CaptchaAnswer> captcha_of(const json::Value& object);
bool solves(std::string_view id, std::string_view answer, int difficulty);
// registry.captcha.wrong: not solved, over, or not ours. What is to be spent.
Result<Tickets::Ticket> check_captcha(Tickets& tickets, const CaptchaAnswer& answer, Instant now);
// registry.captcha.wrong: used already.
Result<> spend_captcha(db::Transaction& transaction, const CaptchaAnswer& answer, const Tickets::Ticket& ticket);
// What a browser does; for tests and tools.
std::string solve(std::string_view id, int difficulty);

}  // namespace kyso::registry
