#pragma once
/// An engine with a few signatures, and the result of a scan in words.

#include <chrono>
#include <doctest/doctest.h>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plugins/clamav/database/engine_slots.hpp"
#include "plugins/clamav/scanning/scan.hpp"
#include "sample_mail.hpp"
#include "signature_directory.hpp"
#include "test/support/captured_log.hpp"
#include "test/support/stage_table.hpp"

namespace milterd::test {

inline std::chrono::steady_clock::time_point in_a_minute() {
  return std::chrono::steady_clock::now() + std::chrono::minutes(1);
}

/// `keys` as the configuration has them, without a fault.
inline clamav::EngineSettings settings_of(const std::string& keys) {
  StageTable table(keys);
  const clamav::EngineSettings settings = clamav::read_engine_settings(table.section());
  for (const std::string& problem : table.problems()) {
    CHECK(problem.contains(": warning: "));
  }
  return settings;
}

struct Scanner {
  using Files = std::vector<std::pair<std::string, std::string>>;

  /// Knows EICAR, a signature of its own, and what is in `files` (name, content).
  explicit Scanner(const clamav::EngineSettings& settings = {}, const Files& files = {}) {
    start_libclamav_once();
    signatures.write_signatures({"Test.Other=another signature of ours"});
    for (const auto& [name, content] : files) {
      signatures.write(name, content);
    }
    clamav::EngineSlots slots(1);
    auto loaded =
        clamav::Engine::load(signatures.path(), {}, settings, *slots.take(in_a_minute()), {}, log);
    REQUIRE_MESSAGE(loaded.has_value(), (loaded ? "" : loaded.error().message));
    engine = std::move(*loaded);
  }

  clamav::ScanResult result(std::string_view mail) {
    return clamav::scan(*engine, image(mail), deadline, log);
  }

  /// "clean", "infected NAME", "unscanned REASON"
  std::string operator()(std::string_view mail) {
    const clamav::ScanResult scanned = result(mail);
    CHECK_FALSE(scanned.scanner_failed());
    switch (scanned.status) {
      case clamav::ScanResult::Status::clean: return "clean" + scanned.text;
      case clamav::ScanResult::Status::infected: return "infected " + scanned.text;
      case clamav::ScanResult::Status::unscanned: break;
    }
    return "unscanned " + scanned.text;
  }

  CapturedLog log;
  SignatureDirectory signatures;
  std::unique_ptr<const clamav::Engine> engine;
  std::chrono::steady_clock::time_point deadline = in_a_minute();
};

}  // namespace milterd::test
