#include "plugins/clamav/clamav_stage.hpp"

#include <doctest/doctest.h>

#include "sample_mail.hpp"
#include "signature_directory.hpp"
#include "stage_under_test.hpp"

namespace milterd::clamav {
namespace {

using test::attachment_mail;
using test::eicar;
using test::EicarDirectory;
using test::LoadedStage;
using test::SignatureDirectory;
using test::StageUnderTest;
using test::text_mail;
using test::zip;
using Lines = std::vector<std::string>;

/// The detail as one line: "infected Eicar - 0 1 loaded".
std::string detail_of(const Value& value) {
  const auto text = [](const Value& member) -> std::string {
    if (const auto* string = std::get_if<std::string>(&member.data)) {
      return *string;
    }
    if (const auto* integer = std::get_if<std::int64_t>(&member.data)) {
      return std::to_string(*integer);
    }
    return "-";
  };
  const auto& members = std::get<Value::Members>(value.data);
  REQUIRE(members.size() == 4);
  CHECK(members[0].first == "status");
  CHECK(members[1].first == "signature");
  CHECK(members[2].first == "reason");
  CHECK(members[3].first == "database");
  const auto& database = std::get<Value::Members>(members[3].second.data);
  REQUIRE(database.size() == 3);
  CHECK(database[0].first == "version");
  CHECK(database[1].first == "signatures");
  CHECK(database[2].first == "loaded");
  std::string loaded = text(database[2].second);
  for (char& c : loaded) {
    c = c >= '0' && c <= '9' ? '0' : c;
  }
  return text(members[0].second) + " " + text(members[1].second) + " " + text(members[2].second) +
         " " + text(database[0].second) + " " + text(database[1].second) + " " + loaded;
}

TEST_CASE_FIXTURE(LoadedStage,
                  "an infected message is refused with the signature's name and without edits") {
  for (const std::string& mail : {text_mail(eicar()), attachment_mail("e.com", eicar()),
                                  attachment_mail("e.zip", zip("e.com", eicar()))}) {
    const Verdict verdict = stage.run(mail);
    CHECK(verdict.action == Action::reject);
    REQUIRE(verdict.reply.has_value());
    CHECK(verdict.reply->code == 550);
    CHECK(verdict.reply->enhanced == "5.7.1");
    CHECK(verdict.reply->lines == Lines{"Infected with " + std::string(test::eicar_name)});
    CHECK(verdict.reason == test::eicar_name);
    CHECK(stage.received.message() == mail);
    CHECK(stage.received.state().modifications().empty());
    CHECK(stage.received.notes() == Lines{"virus=" + std::string(test::eicar_name)});
    CHECK(detail_of(stage.detail) ==
          "infected " + std::string(test::eicar_name) + " - 0 1 0000-00-00T00:00:00Z");
  }
}

TEST_CASE_FIXTURE(LoadedStage, "a clean message goes on with its headers replaced") {
  const auto session = stage->open_session();
  const Result<Verdict> verdict = session->on_message(
      stage.received.receive(text_mail("hello", "X-Virus-Status: Infected (you)\r\n")));
  REQUIRE(verdict.has_value());
  CHECK(verdict->action == Action::proceed);
  CHECK(stage.received.notes().empty());
  const Lines lines = stage.received.header_lines();
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] == "From: <a@example.org>");
  CHECK(lines[3].starts_with("X-Virus-Scanned: milterd 1.2.3 at "));
  CHECK(lines[4] == "X-Virus-Status: Clean");
  CHECK(detail_of(session->describe()) == "clean - - 0 1 0000-00-00T00:00:00Z");
  session->on_transaction_end();
  CHECK(detail_of(session->describe()) == "skipped - - 0 0 -");
}

TEST_CASE("on_infected accept and quarantine keep the message and mark it") {
  const EicarDirectory signatures;
  const std::string name(test::eicar_name);
  const std::pair<const char*, std::string> cases[] = {{"accept", name},
                                                       {"quarantine", "infected: " + name}};
  for (const auto& [word, reason] : cases) {
    CAPTURE(word);
    StageUnderTest stage(signatures.path(), std::string("on_infected = '") + word + "'\n");
    const Verdict verdict = stage.run(text_mail(eicar()));
    CHECK(to_string(verdict.action) == std::string_view(word));
    CHECK(verdict.reason == reason);
    CHECK(stage.received.header_lines().back() == "X-Virus-Status: Infected (" + name + ")");
  }
}

TEST_CASE("a message over a limit is unscanned in every place that tells of it") {
  const EicarDirectory signatures;
  StageUnderTest stage(signatures.path(), "max_file_size = '2000B'\n");
  const Verdict verdict = stage.run(
      text_mail(std::string(3000, 'x'), "X-Virus-Status: Clean\r\nX-Virus-Scanned: yes\r\n"));
  CHECK(verdict.action == Action::accept);
  CHECK(verdict.reason == "max_file_size exceeded");
  CHECK(stage.received.notes() == Lines{"unscanned=max_file_size exceeded"});
  CHECK(stage.received.header_lines().size() == 5);
  CHECK(stage.received.header_lines().back() ==
        "X-Virus-Status: Unscanned (max_file_size exceeded)");
  CHECK(detail_of(stage.detail) == "unscanned - max_file_size exceeded 0 1 0000-00-00T00:00:00Z");
}

