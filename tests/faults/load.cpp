#include "load.h"

#include <fcntl.h>

#include <algorithm>
#include <thread>

#include "authority/rules.h"
#include "base/text.h"

namespace kyso::faults {
namespace {

using authority::CertificateState;
using authority::RequestState;
using authority::RequestView;
using std::chrono::steady_clock;
using vault::Act;
namespace officers = vault::test;

constexpr std::chrono::microseconds kPause{700};

std::string sha256_of(ByteView der) {
  return to_hex(crypto::digest(crypto::DigestAlgorithm::sha256, der));
}

}  // namespace

Acknowledgements::Acknowledgements(const std::filesystem::path& path)
    : m_file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}

void Acknowledgements::add(const std::string& line) {
  const std::string text = line + "\n";
  const std::lock_guard lock(m_mutex);
  if (plain_write(m_file.get(), text.data(), text.size()) != static_cast<long>(text.size())) std::abort();
}

// The same call until it succeeds. Errors that no fault explains are on record and end it.
template <typename F>
std::optional<RequestView> Desk::insist(steady_clock::time_point until, F&& call) {
  while (true) {
    Result<RequestView> done = call();
    if (done) return *std::move(done);
    if (!authority::is_temporary(done.error())) {
      m_acknowledgements.add(fmt::format("U {} {}", done.error().code, done.error().detail));
      return std::nullopt;
    }
    if (steady_clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(kPause);
  }
}

std::optional<RequestView> Desk::carry(const vault::Request& request, const std::string& requester,
                                       const std::vector<std::string>& approvers, std::chrono::milliseconds patience) {
  const auto until = steady_clock::now() + patience;
  const std::string statement = officers::sign_request(request, requester);
  auto view = insist(until, [&] { return m_authority.submit(statement); });
  if (!view) return std::nullopt;
  m_acknowledgements.add("S " + request.id);
  for (const std::string& who : approvers) {
    const std::string approval = authority::test::approval(request, who, system_clock().now());
    view = insist(until, [&] { return m_authority.decide(request.id, approval); });
    if (!view) return std::nullopt;
    m_acknowledgements.add(fmt::format("A {} {}", request.id, who));
  }
  // Approved by all: it will be carried out, by whomever.
  while (view->row.state == RequestState::authorised) {
    if (steady_clock::now() >= until) return std::nullopt;
    std::this_thread::sleep_for(kPause);
    view = insist(until, [&] { return m_authority.request(request.id); });
    if (!view) return std::nullopt;
  }
  if (view->row.state == RequestState::done) return view;
  m_acknowledgements.add(
      fmt::format("U request.{} {} {}", name_of(view->row.state), view->row.failure.value_or("-"), request.id));
  return std::nullopt;
}

void Desk::acknowledge_issued(const RequestView& view) {
  for (const auto& row : view.certificates) {
    if (!row.der) {
      m_acknowledgements.add("U done.without.certificate " + view.row.id);
      continue;
    }
    m_acknowledgements.add(fmt::format("I {} {} {}", view.row.id, to_hex(row.serial), sha256_of(*row.der)));
    m_mine.push_back(row);
  }
}

bool Desk::issue(std::size_t lines, std::chrono::milliseconds patience) {
  vault::Request request = authority::test::new_request(Act::issue, system_clock().now());
  for (std::size_t i = 0; i < lines; ++i)
    request.certificates.push_back(
        authority::test::person_line(std::to_string(i + 1), "Nguyễn Văn A", new_request_of_key()));
  const auto view = carry(request, "reg", {"check", "lead1"}, patience);
  if (view) acknowledge_issued(*view);
  return view.has_value();
}

// The same key and name once more; the old certificate is superseded.
bool Desk::renew(std::chrono::milliseconds patience) {
  const auto old = m_mine.front();
  m_mine.erase(m_mine.begin());
  m_acknowledgements.add("W " + to_hex(old.serial));
  vault::Request request = authority::test::new_request(Act::issue, system_clock().now());
  request.certificates.push_back(authority::test::person_line("1", "Nguyễn Văn A", new_request_of_key()));
  request.certificates.back().replaces_serial = to_upper(to_hex(old.serial));
  const auto view = carry(request, "reg", {"check", "lead1"}, patience);
  if (!view) return false;
  m_acknowledgements.add(fmt::format("X {} revoked 4", to_hex(old.serial)));
  acknowledge_issued(*view);
  return true;
}

bool Desk::change(std::chrono::milliseconds patience) {
  auto row = m_mine.front();
  m_mine.erase(m_mine.begin());
  const bool is_suspended = row.state == CertificateState::suspended;
  const unsigned dice = m_random() % 3;
  const Act act = dice == 0 ? Act::revoke : is_suspended ? Act::release : Act::suspend;
  const int reason = act == Act::suspend ? 6 : act == Act::release ? 8 : 1;
  m_acknowledgements.add("W " + to_hex(row.serial));
  vault::Request request = authority::test::new_request(act, system_clock().now());
  request.revocations.push_back({.serial = to_upper(to_hex(row.serial)), .reason = reason, .comment = "mẫu"});
  const auto view = carry(request, "reg", {"lead1"}, patience);
  if (!view) return false;
  row.state = act == Act::revoke    ? CertificateState::revoked
              : act == Act::release ? CertificateState::good
                                    : CertificateState::suspended;
  m_acknowledgements.add(fmt::format("X {} {} {}", to_hex(row.serial), name_of(row.state),
                                     act == Act::release ? std::string("-") : std::to_string(reason)));
  if (act != Act::revoke) m_mine.push_back(row);
  return true;
}

bool Desk::act(std::chrono::milliseconds patience) {
  const unsigned dice = m_random() % 10;
  if (!m_mine.empty() && dice < 3) return change(patience);
  if (!m_mine.empty() && dice == 3 && m_mine.front().state == CertificateState::good) return renew(patience);
  return issue(m_random() % 2 == 0 ? 1 : 1 + m_random() % 8, patience);
}

}  // namespace kyso::faults
