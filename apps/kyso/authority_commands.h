#pragma once
#include "kyso/authority_client.h"
#include "kyso/commands.h"

// The parts of `kyso authority`.
namespace kyso::app {

void add_authority_request(CLI::App& parent, const Console& console, Run& run);
void add_authority_decisions(CLI::App& parent, const Console& console, Run& run);  // approve, reject
void add_authority_reading(CLI::App& parent, const Console& console, Run& run);    // show, list, search, certificate, …
void add_authority_policy(CLI::App& parent, const Console& console, Run& run);     // policy get, check, diff
void add_passkey_enrolment(CLI::App& parent, const Console& console, Run& run);    // policy enrol-passkey

// "1 × approving", from a standing of the server's JSON.
std::string missing_of(const json::Value& standing);
int finish_authority(const Result<>& result, const Console& console);

}  // namespace kyso::app