TEST_CASE("without a database every message gets on_fail, and the log says it once") {
  const SignatureDirectory signatures;
  for (const auto load : {Load::now, Load::background}) {
    for (const std::string& directory : {signatures.path(), signatures.path() + "/missing"}) {
      CAPTURE(directory);
      StageUnderTest stage(directory, "", load);
      CHECK(stage->ready());
      const Verdict verdict = stage.run(text_mail("hello"));
      CHECK(verdict.action == Action::tempfail);
      REQUIRE(verdict.reply.has_value());
      CHECK(verdict.reply->code == 451);
      CHECK(verdict.reply->enhanced == "4.3.0");
      CHECK(verdict.reply->lines == Lines{"Virus scanner not ready, try again later"});
      CHECK(detail_of(stage.detail) == "unscanned - no database 0 0 -");
      CHECK(stage.log().lines().size() == 1);
      CHECK(stage.log().lines("warn clamav.no_database directory=" + directory + " ").size() == 1);
    }
  }
}

TEST_CASE("on_fail accept without a database leaves no forged status in the message") {
  const SignatureDirectory signatures;
  StageUnderTest stage(signatures.path(), "on_fail = 'accept'\n");
  const Verdict verdict = stage.run(text_mail("hello", "X-Virus-Status: Clean\r\n"));
  CHECK(verdict.action == Action::accept);
  CHECK(stage.received.header_lines().size() == 5);
  CHECK(stage.received.header_lines().back() == "X-Virus-Status: Unscanned (no database)");
}

TEST_CASE("a scan without its temporary directory gets on_fail, never clean; a reload mends it") {
  const EicarDirectory signatures;
  const SignatureDirectory temporary;
  const std::string keys = "temporary_directory = '" + temporary.path() + "'\n";
  StageUnderTest stage(signatures.path(), keys);
  temporary.remove_content();
  for (const std::string& mail :
       {text_mail("hello"), text_mail(eicar()), attachment_mail("a.bin", "hello"),
        attachment_mail("e.com", eicar())}) {
    const Verdict verdict = stage.run(mail);
    CHECK(verdict.action == Action::tempfail);
    CHECK(verdict.reason == "scan failed: temporary files or memory");
  }
  REQUIRE(stage.reload(signatures.path(), keys));
  const Verdict verdict = stage.run(attachment_mail("e.com", eicar()));
  CHECK(verdict.action == Action::reject);
}

TEST_CASE("a stage needs no more than its settings say") {
  const SignatureDirectory signatures;
  StageUnderTest plain(signatures.path());
  CHECK(plain->needs().image);
  CHECK(plain->needs().edits_header);
  CHECK_FALSE(plain->needs().quarantines);
  StageUnderTest silent(signatures.path(), "add_header = 'no'\non_unscanned = 'quarantine'\n");
  CHECK_FALSE(silent->needs().edits_header);
  CHECK(silent->needs().quarantines);
}

TEST_CASE("an exempt message is not scanned, and nobody's word that it was stays in it") {
  const EicarDirectory signatures;
  StageUnderTest stage(signatures.path(), "local_net = ['192.0.2.7']\n");
  const Verdict verdict =
      stage.run(text_mail(eicar(), "X-Virus-Status: Clean\r\nX-Virus-Scanned: by me\r\n"));
  CHECK(verdict.action == Action::proceed);
  CHECK(detail_of(stage.detail) == "skipped - client in local_net 0 0 -");
  CHECK(stage.received.notes() == Lines{"unscanned=client in local_net"});
  CHECK(stage.received.message().find("X-Virus") == std::string::npos);
}

TEST_CASE("an exempt message keeps its header where nothing is replaced") {
  const EicarDirectory signatures;
  StageUnderTest stage(signatures.path(), "local_net = ['192.0.2.7']\nadd_header = 'add'\n");
  const std::string mail = text_mail("hello", "X-Virus-Status: Clean\r\n");
  stage.run(mail);
  CHECK(stage.received.message() == mail);
}

TEST_CASE("a login is asked for only where somebody's mail is skipped for it") {
  const EicarDirectory signatures;
  CHECK(StageUnderTest(signatures.path())->needs().macros.empty());
  const auto macros =
      StageUnderTest(signatures.path(), "skip_authenticated = '.'\n")->needs().macros;
  REQUIRE(macros.size() == 1);
  CHECK(macros[0].name == "{auth_authen}");
}

TEST_CASE("the log has clamav-milter's lines, and report_hostname is in the header") {
  const EicarDirectory signatures;
  StageUnderTest stage(
      signatures.path(),
      "log_infected = 'full'\nlog_clean = 'basic'\nreport_hostname = 'mx.example.org'\n");
  stage.run(text_mail(eicar(), "Subject: a \"b\" 'c'\r\n"));
  CHECK(stage.received.log.count("info clamav.infected text=Message 4Yk2 from <joe@example.net> to "
                                 "<jane@example.org> with subject 'a \"b\"  c '") == 1);
  stage.run(text_mail("hello"));
  CHECK(stage.received.log.count("info clamav.clean text=Clean message from <joe@example.net> to "
                                 "<jane@example.org>") == 1);
  CHECK(stage.received.message().find("X-Virus-Scanned: milterd 1.2.3 at mx.example.org\r\n") !=
        std::string::npos);
}

TEST_CASE("a rule's quarantine is declared, and its reason carries the name") {
  const EicarDirectory signatures;
  StageUnderTest stage(signatures.path(),
                       "[[stage.action]]\npattern = 'Eicar*'\naction = 'quarantine'\n");
  CHECK(stage->needs().quarantines);
  const Verdict verdict = stage.run(text_mail(eicar()));
  CHECK(verdict.action == Action::quarantine);
  CHECK(verdict.reason == "infected: " + std::string(test::eicar_name));
  CHECK(stage.received.message().find(
            "X-Virus-Status: Infected (Eicar-Test-Signature.UNOFFICIAL)") != std::string::npos);
}

}  // namespace
}  // namespace milterd::clamav
