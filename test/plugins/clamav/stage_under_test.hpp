#pragma once
/// A clamav stage as the host would make and reload it.

#include <doctest/doctest.h>
#include <memory>
#include <string>
#include <utility>

#include "plugins/clamav/clamav_stage.hpp"
#include "signature_directory.hpp"
#include "test/support/captured_log.hpp"
#include "test/support/fake_resolver.hpp"
#include "test/support/received_transaction.hpp"
#include "test/support/stage_table.hpp"

namespace milterd::test {

/// `keys` are lines of TOML, database_directory not among them.
class StageUnderTest {
 public:
  /// Made, and in force.
  explicit StageUnderTest(const std::string& directory, const std::string& keys = "",
                          Load load = Load::now) {
    start_libclamav_once();
    const Result<> made = reload(directory, keys, load);
    REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().message));
  }

  /// The next stage, made beside the one in force; make it take over with activate().
  Result<std::shared_ptr<clamav::ClamavStage>> make(const std::string& directory,
                                                    const std::string& keys = "",
                                                    Load load = Load::now) {
    StageTable table("database_directory = '" + directory + "'\n" + keys);
    Result<std::unique_ptr<Stage>> made = clamav::ClamavStage::make(
        table.section(), {"clamav", log_, resolver_, load, stage_}, "1.2.3");
    CHECK(table.errors() == std::vector<std::string>{});
    if (!made) {
      return std::unexpected(made.error());
    }
    return std::dynamic_pointer_cast<clamav::ClamavStage>(std::shared_ptr<Stage>(std::move(*made)));
  }
  /// make() and activate(); the error leaves the old one in force.
  Result<> reload(const std::string& directory, const std::string& keys = "",
                  Load load = Load::now) {
    auto made = make(directory, keys, load);
    if (!made) {
      return std::unexpected(made.error());
    }
    (*made)->activate();
    stage_ = *made;
    return {};
  }

  /// A whole message, in a session of its own; the transaction and `detail` stay.
  Verdict run(std::string_view mail) {
    const auto session = stage_->open_session();
    const Result<Verdict> verdict = session->on_message(received.receive(mail, session.get()));
    REQUIRE_MESSAGE(verdict.has_value(), (verdict ? "" : verdict.error().message));
    detail = session->describe();
    session->on_transaction_end();
    return *verdict;
  }

  clamav::ClamavStage* operator->() const { return stage_.get(); }
  std::shared_ptr<const clamav::ClamavStage> shared() const { return stage_; }
  /// The stage's own; messages have the one in `received`.
  const CapturedLog& log() const { return log_; }

  ReceivedTransaction received;
  Value detail;

 private:
  CapturedLog log_;
  FakeResolver resolver_;
  std::shared_ptr<clamav::ClamavStage> stage_;
};

/// One in force whose database finds EICAR.
struct LoadedStage {
  const EicarDirectory signatures;
  StageUnderTest stage{signatures.path()};
};

}  // namespace milterd::test
