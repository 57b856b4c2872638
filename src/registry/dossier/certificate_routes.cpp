#include <algorithm>

#include "crypto/pem.h"
#include "registry/dossier/view.h"
#include "registry/dossier/words.h"
#include "registry/web/parameters.h"

namespace kyso::registry {
namespace {

using net::ServerResponse;

bool sees_all(const Caller& caller) {
  return caller.has_any({Role::receiving, Role::checking, Role::approving, Role::auditor});
}

Result<certificate_store::CertificateFilter> filter_of(const PortalRequest& request) {
  const PageQuery paging = KYSO_TRY(page_query(request.http));
  certificate_store::CertificateFilter filter;
  filter.now = request.now;
  filter.serial = query_of(request.http, "serial");
  filter.device_serial = query_of(request.http, "device");
  filter.iccid = query_of(request.http, "iccid");
  filter.email = query_of(request.http, "email");
  filter.words = words_of(query_of(request.http, "name"));
  filter.state = query_of(request.http, "state");
  static constexpr std::string_view kStates[] = {"", "good", "suspended", "revoked", "expired"};
  if (std::ranges::find(kStates, filter.state) == std::end(kStates)) return bad_parameter("state");
  const std::string device = query_of(request.http, "device_kind");
  if (!device.empty() && !(filter.device = device_by_name(device))) return bad_parameter("device_kind");
  filter.only_stale = KYSO_TRY(flag_of(request.http, "stale"));
  filter.expires_before = KYSO_TRY(day_of(request.http, "expires_before"));
  filter.after = paging.after;
  filter.limit = paging.limit;
  return filter;
}

// A serial number that is no number finds nothing, not everything.
bool is_possible(const certificate_store::CertificateFilter& filter) {
  return filter.serial.empty() || !normal_serial(check_serial(filter.serial).value).empty();
}

Result<ServerResponse> search(Dossiers& dossiers, const PortalRequest& request) {
  certificate_store::CertificateFilter filter = KYSO_TRY(filter_of(request));
  const Caller& caller = request.who();
  const bool outside = KYSO_TRY(flag_of(request.http, "outside")) && !sees_all(caller);
  const std::string below = query_of(request.http, "organisation");
  if (!sees_all(caller) && caller.organisation.empty()) return fail("registry.access.forbidden");
  if (!filter.serial.empty()) filter.serial = check_serial(filter.serial).value;
  // "NGOÀI TỔ CHỨC": nobody looks through other organisations' people.
  if (outside) {
    const bool has_key =
        !filter.serial.empty() || !filter.device_serial.empty() || !filter.iccid.empty() || !filter.email.empty();
    if (!has_key) return fail("registry.certificate.outside");
    filter.words.clear();
  }
  if (!is_possible(filter)) return page(json::Value::array(), std::nullopt);
  const auto found = KYSO_TRY(
      dossiers.database().read([&](db::Transaction& transaction) -> Result<certificate_store::CertificatePage> {
        filter.scope = outside || sees_all(caller) ? std::string() : caller.organisation;
        if (!below.empty() && !outside) {
          if (!filter.scope.empty() &&
              !KYSO_TRY(Organisations::is_within(transaction, below, filter.scope, request.now)))
            return certificate_store::CertificatePage{};
          filter.scope = below;
        }
        return certificate_store::search(transaction, filter);
      }));
  json::Value items = json::Value::array();
  for (const SubscriberCertificate& one : found.items) items.push_back(certificate_json(one, request.now, outside));
  return page(std::move(items), found.next);
}

Result<SubscriberCertificate> visible(Dossiers& dossiers, const PortalRequest& request) {
  const std::string issuer = request.http.parameter("issuer").value_or(""),
                    serial = request.http.parameter("serial").value_or("");
  return dossiers.database().read([&](db::Transaction& transaction) -> Result<SubscriberCertificate> {
    std::optional<SubscriberCertificate> found = KYSO_TRY(certificate_store::find(transaction, issuer, serial));
    if (!found) return fail("registry.certificate.missing");
    const Caller& caller = request.who();
    if (!sees_all(caller) && (caller.organisation.empty() ||
                              !KYSO_TRY(certificate_store::is_visible(transaction, *found, caller.organisation))))
      return fail("registry.certificate.missing");
    return *std::move(found);
  });
}

Result<ServerResponse> get(Dossiers& dossiers, const PortalRequest& request) {
  const SubscriberCertificate found = KYSO_TRY(visible(dossiers, request));
  json::Value out = certificate_json(found, request.now);
  if (!found.der.empty()) out.set("pem", crypto::to_pem("CERTIFICATE", found.der));
  return answer(out);
}

Result<ServerResponse> file(Dossiers& dossiers, const PortalRequest& request) {
  const SubscriberCertificate found = KYSO_TRY(visible(dossiers, request));
  return download("application/x-pem-file", found.serial + ".pem", to_bytes(crypto::to_pem("CERTIFICATE", found.der)));
}

}  // namespace

std::vector<PortalRoute> certificate_routes(Dossiers& dossiers) {
  const Access readers =
      Access::of({Role::clerk, Role::head, Role::receiving, Role::checking, Role::approving, Role::auditor});
  const auto bound = [&dossiers](Result<ServerResponse> (*handler)(Dossiers&, const PortalRequest&)) {
    return [&dossiers, handler](const PortalRequest& request) { return handler(dossiers, request); };
  };
  std::vector<PortalRoute> out;
  out.push_back({"GET", "/api/v1/certificates", readers, bound(search)});
  out.push_back({"GET", "/api/v1/certificates/{issuer}/{serial}", readers, bound(get)});
  out.push_back({"GET", "/api/v1/certificates/{issuer}/{serial}/file", readers, bound(file)});
  return out;
}

}  // namespace kyso::registry
