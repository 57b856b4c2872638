#include "vault/client.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include "vault/channel.h"

namespace kyso::vault {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kPieceOctets = 8U << 20U;

std::size_t octets_of(const SignedRequest& request) {
  std::size_t size = request.request.size();
  for (const auto& approval : request.approvals) size += approval.size();
  return size;
}
std::size_t octets_of(const std::string& text) {
  return text.size();
}
std::size_t octets_of(const Bytes& octets) {
  return octets.size();
}
std::size_t octets_of(const Vault::TimeStampInput& input) {
  return input.tst_info.size() + input.signed_attributes.size();
}

// f(piece) for pieces that fit a frame.
template <typename T, typename F>
void in_pieces(const std::vector<T>& items, F&& f) {
  std::vector<T> piece;
  std::size_t size = 0;
  for (const T& item : items) {
    if (!piece.empty() && (piece.size() == kMaxItems || size + octets_of(item) > kPieceOctets)) {
      f(std::exchange(piece, {}));
      size = 0;
    }
    size += octets_of(item);
    piece.push_back(item);
  }
  if (!piece.empty()) f(std::move(piece));
}

// An answer that failed as a whole, or didn't.
template <typename T>
Result<T> flat(Result<Result<T>> answer) {
  if (!answer) return std::move(answer).error();
  return *std::move(answer);
}

class Client final : public Vault {
 public:
  explicit Client(ClientOptions options) : m_options(std::move(options)) {
    m_options.connections = std::max<std::size_t>(1, m_options.connections);
  }

  Result<State> state() override { return flat(call(StateCall{})); }
  Result<std::vector<PolicyFile>> policy_files() override { return flat(call(PolicyFilesCall{})); }

  std::vector<Result<std::vector<PreparedCertificate>>> prepare(const std::vector<SignedRequest>& requests) override {
    return each<PrepareCall>(requests);
  }
  std::vector<Result<crypto::Certificate>> sign_prepared(const std::vector<std::string>& intents) override {
    return each<SignPreparedCall>(intents);
  }
  Result<> void_intent(const std::string& intent) override { return flat(call(VoidIntentCall{intent})); }
  Result<std::vector<Intent>> intents(const std::vector<std::string>& ids) override {
    return together<Intent>(ids, [&](auto piece) { return flat(call(IntentsCall{std::move(piece)})); }, false);
  }
  Result<std::vector<JournalEntry>> journal(std::int64_t after, std::size_t limit) override {
    const auto most = static_cast<std::uint32_t>(std::min(limit, kMaxJournalPage));
    return flat(call(JournalCall{after, most}));
  }
  Result<State> adopt_policy(const SignedRequest& request) override { return flat(call(AdoptPolicyCall{request})); }

  Result<Bytes> sign_crl(const std::string& issuer, int memory_file, std::size_t size) override {
    return flat(call(SignCrlCall{issuer, size}, memory_file));
  }
  Result<std::vector<Bytes>> sign_ocsp(const std::string& signer, const std::vector<Bytes>& response_data) override {
    return together<Bytes>(response_data,
                           [&](auto piece) { return flat(call(SignOcspCall{signer, std::move(piece)})); });
  }
  Result<std::vector<Bytes>> sign_time_stamps(const std::string& signer,
                                              const std::vector<TimeStampInput>& inputs) override {
    return together<Bytes>(inputs,
                           [&](auto piece) { return flat(call(SignTimeStampsCall{signer, std::move(piece)})); });
  }
  Result<Bytes> sign_checkpoint(const std::string& text) override { return flat(call(SignCheckpointCall{text})); }
  Result<std::vector<ReleasedPin>> release_so_pins(const SignedRequest& request) override {
    return flat(call(ReleaseSoPinsCall{request}));
  }

 private:
  // One result for each item; a failure of the call is the failure of each.
  template <typename C, typename T>
  typename C::Answer each(const std::vector<T>& items) {
    typename C::Answer out;
    in_pieces(items, [&](std::vector<T> piece) {
      const std::size_t count = piece.size();
      auto answer = call(C{std::move(piece)});
      if (answer && answer->size() != count)
        answer = fail("vault.protocol", "{} answers of {}", answer->size(), count).with("reason", "count");
      for (std::size_t i = 0; i < count; ++i) {
        if (answer)
          out.push_back(std::move((*answer)[i]));
        else
          out.emplace_back(answer.error());
      }
    });
    return out;
  }

