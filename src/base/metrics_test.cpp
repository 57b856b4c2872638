#include "base/metrics.h"

#include <doctest/doctest.h>

#include <thread>

namespace kyso::metrics {
namespace {

TEST_CASE("the text format") {
  Registry registry;
  registry.counter("kyso_a_total", "Counts a\nand \\b.", {{"kind", "x\"y\\z\n"}}).add(3);
  registry.counter("kyso_a_total", "Counts a\nand \\b.", {{"kind", "other"}}).add();
  registry.gauge("kyso_b", "Level.").set(-5);
  registry.gauge_from("kyso_c", "Asked for.", [] { return 0.5; });
  Histogram& histogram = registry.histogram("kyso_d_seconds", "Took.", {{"at", "z"}}, {0.5, 2});
  for (const double value : {0.25, 0.5, 1.0, 4.0}) histogram.observe(value);
  CHECK(registry.text() ==
        "# HELP kyso_a_total Counts a\\nand \\\\b.\n# TYPE kyso_a_total counter\n"
        "kyso_a_total{kind=\"other\"} 1\nkyso_a_total{kind=\"x\\\"y\\\\z\\n\"} 3\n"
        "# HELP kyso_b Level.\n# TYPE kyso_b gauge\nkyso_b -5\n"
        "# HELP kyso_c Asked for.\n# TYPE kyso_c gauge\nkyso_c 0.5\n"
        "# HELP kyso_d_seconds Took.\n# TYPE kyso_d_seconds histogram\n"
        "kyso_d_seconds_bucket{at=\"z\",le=\"0.5\"} 2\nkyso_d_seconds_bucket{at=\"z\",le=\"2\"} 3\n"
        "kyso_d_seconds_bucket{at=\"z\",le=\"+Inf\"} 4\nkyso_d_seconds_sum{at=\"z\"} 5.75\n"
        "kyso_d_seconds_count{at=\"z\"} 4\n");
}

TEST_CASE("the same name and labels are the same number") {
  Registry registry;
  Counter& counter = registry.counter("kyso_x_total", "X.");
  CHECK(&counter == &registry.counter("kyso_x_total", "X."));
  CHECK(&counter != &registry.counter("kyso_x_total", "X.", {{"a", "b"}}));
  // What contradicts is counted apart and does not spoil the text.
  registry.gauge("kyso_x_total", "X.").set(9);
  CHECK(registry.text().find('9') == std::string::npos);
}

TEST_CASE("counting from several threads") {
  Registry registry;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&registry] {
      Counter& counter = registry.counter("kyso_n_total", "N.");
      Histogram& histogram = registry.histogram("kyso_n_seconds", "N.");
      for (int n = 0; n < 1000; ++n) {
        counter.add();
        histogram.observe(0.001);
      }
      (void)registry.text();
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(registry.counter("kyso_n_total", "N.").value() == 4000);
  CHECK(registry.histogram("kyso_n_seconds", "N.").count() == 4000);
}

}  // namespace
}  // namespace kyso::metrics
