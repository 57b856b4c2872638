#include "vault/server/key.h"

#include <algorithm>

#include "base/log.h"

namespace kyso::vault {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPause{500};

// Trying again by itself would do harm, or can't help: a person is needed.
bool needs_a_person(const Error& error) {
  return error.code.starts_with("token.pin.") || error.code == "token.key.changed" ||
         error.code == "token.key.mismatch" || error.code.starts_with("vault.secret.");
}

}  // namespace

Key::Key(std::string name, crypto::PublicKey public_key, crypto::Certificate certificate,
         std::vector<KeySource> sources)
    : m_name(std::move(name)), m_public_key(std::move(public_key)), m_certificate(std::move(certificate)) {
  for (auto& source : sources) m_sources.push_back({.setting = std::move(source)});
}

std::shared_ptr<crypto::KeyHolder> Key::holder_of(std::size_t index) {
  std::lock_guard lock(m_mutex);
  Source& source = m_sources[index];
  if (!source.holder || source.is_out_of_use) return nullptr;
  if (source.is_up) return source.holder;
  const auto now = steady_clock::now();
  if (now < source.look_again) return nullptr;
  source.look_again = now + kPause;  // this caller looks, the others go on
  return source.holder;
}

void Key::mark_up(std::size_t index) {
  std::lock_guard lock(m_mutex);
  Source& source = m_sources[index];
  m_is_available = true;
  if (source.is_up || source.is_out_of_use) return;
  source.is_up = true;
  log::write(log::Level::info, "key.reached", {{"key", m_name}, {"source", source.setting.name}});
}

void Key::mark_down(std::size_t index, const Error& error, bool is_for_good) {
  std::lock_guard lock(m_mutex);
  Source& source = m_sources[index];
  const bool is_news = source.is_up || (is_for_good && !source.is_out_of_use);
  source.is_up = false;
  source.is_out_of_use = source.is_out_of_use || is_for_good;
  source.look_again = steady_clock::now() + kPause;
  m_is_available = std::ranges::any_of(m_sources, &Source::is_up);
  if (!is_news) return;
  log::write(
      log::Level::error, is_for_good ? "key.out_of_use" : "key.lost",
      {{"key", m_name}, {"source", source.setting.name}, {"code", std::string(error.code)}, {"detail", error.detail}});
}

Result<Bytes> Key::attempt(const crypto::SignRequest& request, Verify verify) {
  std::string tried = "no source is open";
  for (std::size_t i = 0; i < m_sources.size(); ++i) {
    const auto holder = holder_of(i);
    if (!holder) continue;
    auto value = holder->sign(request);
    if (value && verify == Verify::yes &&
        !m_public_key.verify(request.scheme, request.digest, request.message, *value)) {
      const auto wrong = fail("issue.mismatch", "a signature that doesn't verify");
      mark_down(i, wrong, true);
      tried = wrong.detail;
      continue;
    }
    if (value) {
      mark_up(i);
      return value;
    }
    if (value.error().code == "token.scheme.unsupported" || value.error().code == "crypto.algorithm.unsupported")
      return value;
    mark_down(i, value.error(), needs_a_person(value.error()));
    tried = fmt::format("{}: {}", value.error().code, value.error().detail);
  }
  return fail("vault.key.unavailable", "{}", tried).with("key", m_name);
}

Result<Secret> Key::decrypt(ByteView ciphertext) {
  std::string tried = "no source is open";
  for (std::size_t i = 0; i < m_sources.size(); ++i) {
    const auto holder = m_sources[i].setting.decrypt ? holder_of(i) : nullptr;
    if (!holder) continue;
    auto value = m_sources[i].setting.decrypt(*holder, ciphertext);
    if (value || value.error().code == "token.decrypt") {
      mark_up(i);
      return value;
    }
    mark_down(i, value.error(), needs_a_person(value.error()));
    tried = fmt::format("{}: {}", value.error().code, value.error().detail);
  }
  return fail("vault.key.unavailable", "{}", tried).with("key", m_name);
}

Result<Bytes> Key::sign(const crypto::SignRequest& request) {
  return attempt(request, Verify::no);
}

Result<Bytes> Key::sign(crypto::SignatureScheme scheme, ByteView message, Verify verify) {
  const Bytes digest = crypto::digest(scheme.digest, message);
  return attempt({.scheme = scheme, .digest = digest, .message = message, .shown_text = {}}, verify);
}

void Key::open(std::size_t index) {
  auto holder = m_sources[index].setting.open();  // only tend() opens, in one thread
  if (holder && !std::ranges::equal((*holder)->certificate().public_key().spki(), m_public_key.spki()))
    holder = fail("token.key.mismatch", "another key").with("token", m_sources[index].setting.name);
  if (!holder) {
    const bool is_first = m_sources[index].look_again == steady_clock::time_point();
    mark_down(index, holder.error(), needs_a_person(holder.error()));
    if (is_first) log::write(log::Level::error, "key.unreachable", holder.error());
    return;
  }
  {
    std::lock_guard lock(m_mutex);
    m_sources[index].holder = *std::move(holder);
  }
  mark_up(index);
}

void Key::tend() {
  for (std::size_t i = 0; i < m_sources.size(); ++i) {
    std::shared_ptr<crypto::KeyHolder> holder;
    {
      std::lock_guard lock(m_mutex);
      if (m_sources[i].is_out_of_use) continue;
      holder = m_sources[i].holder;
    }
    if (!holder) {
      open(i);
      continue;
    }
    const auto good = m_sources[i].setting.check ? m_sources[i].setting.check(*holder) : Result<>();
    if (good)
      mark_up(i);
    else
      mark_down(i, good.error(), needs_a_person(good.error()));
  }
}

}  // namespace kyso::vault