  template <typename R, typename T, typename F>
  Result<std::vector<R>> together(const std::vector<T>& items, F&& f, bool one_for_each = true) {
    Result<std::vector<R>> out = std::vector<R>();
    in_pieces(items, [&](std::vector<T> piece) {
      if (!out) return;
      const std::size_t count = piece.size();
      auto answer = f(std::move(piece));
      if (answer && one_for_each && answer->size() != count)
        answer = fail("vault.protocol", "{} answers of {}", answer->size(), count).with("reason", "count");
      if (!answer)
        out = std::move(answer).error();
      else
        std::ranges::move(*answer, std::back_inserter(*out));
    });
    return out;
  }

  template <typename C>
  Result<typename C::Answer> call(const C& request, int descriptor = -1) {
    const auto deadline = steady_clock::now() + m_options.timeout;
    auto frame = exchange(C::kType, encode(Call(request)), descriptor, deadline);
    if (!frame) return std::move(frame).error();
    return decode_answer<C>(frame->body);
  }

  struct Lease {
    Channel channel;
    bool is_new = false;
  };

  Result<Frame> exchange(MessageType type, const Bytes& body, int descriptor, Deadline deadline) {
    while (true) {
      auto lease = KYSO_TRY(take(deadline));
      auto frame = exchange_over(lease.channel, type, body, descriptor, deadline);
      const bool was_stale = !frame && frame.error().code == "vault.unreachable" && !lease.is_new;
      give_back(frame ? std::optional(std::move(lease.channel)) : std::nullopt);
      if (!was_stale) return frame;
    }
  }

  Result<Frame> exchange_over(Channel& channel, MessageType type, const Bytes& body, int descriptor,
                              Deadline deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
    const FrameHeader header{.type = type,
                             .id = next_id(),
                             .timeout_ms = static_cast<std::uint32_t>(std::clamp<std::int64_t>(left, 0, 3'600'000))};
    const auto sent = channel.send(header, body, deadline, descriptor);
    if (!sent && sent.error().code != "vault.unreachable") return sent.error();
    // Who refuses a connection says why before closing it: read also when sending failed.
    auto frame = channel.receive(deadline);
    if (!frame) return frame;
    if (!frame->header.is_answer || (frame->header.id != header.id && frame->header.id != 0) ||
        (frame->header.id == header.id && frame->header.type != type))
      return fail("vault.protocol", "another answer").with("reason", "id");
    return frame;
  }

  std::uint64_t next_id() {
    std::lock_guard lock(m_mutex);
    return ++m_last_id;
  }

  Result<Lease> take(Deadline deadline) {
    {
      std::unique_lock lock(m_mutex);
      const bool got =
          m_changed.wait_until(lock, deadline, [&] { return !m_idle.empty() || m_open < m_options.connections; });
      if (!got) return fail("vault.busy", "all connections are taken");
      while (!m_idle.empty()) {
        Channel channel = std::move(m_idle.back());
        m_idle.pop_back();
        if (channel.is_fresh()) return Lease{std::move(channel), false};
        --m_open;
      }
      ++m_open;
    }
    auto channel = Channel::connect(m_options.socket, deadline);
    if (!channel) {
      give_back(std::nullopt);
      return std::move(channel).error();
    }
    return Lease{*std::move(channel), true};
  }

  void give_back(std::optional<Channel> channel) {
    {
      std::lock_guard lock(m_mutex);
      if (channel)
        m_idle.push_back(*std::move(channel));
      else
        --m_open;
    }
    m_changed.notify_one();
  }

  ClientOptions m_options;
  std::mutex m_mutex;
  std::condition_variable m_changed;
  std::vector<Channel> m_idle;
  std::size_t m_open = 0;
  std::uint64_t m_last_id = 0;
};

}  // namespace

std::unique_ptr<Vault> connect(ClientOptions options) {
  return std::make_unique<Client>(std::move(options));
}

}  // namespace kyso::vault
