#include <atomic>
#include <doctest/doctest.h>
#include <thread>

#include "plugins/clamav/clamav_stage.hpp"
#include "sample_mail.hpp"
#include "signature_directory.hpp"
#include "stage_under_test.hpp"
#include "test/support/captured_log.hpp"
#include "test/support/stage_table.hpp"

namespace milterd::clamav {
namespace {

using test::CapturedLog;
using test::EicarDirectory;
using test::LoadedStage;
using test::ReceivedTransaction;
using test::SignatureDirectory;
using test::StageUnderTest;
using test::text_mail;

/// Until no more than `most` engines are alive; the reaper works in its own time.
bool engines_fall_to(const ClamavStage& stage, std::size_t most) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (stage.engines_alive() > most) {
    if (std::chrono::steady_clock::now() > deadline) {
      return false;
    }
    std::this_thread::yield();
  }
  return true;
}

std::string reason_for(StageSession& session, const std::string& mail) {
  ReceivedTransaction received;
  const Result<Verdict> verdict = session.on_message(received.receive(mail));
  session.on_transaction_end();
  return verdict ? verdict->reason : "error: " + verdict.error().message;
}

std::string reason_for(StageUnderTest& stage, const std::string& mail) {
  return stage.run(mail).reason;
}

const std::string other_mail = text_mail("a second signature");

TEST_CASE_FIXTURE(LoadedStage, "a new signature acts after the reload, in old sessions too") {
  const auto old_stage = stage.shared();
  const auto old_session = old_stage->open_session();
  CHECK(reason_for(*old_session, other_mail).empty());
  signatures.write_signatures({"Test.Second=a second signature"});
  REQUIRE(stage.reload(signatures.path()));
  CHECK(reason_for(stage, other_mail) == "Test.Second.UNOFFICIAL");
  CHECK(reason_for(*old_session, other_mail) == "Test.Second.UNOFFICIAL");
  CHECK(engines_fall_to(*old_stage, 1));
  CHECK(stage.log().lines("error").empty());
}

TEST_CASE_FIXTURE(LoadedStage, "a reload of the same database and settings keeps the engine") {
  const auto next = stage.make(signatures.path(), "on_infected = 'discard'\n");
  REQUIRE(next.has_value());
  CHECK(stage->engines_alive() == 1);
  (*next)->activate();
  CHECK(stage->engines_alive() == 1);
  const Result<Verdict> verdict =
      (*next)->open_session()->on_message(stage.received.receive(text_mail(test::eicar())));
  REQUIRE(verdict.has_value());
  CHECK(verdict->action == Action::discard);
}

TEST_CASE_FIXTURE(LoadedStage, "a reload with other limits makes another engine with them") {
  const std::string mail = text_mail(std::string(5000, 'x'));
  CHECK(reason_for(stage, mail).empty());
  REQUIRE(stage.reload(signatures.path(), "max_file_size = '4000B'\n"));
  CHECK(reason_for(stage, mail) == "max_file_size exceeded");
  CHECK(engines_fall_to(*stage.shared(), 1));
}

TEST_CASE_FIXTURE(LoadedStage, "a reload that is given up changes nothing and frees its engine") {
  signatures.write_signatures({"Test.Second=a second signature"});
  {
    const auto next = stage.make(signatures.path());
    REQUIRE(next.has_value());
    CHECK(stage->engines_alive() == 2);
    CHECK(reason_for(stage, other_mail).empty());
  }
  CHECK(engines_fall_to(*stage.shared(), 1));
  CHECK(reason_for(stage, other_mail).empty());
}

TEST_CASE_FIXTURE(LoadedStage,
                  "a database that does not load keeps the old one, and the error names the file") {
  for (const auto& [file, content] :
       {std::pair{"bad.ndb", "this is no signature\n"}, std::pair{"bad.hdb", ""},
        std::pair{"bad.cvd", "ClamAV-VDB:short"}}) {
    CAPTURE(file);
    signatures.write(file, content);
    const Result<> reloaded = stage.reload(signatures.path());
    REQUIRE_FALSE(reloaded.has_value());
    const std::string& text = reloaded.error().message;
    CAPTURE(text);
    CHECK(text.starts_with("cannot load the signature database in '" + signatures.path() + "': "));
    CHECK(text.find(signatures.path() + "/" + file) != std::string::npos);
    CHECK(text.find('\n') == std::string::npos);
    signatures.remove(file);
    CHECK(reason_for(stage, text_mail(test::eicar())) == test::eicar_name);
    CHECK(engines_fall_to(*stage.shared(), 1));
  }
}

TEST_CASE_FIXTURE(LoadedStage, "a database that matches harmless mail keeps the old one") {
  signatures.write_signatures({"Test.All=Subject: "});
  const Result<> reloaded = stage.reload(signatures.path());
  REQUIRE_FALSE(reloaded.has_value());
  CHECK(reloaded.error().message ==
        "cannot use the signature database in '" + signatures.path() +
            "': its signature 'Test.All.UNOFFICIAL' matches a harmless message");
  CHECK(reason_for(stage, text_mail("hello")).empty());
}

TEST_CASE("a database that does not know EICAR is loaded with a warning") {
  const SignatureDirectory signatures;
  signatures.write("own.ndb", "Test.Own:0:*:61207365636f6e64207369676e6174757265\n");
  StageUnderTest stage(signatures.path());
  CHECK(stage.log().lines("warn clamav.eicar_not_found").size() == 1);
  CHECK(reason_for(stage, other_mail) == "Test.Own.UNOFFICIAL");
}

TEST_CASE("a database that has gone keeps the old one; another directory without one does not") {
  const SignatureDirectory signatures;
  const SignatureDirectory empty;
  signatures.write_signatures();
  StageUnderTest stage(signatures.path());
  signatures.remove("test.ndb");
  const Result<> reloaded = stage.reload(signatures.path());
  REQUIRE_FALSE(reloaded.has_value());
  CHECK(reloaded.error().message ==
        "the signature database in '" + signatures.path() +
            "' is gone: put it back, or name another database_directory");
  CHECK(reason_for(stage, text_mail(test::eicar())) == test::eicar_name);
  REQUIRE(stage.reload(empty.path()));
  CHECK(reason_for(stage, text_mail(test::eicar())) == "no database");
  CHECK(engines_fall_to(*stage.shared(), 0));
}

TEST_CASE_FIXTURE(LoadedStage, "another database directory takes the place of the first") {
  const SignatureDirectory second;
  second.write_signatures({"Test.Second=a second signature"});
  CHECK(reason_for(stage, other_mail).empty());
  REQUIRE(stage.reload(second.path()));
  CHECK(reason_for(stage, other_mail) == "Test.Second.UNOFFICIAL");
}

TEST_CASE("a reload finds the database that the start did not") {
  const SignatureDirectory signatures;
  StageUnderTest stage(signatures.path(), "", Load::background);
  CHECK(reason_for(stage, text_mail(test::eicar())) == "no database");
  signatures.write_signatures();
  REQUIRE(stage.reload(signatures.path()));
  CHECK(reason_for(stage, text_mail(test::eicar())) == test::eicar_name);
}

TEST_CASE("a start with a database that does not load serves on_fail until a reload") {
  const SignatureDirectory signatures;
  signatures.write("bad.ndb", "this is no signature\n");
  StageUnderTest stage(signatures.path(), "", Load::background);
  CHECK(reason_for(stage, text_mail(test::eicar())) == "database did not load");
  CHECK(stage->ready());
  signatures.remove("bad.ndb");
  signatures.write_signatures();
  REQUIRE(stage.reload(signatures.path()));
  CHECK(reason_for(stage, text_mail(test::eicar())) == test::eicar_name);
}

TEST_CASE("a message waits for the database that loads in the background") {
  const EicarDirectory signatures;
  test::start_libclamav_once();
  // Made, but not yet activated: the load cannot have ended.
  CapturedLog log;
  test::FakeResolver resolver;
  test::StageTable table("database_directory = '" + signatures.path() + "'\n");
  const auto made = ClamavStage::make(
      table.section(), {"clamav", log, resolver, Load::background, nullptr}, "1.2.3");
  REQUIRE(made.has_value());
  CHECK_FALSE((*made)->ready());
  ReceivedTransaction late;
  late.deadline = std::chrono::steady_clock::now();
  const Result<Verdict> too_early =
      (*made)->open_session()->on_message(late.receive(text_mail(test::eicar())));
  REQUIRE(too_early.has_value());
  CHECK(too_early->reason == "database still loading");
  CHECK(too_early->action == Action::tempfail);

  std::string reason;
  std::thread waiting(
      [&] { reason = reason_for(*(*made)->open_session(), text_mail(test::eicar())); });
  (*made)->activate();
  waiting.join();
  CHECK(reason == test::eicar_name);
  CHECK((*made)->ready());
}

TEST_CASE("a stop cuts the background load short") {
  const SignatureDirectory signatures;
  std::string content;
  for (int i = 0; i < 200'000; ++i) {
    content += "Test." + std::to_string(i) + ":0:*:" + std::to_string(1'000'000'000'000 + i) + "\n";
  }
  signatures.write("many.ndb", content);
  test::start_libclamav_once();
  CapturedLog log;
  {
    Database database(log);
    const Result<DatabaseFiles> files = list_database_files(signatures.path());
    REQUIRE(files.has_value());
    database.announce_load({signatures.path(), {}}, *files);
    database.load_in_background();
    CHECK(database.loading());
  }
  CHECK(log.lines("info clamav.database_loaded").empty());
  CHECK(log.lines("error").empty());
}

TEST_CASE("a third engine is refused while two are in use") {
  const EicarDirectory signatures;
  test::start_libclamav_once();
  CapturedLog log;
  Database database(log);
  const auto now = std::chrono::steady_clock::now();
  std::vector<PreparedDatabase> kept;
  for (int i = 0; i < 2; ++i) {
    auto prepared = database.prepare({signatures.path(), {}}, log, now);
    REQUIRE(prepared.has_value());
    REQUIRE(prepared->has_value());
    kept.push_back(std::move(**prepared));
  }
  CHECK(database.engines_alive() == 2);
  const auto third = database.prepare({signatures.path(), {}}, log, now);
  REQUIRE_FALSE(third.has_value());
  CHECK(third.error().message ==
        "cannot load the signature database in '" + signatures.path() +
            "': previous engine still in use; reload again when its last scan has ended");
  kept.pop_back();
  CHECK(database
            .prepare({signatures.path(), {}}, log,
                     std::chrono::steady_clock::now() + std::chrono::seconds(30))
            .has_value());
}

TEST_CASE("each swap is logged with the signatures and the engines in memory") {
  const SignatureDirectory signatures;
  signatures.write_signatures({"Test.Second=a second signature"});
  test::start_libclamav_once();
  CapturedLog log;
  Database database(log);
  auto prepared = database.prepare({signatures.path(), {}}, log, std::chrono::steady_clock::now());
  REQUIRE(prepared.has_value());
  REQUIRE(prepared->has_value());
  CHECK(log.lines("info").empty());
  database.put_in_force(std::move(**prepared));
  const auto lines = log.lines("info clamav.database_loaded directory=" + signatures.path() +
                               " signatures=2 version=0 ms=");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].ends_with(" engines=1"));
}

