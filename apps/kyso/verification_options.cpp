#include "kyso/verification_options.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "base/file.h"
#include "kyso/trust_stores.h"

namespace kyso::app {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxTrustFile = 64U << 20U;

// A CRL or an OCSP answer lying among the certificates of --trust is evidence for the judgement.
void add_evidence(const fs::path& file, verify::Evidence& evidence) {
  const auto bytes = read_file(file, kMaxTrustFile);
  if (!bytes) return;
  if (auto list = pki::RevocationList::from_der(*bytes)) {
    const ByteView der = list->der();
    evidence.items.push_back(
        {verify::EvidenceItem::Kind::crl, Bytes(der.begin(), der.end()), file.filename().string(), std::nullopt});
  } else if (auto response = pki::OcspResponse::from_der(*bytes)) {
    const ByteView der = response->der();
    evidence.items.push_back(
        {verify::EvidenceItem::Kind::ocsp, Bytes(der.begin(), der.end()), file.filename().string(), std::nullopt});
  }
}

Result<> add_given_trust(const std::string& given, VerificationContext& context) {
  const pki::AnchorDefaults defaults{.reason = given};
  std::error_code failed;
  if (!fs::is_directory(given, failed)) {
    const std::size_t before = context.evidence.items.size();
    add_evidence(given, context.evidence);
    return context.evidence.items.size() > before ? Result<>() : context.trust.load_file(given, defaults);
  }
  KYSO_TRY(context.trust.load_folder(given, defaults));
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(given, failed), end; !failed && entry != end; entry.increment(failed))
    if (entry->is_regular_file(failed)) files.push_back(entry->path());
  std::ranges::sort(files);  // the order of a folder is nobody's order
  for (const fs::path& file : files) add_evidence(file, context.evidence);
  return {};
}

}  // namespace

void add_verification_options(CLI::App& command, VerificationOptions& options, Network network,
                              const Console& console) {
  const char* group = console.pick("Tin cậy", "Trust");
  command
      .add_option("--trust", options.trust,
                  console.pick("Thêm chứng thư gốc tin cậy: tệp hoặc thư mục (CRL và OCSP trong đó cũng được dùng)",
                               "Further trust anchors: file or folder (CRLs and OCSP answers in it are used too)"))
      ->type_name("FILE|DIR")
      ->group(group)
      ->allow_extra_args(false);
  command
      .add_flag("--only-trust", options.only_given_trust,
                console.pick("Chỉ tin các chứng thư nêu ở --trust", "Trust only what --trust names"))
      ->group(group);
  command
      .add_option("--policy", options.policy,
                  console.pick("Chính sách: strict (mặc định), tt15, legacy-vn hoặc tệp TOML",
                               "Policy: strict (default), tt15, legacy-vn or a TOML file"))
      ->type_name("NAME|FILE")
      ->group(group);
  command.add_option("--at", options.at, console.pick("Kết luận tại thời điểm này", "Judge as of this time"))
      ->type_name("TIME")
      ->group(group);
  if (network == Network::never) return;
  const char* network_group = console.pick("Mạng", "Network");
  CLI::Option* online = command
                            .add_flag("--online", options.online,
                                      console.pick("Hỏi OCSP, tải CRL và chứng thư CA còn thiếu",
                                                   "Ask OCSP, fetch CRLs and certificates"))
                            ->group(network_group);
  command
      .add_flag("--offline", options.offline, console.pick("Không dùng mạng (mặc định)", "Use no network (default)"))
      ->excludes(online)
      ->group(network_group);
  command
      .add_flag("--no-cache", options.no_cache,
                console.pick("Không dùng câu trả lời đã lưu", "Use no answers from earlier runs"))
      ->group(network_group);
  command
      .add_option("--fetch-timeout", options.timeout_seconds,
                  console.pick("Số giây chờ mỗi dịch vụ", "Seconds to wait for each service"))
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 600))
      ->group(network_group);
}

Result<VerificationContext> open_verification(const VerificationOptions& options) {
  VerificationContext context;
  if (!options.only_given_trust) context.trust = KYSO_TRY(load_trust_stores());
  for (const std::string& given : options.trust) KYSO_TRY(add_given_trust(given, context));
  context.policy =
      KYSO_TRY(verify::Policy::load(options.policy.empty() ? "strict" : options.policy, share_folder() / "policies"));
  context.time = options.at.empty() ? system_clock().now() : KYSO_TRY(parse_time(options.at));
  context.is_online = options.online;
  if (!options.no_cache) context.collector.cache_folder = cache_folder() / "evidence";
  context.collector.timeout = std::chrono::seconds(options.timeout_seconds);
  return context;
}

}  // namespace kyso::app
