#pragma once
/// A clamav stage as the host would make and reload it.

#include <doctest/doctest.h>
#include <memory>
#include <string>
#include <utility>

#include "fake_section.hpp"
#include "plugins/clamav/clamav_stage.hpp"
#include "recording_log.hpp"
#include "signature_directory.hpp"

namespace milterd::test {

class NoResolver final : public Resolver {
 public:
  std::unique_ptr<TxtLookup> lookup_txt(std::string_view /*name*/) override { return nullptr; }
};

class StageUnderTest {
 public:
  /// Made, and in force.
  explicit StageUnderTest(std::string directory, FakeSection::Entries entries = {},
                          Load load = Load::now) {
    start_libclamav_once();
    const Result<> made = reload(std::move(directory), std::move(entries), load);
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().message));
  }

  /// The next stage, made beside the one in force; make it take over with activate().
  Result<std::shared_ptr<clamav::ClamavStage>> make(std::string directory,
                                                    FakeSection::Entries entries = {},
                                                    Load load = Load::now) {
    entries.emplace("database_directory", std::move(directory));
    FakeSection section(std::move(entries));
    Result<std::unique_ptr<Stage>> made =
        clamav::ClamavStage::make(section, {"clamav", log_, resolver_, load, stage_}, "1.2.3");
    CHECK(section.errors().empty());
    if (!made) {
      return std::unexpected(made.error());
    }
    return std::dynamic_pointer_cast<clamav::ClamavStage>(std::shared_ptr<Stage>(std::move(*made)));
  }
  /// make() and activate(); the error leaves the old one in force.
  Result<> reload(std::string directory, FakeSection::Entries entries = {}, Load load = Load::now) {
    auto made = make(std::move(directory), std::move(entries), load);
    if (!made) {
      return std::unexpected(made.error());
    }
    (*made)->activate();
    stage_ = *made;
    return {};
  }

  clamav::ClamavStage* operator->() const { return stage_.get(); }
  std::shared_ptr<const clamav::ClamavStage> shared() const { return stage_; }
  const RecordingLog& log() const { return log_; }

 private:
  RecordingLog log_;
  NoResolver resolver_;
  std::shared_ptr<clamav::ClamavStage> stage_;
};

}  // namespace milterd::test