TEST_CASE_FIXTURE(
    LoadedStage,
    "reloads under scans: no scan goes wrong, never more than two engines, one at the end") {
  const auto first = stage.shared();
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0;
  std::atomic<int> scans = 0;
  std::atomic<std::size_t> most = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const auto session = first->open_session();
      const std::string clean = text_mail("hello " + std::to_string(i));
      const std::string infected = test::attachment_mail("e.com", test::eicar());
      while (!stop) {
        wrong += reason_for(*session, clean).empty() ? 0 : 1;
        wrong += reason_for(*session, infected) == test::eicar_name ? 0 : 1;
        scans += 2;
        most = std::max(most.load(), first->engines_alive());
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    const std::string more = "Test.Number=signature number " + std::to_string(i);
    signatures.write_signatures({more});
    const Result<> reloaded = stage.reload(signatures.path());
    CHECK_MESSAGE(reloaded.has_value(), (reloaded ? "" : reloaded.error().message));
    CHECK(reason_for(stage, text_mail("signature number " + std::to_string(i))) ==
          "Test.Number.UNOFFICIAL");
  }
  stop = true;
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(wrong == 0);
  CHECK(scans > 0);
  CHECK(most <= 2);
  CHECK(engines_fall_to(*first, 1));
  CHECK(stage.log().lines("error").empty());
}

}  // namespace
}  // namespace milterd::clamav
