#include "plugins/clamav/database/database_updater.hpp"

#include <atomic>
#include <doctest/doctest.h>
#include <filesystem>
#include <thread>

#include "plugins/clamav/scanning/scan.hpp"
#include "sample_mail.hpp"
#include "signature_directory.hpp"
#include "test/support/captured_log.hpp"

namespace milterd::clamav {
namespace {

using test::EicarDirectory;
using test::text_mail;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

bool soon(const auto& condition) {
  const auto deadline = Clock::now() + 30s;
  while (!condition()) {
    if (Clock::now() > deadline) {
      return false;
    }
    std::this_thread::sleep_for(10ms);
  }
  return true;
}

/// A database in force whose directory is looked after, as in a daemon.
struct Followed {
  explicit Followed(const UpdateSettings& settings = {.self_check = 200ms}) {
    test::start_libclamav_once();
    auto prepared = database.prepare({signatures.path(), {}}, log, Clock::now());
    REQUIRE(prepared.has_value());
    database.put_in_force(std::move(prepared->value()));
    database.set(settings);
    database.follow_directory({.quiet = 100ms, .longest = 10s});
  }

  /// The signature's name, "clean", or why there is no engine.
  std::string found_in(const std::string& text, std::chrono::milliseconds patience = 20s) {
    const auto engine = database.current(Clock::now() + patience);
    if (!engine) {
      return engine.error().message;
    }
    const ScanResult result = scan(**engine, test::image(text_mail(text)), Clock::now() + 20s, log);
    return result.status == ScanResult::Status::clean ? "clean" : result.text;
  }
  bool finds_second() { return found_in("a second signature") == "Test.Second.UNOFFICIAL"; }

