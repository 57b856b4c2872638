# Compiler settings that hold for every target.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

option(KYSO_FUZZ "Build the libFuzzer targets" OFF)
option(KYSO_BENCH "Build the benchmarks" OFF)
option(KYSO_COVERAGE "Instrument for llvm-cov" OFF)
set(KYSO_SANITIZE "" CACHE STRING "Value for -fsanitize=")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wthread-safety -Werror -Wno-c23-extensions
                    -Wno-missing-designated-field-initializers)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
add_link_options(-fuse-ld=lld)

if(KYSO_SANITIZE)
  add_compile_options(-fsanitize=${KYSO_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${KYSO_SANITIZE})
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection
                      -fcf-protection=full -ftrivial-auto-var-init=zero -ffunction-sections -fdata-sections)
  add_link_options(-pie -Wl,-z,relro,-z,now -Wl,--gc-sections -Wl,--as-needed)
endif()
if(KYSO_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(KYSO_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()

# Programs here live for milliseconds: relocating C++ libraries would cost more than an RSA signature. Small ones are linked in;
# OpenSSL and PKCS#11 stay shared, so that the system's security updates reach us.
set(Boost_USE_STATIC_LIBS ON)
set(PNG_NAMES libpng16.a)
set(ZLIB_USE_STATIC_LIBS ON)
if(NOT KYSO_SANITIZE)
  add_link_options(-static-libstdc++ -static-libgcc)
endif()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(PNG REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(fmt 9 REQUIRED)
# Of fmt only the headers: Debian has it as a shared library, which would bring the shared libstdc++ back.
# src/base/fmt_library.cpp holds its code.
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(LIBXML REQUIRED IMPORTED_TARGET libxml-2.0)
pkg_check_modules(XLSXWRITER REQUIRED IMPORTED_TARGET xlsxwriter)
pkg_check_modules(ARGON2 REQUIRED IMPORTED_TARGET libargon2)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
pkg_check_modules(P11KIT REQUIRED IMPORTED_TARGET p11-kit-1)
pkg_check_modules(TOMLPLUSPLUS REQUIRED tomlplusplus)  # headers only
pkg_check_modules(HARFBUZZ REQUIRED IMPORTED_TARGET harfbuzz-subset)
pkg_check_modules(CURL REQUIRED IMPORTED_TARGET libcurl)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(LIBPQ REQUIRED IMPORTED_TARGET libpq)
find_package(CLI11 REQUIRED)

# A program finds its data beside itself: <prefix>/bin/kyso and <prefix>/share/kyso. The build tree has the same shape.
file(MAKE_DIRECTORY "${CMAKE_BINARY_DIR}/share")
file(CREATE_LINK "${CMAKE_SOURCE_DIR}/share" "${CMAKE_BINARY_DIR}/share/kyso" SYMBOLIC)
