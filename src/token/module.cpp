#include "token/module.h"

#include <dlfcn.h>

#include <filesystem>
#include <map>
#include <system_error>

#include "token/known_modules.h"
#include "token/return_value.h"

namespace kyso::token {

struct Module::Registry {
  std::mutex mutex;
  std::map<std::string, std::unique_ptr<Module>> modules;
};

// Never destroyed: holders in static storage may outlive any order of destruction.
Module::Registry& Module::registry() {
  static auto& registry = *new Registry;
  return registry;
}

Module::Use::~Use() {
  if (m_module != nullptr) m_module->release();
}

Result<Module::Use> Module::acquire(const std::string& path_or_name) {
  const auto found = KYSO_TRY(resolve_module(path_or_name));
  // One library under two names must be initialised once.
  std::error_code failed;
  auto canonical = std::filesystem::canonical(found, failed).string();
  if (failed) canonical = found;

  auto& all = registry();
  std::lock_guard lock(all.mutex);
  auto& module = all.modules[canonical];
  if (!module) module.reset(new Module(canonical));
  if (module->m_functions == nullptr) KYSO_TRY(module->load());
  if (module->m_users == 0) {
    module->m_one_at_a_time = false;
    KYSO_TRY(module->initialise());
  }
  ++module->m_users;
  return Use(module.get());
}

void Module::release() {
  std::lock_guard lock(registry().mutex);
  if (--m_users == 0) finalise();
}

Result<> Module::load() {
  void* library = dlopen(m_path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = dlerror();
    return fail("token.module.unusable", "{}", reason != nullptr ? reason : "dlopen").with("path", m_path);
  }
  auto get_functions = reinterpret_cast<CK_C_GetFunctionList>(dlsym(library, "C_GetFunctionList"));
  CK_FUNCTION_LIST* functions = nullptr;
  if (get_functions == nullptr || get_functions(&functions) != CKR_OK || functions == nullptr) {
    dlclose(library);
    return fail("token.module.unusable", "no function list").with("path", m_path);
  }
  const bool complete = functions->C_Initialize && functions->C_Finalize && functions->C_GetInfo &&
                        functions->C_GetSlotList && functions->C_GetSlotInfo && functions->C_GetTokenInfo &&
                        functions->C_GetMechanismInfo && functions->C_OpenSession && functions->C_CloseSession &&
                        functions->C_GetSessionInfo && functions->C_Login && functions->C_FindObjectsInit &&
                        functions->C_FindObjects && functions->C_FindObjectsFinal && functions->C_GetAttributeValue &&
                        functions->C_SignInit && functions->C_Sign;
  if (!complete || functions->version.major < 2) {
    return fail("token.module.unusable", "version {}.{}, complete: {}", functions->version.major,
                functions->version.minor, complete)
        .with("path", m_path);
  }
  m_functions = functions;
  return {};
}

Result<> Module::initialise() {
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  CK_RV rv = m_functions->C_Initialize(&arguments);
  if (rv == CKR_CANT_LOCK || rv == CKR_NEED_TO_CREATE_THREADS || rv == CKR_ARGUMENTS_BAD) {
    m_one_at_a_time = true;
    rv = m_functions->C_Initialize(nullptr);
  }
  if (rv == CKR_CRYPTOKI_ALREADY_INITIALIZED) return {};
  if (rv != CKR_OK) return fail("token.module.unusable", "C_Initialize: {}", name_of(rv)).with("path", m_path);
  m_ours = true;
  m_life.fetch_add(1);
  return {};
}

void Module::finalise() {
  if (!m_ours) return;
  m_ours = false;
  m_functions->C_Finalize(nullptr);
}

Result<> Module::revive() {
  std::lock_guard lock(registry().mutex);
  CK_INFO info{};
  if (call([&](auto& f) { return f.C_GetInfo(&info); }) != CKR_CRYPTOKI_NOT_INITIALIZED) return {};
  std::unique_lock running(m_running);
  return initialise();
}

Result<bool> Module::restart_if_alone() {
  std::lock_guard lock(registry().mutex);
  if (m_users != 1 || !m_ours) return false;
  std::unique_lock running(m_running);
  finalise();
  KYSO_TRY(initialise());
  return true;
}

Result<bool> Module::restart(std::uint64_t seen_life) {
  std::lock_guard lock(registry().mutex);
  const auto now = std::chrono::steady_clock::now();
  if (!m_ours || seen_life != life() || now - m_restarted < (m_pools > 0 ? kDisturbingPause : kRestartPause))
    return false;
  std::unique_lock running(m_running, kRestartPause);
  if (!running) return false;
  m_restarted = now;
  finalise();
  KYSO_TRY(initialise());
  return true;
}

}  // namespace kyso::token
