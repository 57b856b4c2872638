#pragma once
#include <p11-kit/pkcs11.h>

#include <source_location>
#include <string>
#include <string_view>

#include "base/result.h"

// CK_RV of PKCS#11 v2.40 section 5.1 as Kyso's errors.
namespace kyso::token {

std::string name_of(CK_RV rv);  // "CKR_DEVICE_REMOVED", or hexadecimal

// The token, its session or the key's handle is gone; opening everything anew may help.
bool is_lost(CK_RV rv);
bool is_lost(const Error& error);

// token.device.lost or token.device, both with {call} and {rv}.
Error device_error(std::string_view call, CK_RV rv, std::source_location where = std::source_location::current());

Result<> check(std::string_view call, CK_RV rv, std::source_location where = std::source_location::current());

}  // namespace kyso::token
