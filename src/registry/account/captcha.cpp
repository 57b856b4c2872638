#include "registry/account/captcha.h"

#include <algorithm>
#include <bit>

#include "crypto/algorithm.h"

namespace kyso::registry {
namespace {

constexpr std::string_view kPurpose = "captcha";
constexpr std::chrono::minutes kLife{10};
constexpr std::size_t kMaxAnswer = 64;

}  // namespace

Result<Captcha> new_captcha(Tickets& tickets, int difficulty, Instant now) {
  Captcha out;
  out.difficulty = std::clamp(difficulty, 1, kMaxDifficulty);
  out.expires = now + kLife;
  out.id = KYSO_TRY(tickets.issue(kPurpose, "", std::string(1, static_cast<char>(out.difficulty)), out.expires));
  return out;
}

std::optional<CaptchaAnswer> captcha_of(const json::Value& object) {
  const json::Value* captcha = object.find("captcha");
  if (captcha == nullptr) return std::nullopt;
  const json::Value *id = captcha->find("id"), *answer = captcha->find("answer");
  if (id == nullptr || answer == nullptr || !id->as_string() || !answer->as_string()) return std::nullopt;
  return CaptchaAnswer{std::string(*id->as_string()), std::string(*answer->as_string())};
}

bool solves(std::string_view id, std::string_view answer, int difficulty) {
  const Bytes hash =
      crypto::digest(crypto::DigestAlgorithm::sha256, as_bytes(std::string(id) + ":" + std::string(answer)));
  int zeros = 0;
  for (const std::uint8_t byte : hash) {
    zeros += std::countl_zero(byte);
    if (byte != 0) break;
  }
  return zeros >= difficulty;
}

Result<Tickets::Ticket> check_captcha(Tickets& tickets, const CaptchaAnswer& answer, Instant now) {
  const auto ticket = tickets.check(kPurpose, "", answer.id, now);
  if (!ticket) {
    if (ticket.error().code != "registry.ticket.invalid") return ticket.error();
    return fail("registry.captcha.wrong", "{}", ticket.error().detail);
  }
  if (ticket->content.size() != 1 || answer.answer.size() > kMaxAnswer ||
      !solves(answer.id, answer.answer, static_cast<unsigned char>(ticket->content.front())))
    return fail("registry.captcha.wrong", "answer");
  return *ticket;
}

Result<> spend_captcha(db::Transaction& transaction, const CaptchaAnswer& answer, const Tickets::Ticket& ticket) {
  const Result<> spent = Tickets::spend(transaction, answer.id, ticket.expires);
  if (!spent && spent.error().code == "registry.ticket.used") return fail("registry.captcha.wrong", "used");
  return spent;
}

std::string solve(std::string_view id, int difficulty) {
  for (std::uint64_t i = 0;; ++i)
    if (std::string answer = std::to_string(i); solves(id, answer, difficulty)) return answer;
}

}  // namespace kyso::registry