  EicarDirectory signatures;
  test::CapturedLog log;
  Database database{log};
};

TEST_CASE("a changed file is taken in by itself, and only once") {
  Followed followed;
  CHECK(followed.found_in("a second signature") == "clean");
  followed.signatures.write_signatures({"Test.Second=a second signature"});
  CHECK(soon([&] { return followed.finds_second(); }));
  CHECK(soon([&] { return followed.database.engines_alive() == 1; }));
  CHECK(followed.log.count("clamav.database_changed") == 1);
  CHECK(followed.log.count("reload=concurrent reason=there is memory for two engines") == 1);
  CHECK(followed.log.lines("error").empty());
}

TEST_CASE("a change is noticed without waiting for self_check") {
  Followed followed({.self_check = 0ms});
  followed.signatures.write_signatures({"Test.Second=a second signature"});
  CHECK(soon([&] { return followed.finds_second(); }));
}

TEST_CASE("a change in a directory that was removed and made again is noticed") {
  Followed followed;
  std::filesystem::remove_all(followed.signatures.path());
  REQUIRE(soon([&] { return followed.log.count("is gone: put it back") == 1; }));
  CHECK(followed.found_in(std::string(test::eicar())) == test::eicar_name);
  std::filesystem::create_directory(followed.signatures.path());
  followed.signatures.write_signatures({"Test.Second=a second signature"});
  CHECK(soon([&] { return followed.finds_second(); }));
}

TEST_CASE("a broken file keeps the old signatures, is named, and is said once") {
  Followed followed;
  followed.signatures.write("broken.ndb", "this is no signature\n");
  REQUIRE(soon([&] { return !followed.log.lines("error").empty(); }));
  CHECK(followed.found_in(std::string(test::eicar())) == test::eicar_name);
  std::this_thread::sleep_for(1s);  // Five times self_check: nothing may come of it.
  const auto errors = followed.log.lines("error");
  REQUIRE(errors.size() == 1);
  CHECK(
      errors[0].starts_with("error clamav.database_failed text=cannot load the signature "
                            "database in '"));
  CHECK(errors[0].contains("': broken.ndb: Malformed database ("));
  CHECK(errors[0].ends_with(" effect=the old signatures stay in force"));
  followed.signatures.remove("broken.ndb");
  followed.signatures.write_signatures({"Test.Second=a second signature"});
  CHECK(soon([&] { return followed.finds_second(); }));
  CHECK(soon([&] { return followed.database.engines_alive() == 1; }));
}

TEST_CASE(
    "a database that lost most of its signatures is not taken in by itself, but by a reload") {
  Followed followed;
  std::string many;
  for (int i = 0; i < 2000; ++i) {
    many += "Test." + std::to_string(i) + ":0:*:" + std::to_string(10'000'000'000'000 + i) + "\n";
  }
  followed.signatures.write("many.ndb", many);
  REQUIRE(soon([&] { return followed.database.in_force().facts.signatures == 2001; }));
  followed.signatures.write("many.ndb", many.substr(0, many.find("Test.500:")));
  REQUIRE(soon([&] { return !followed.log.lines("error").empty(); }));
  CHECK(followed.log.lines("error").at(0).find(
            "has only 501 signatures where 2001 are in force: not taken in by itself") !=
        std::string::npos);
  CHECK(followed.database.in_force().facts.signatures == 2001);
  auto prepared =
      followed.database.prepare({followed.signatures.path(), {}}, followed.log, Clock::now() + 20s);
  REQUIRE(prepared.has_value());
  followed.database.put_in_force(std::move(prepared->value()));
  CHECK(followed.database.in_force().facts.signatures == 501);
}

TEST_CASE("exclusive: never two engines, and messages wait for the new one") {
  Followed followed({.self_check = 200ms, .mode = ReloadMode::exclusive});
  std::atomic<bool> stop = false;
  std::atomic<std::size_t> most = 0;
  std::atomic<int> wrong = 0;
  std::thread scanning([&] {
    while (!stop) {
      wrong += followed.found_in(std::string(test::eicar())) == test::eicar_name ? 0 : 1;
      most = std::max(most.load(), followed.database.engines_alive());
    }
  });
  followed.signatures.write_signatures({"Test.Second=a second signature"});
  CHECK(soon([&] { return followed.finds_second(); }));
  stop = true;
  scanning.join();
  CHECK(wrong == 0);
  CHECK(most == 1);
  CHECK(followed.log.count("reload=exclusive reason=reload is exclusive") == 1);
}

TEST_CASE("exclusive: a broken database leaves none, is said, and the next change heals it") {
  Followed followed({.self_check = 200ms, .mode = ReloadMode::exclusive});
  followed.signatures.write("broken.ndb", "this is no signature\n");
  REQUIRE(soon([&] { return !followed.log.lines("error").empty(); }));
  CHECK(followed.log.lines("error").at(0).ends_with(
      "the previous engine had to go first: messages stay unscanned and get on_fail"));
  CHECK(followed.found_in("hello", 0ms) == "database did not load");
  followed.signatures.remove("broken.ndb");
  CHECK(soon([&] { return followed.found_in(std::string(test::eicar())) == test::eicar_name; }));
}

TEST_CASE("outside of the window a change waits, and says so once; a reload does not wait") {
  const auto now = local_time_of_day();
  const auto text = [](std::chrono::minutes time) {
    const int minutes = static_cast<int>(time.count()) % (24 * 60);
    const auto two = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
    return two(minutes / 60) + ":" + two(minutes % 60);
  };
  const auto window = ReloadWindow::parse(text(now + 120min) + "-" + text(now + 180min));
  REQUIRE(window);
  Followed followed({.self_check = 100ms, .window = *window});
  followed.signatures.write_signatures({"Test.Second=a second signature"});
  REQUIRE(soon([&] { return followed.log.count("clamav.database_waits") == 1; }));
  std::this_thread::sleep_for(500ms);
  CHECK(followed.log.count("clamav.database_waits") == 1);
  CHECK_FALSE(followed.finds_second());
  auto prepared =
      followed.database.prepare({followed.signatures.path(), {}}, followed.log, Clock::now() + 20s);
  REQUIRE(prepared.has_value());
  followed.database.put_in_force(std::move(prepared->value()));
  CHECK(followed.finds_second());
}

TEST_CASE("an old database is warned of once, and refused where that is wanted") {
  const EicarDirectory signatures;
  const auto file = std::filesystem::path(signatures.path()) / "test.ndb";
  std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - 72h);
  test::start_libclamav_once();
  test::CapturedLog log;
  Database database(log);
  auto prepared = database.prepare({signatures.path(), {}}, log, Clock::now());
  REQUIRE(prepared.has_value());
  database.put_in_force(std::move(prepared->value()));
  database.set({.self_check = 100ms, .warn_if_older_than = std::chrono::days(2)});
  CHECK(database.current(Clock::now()).has_value());
  database.follow_directory({.quiet = 100ms, .longest = 10s});
  REQUIRE(soon([&] { return log.lines("warn clamav.database_old").size() == 1; }));
  CHECK(log.lines("warn clamav.database_old").at(0).find("is 3 days old") != std::string::npos);
  database.set({.self_check = 100ms, .fail_if_older_than = std::chrono::days(2)});
  const auto refused = database.current(Clock::now());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().message == "database too old");
  CHECK(soon([&] { return log.lines("error clamav.database_old").size() == 1; }));
  CHECK(log.lines("warn clamav.database_old").size() == 1);
}

TEST_CASE("a reload that memory does not allow beside the old engine comes later") {
  Followed followed({.self_check = 200ms, .mode = ReloadMode::exclusive});
  followed.signatures.write_signatures({"Test.Second=a second signature"});
  auto prepared = followed.database.prepare({followed.signatures.path(), {}}, followed.log,
                                            Clock::now() + 20s, ReloadMode::exclusive);
  REQUIRE(prepared.has_value());
  REQUIRE(prepared->has_value());
  CHECK((*prepared)->later);
  CHECK((*prepared)->engine == nullptr);
  CHECK(followed.found_in(std::string(test::eicar())) == test::eicar_name);
  followed.database.put_in_force(std::move(prepared->value()));
  CHECK(soon([&] { return followed.finds_second(); }));
}

}  // namespace
}  // namespace milterd::clamav
