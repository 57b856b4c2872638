#include "base/result.h"

#include <doctest/doctest.h>

#include <memory>

#include "base/secret.h"

namespace kyso {
namespace {

Result<std::unique_ptr<int>> positive(int value) {
  if (value <= 0) return fail("base.internal", "{} is not positive", value).with("value", value);
  return std::make_unique<int>(value);
}

Result<> check_positive(int value) {
  KYSO_TRY(positive(value));
  return {};
}

Result<int> sum(int a, int b) {
  const std::unique_ptr<int> first = KYSO_TRY(positive(a));  // moves out: the value cannot be copied
  KYSO_TRY(check_positive(b));
  return *first + *KYSO_TRY(positive(b));
}

TEST_CASE("KYSO_TRY gives the value or returns the error as it is") {
  CHECK(sum(1, 2).value() == 3);
  const Error error = sum(1, -2).error();
  CHECK(error.code == "base.internal");
  CHECK(error.detail == "-2 is not positive");
  CHECK(error.params == std::vector<std::pair<std::string, std::string>>{{"value", "-2"}});
}

TEST_CASE("an error knows where it was made") {
  const unsigned line = __LINE__ + 1;
  const Error plain = fail("base.internal");
  const Error formatted = fail("base.internal", "n = {}", 1);
  CHECK(plain.where.line() == line);
  CHECK(formatted.where.line() == line + 1);
  CHECK(std::string_view(formatted.where.file_name()).ends_with("result_test.cpp"));
}

TEST_CASE("and_then and transform") {
  const auto twice = [](int n) { return n * 2; };
  const auto add_one = [](int n) -> Result<int> { return n + 1; };
  CHECK(sum(1, 2).transform(twice).value() == 6);
  CHECK(sum(1, 2).and_then(add_one).value() == 4);
  CHECK(sum(0, 2).transform(twice).error().code == "base.internal");
  CHECK(sum(0, 2).and_then(add_one).error().code == "base.internal");
  CHECK(check_positive(1).and_then([] { return sum(2, 3); }).value() == 5);
  CHECK(check_positive(0).and_then([] { return sum(2, 3); }).error().detail == "0 is not positive");
}

TEST_CASE("a secret is wiped where it was, wherever it goes") {
  static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
  for (const std::string& text : {std::string("1234"), std::string(100, 'x')}) {  // inside the string and on the heap
    Secret first(text);
    Secret second = std::move(first);
    CHECK(first.empty());  // NOLINT(bugprone-use-after-move): that it is empty is the point
    CHECK(second.reveal() == text);
    const Secret copy = second.clone();
    second = Secret("other");
    CHECK(second.reveal() == "other");
    CHECK(copy.reveal() == text);
  }
  // The bytes themselves: a Secret is destroyed inside storage that outlives it.
  alignas(Secret) std::byte storage[sizeof(Secret)];
  auto* secret = new (storage) Secret("5678");
  secret->~Secret();
  const std::string_view left(reinterpret_cast<const char*>(storage), sizeof storage);
  CHECK(left.find("5678") == std::string_view::npos);
}

}  // namespace
}  // namespace kyso
