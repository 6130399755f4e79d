#include "milterd/check/report.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <string>

#include "milterd/check/message_writer.hpp"
#include "test/support/loaded_pipeline.hpp"

using milterd::PipelineSession;

namespace {

struct CheckedRun {
  milterd::test::LoadedPipeline loaded;
  milterd::test::FixedMacros macros;
  std::unique_ptr<PipelineSession> session;

  explicit CheckedRun(const std::string& text) : loaded(text) {
    INFO(loaded.problems());
    REQUIRE(loaded.pipeline);
    session = std::make_unique<PipelineSession>(PipelineSession::Settings{
        loaded.pipeline, {"s", "c", "192.0.2.7", ""}, macros, loaded.log});
    session->mail({"a@example.org", ""});
    session->rcpt({"b@example.net", ""});
    session->header("Subject", " \xff\x1b[31m");
    session->header_complete();
    session->body("body\r\n");
    session->message();
  }
  milterd::Checked checked() const { return {"a.eml", 30, *session, session->outcome()}; }
};

constexpr const char* edits =
    "[[stage]]\nplugin = 'scripted'\nname = 'e'\n"
    "edits = ['insert 0 X-A one space', 'add X-B b', 'change Subject 1 new', 'sender c@d', 'body "
    "x']\n";

}  // namespace

TEST_CASE("report: JSON has exactly the members of the interface, in order") {
  CheckedRun run(
      std::string(edits) +
      "[[stage]]\nplugin = 'scripted'\nname = 'q'\nverdict = 'quarantine'\nreason = 'r'\n");
  const std::string line = json_report(run.checked());
  CHECK(line.back() == '\n');
  CHECK(line.find('\n') == line.size() - 1);
  auto json = nlohmann::ordered_json::parse(line);
  CHECK(json["ms"].is_number());
  json["ms"] = 0;
  for (auto& stage : json["stages"]) {
    CHECK(stage["ms"].is_number());
    stage["ms"] = 0;
  }
  CHECK(
      json.dump() ==
      R"({"file":"a.eml","size":30,"action":"quarantine","decided_by":"q","reply":null,)"
      R"("stages":[{"name":"e","plugin":"scripted","verdict":"continue","reason":"scripted","ms":0,)"
      R"("detail":{"calls":1}},{"name":"q","plugin":"scripted","verdict":"quarantine","reason":"r",)"
      R"("ms":0,"detail":{"calls":1}}],"modifications":[)"
      R"({"stage":"e","op":"insert_header","name":"X-A","value":"one space","index":0},)"
      R"({"stage":"e","op":"add_header","name":"X-B","value":"b","index":0},)"
      R"({"stage":"e","op":"change_header","name":"Subject","value":"new","index":1},)"
      R"({"stage":"e","op":"change_sender","name":"c@d","value":"","index":0},)"
      R"({"stage":"e","op":"replace_body","name":"","value":"","index":0},)"
      R"({"stage":"q","op":"quarantine","name":"","value":"r","index":0}],"ms":0})");
}

TEST_CASE("report: a refusal has its reply, and no modifications") {
  CheckedRun run(std::string(edits) +
                 "[[stage]]\nplugin = 'scripted'\nname = 'r'\nverdict = 'reject'\n");
  const auto json = nlohmann::ordered_json::parse(json_report(run.checked()));
  CHECK(json["action"] == "reject");
  CHECK(json["reply"].dump() == R"({"code":550,"enhanced":"5.7.1","text":"Message refused"})");
  CHECK(json["modifications"].empty());
}

TEST_CASE("report: text names everything and lets no control byte of the message through") {
  CheckedRun run(
      "[[stage]]\nplugin = 'scripted'\nname = 'e'\nreason = \"\\u001b[31mred\"\nedits = ['add X "
      "v']\n");
  const std::string text = text_report(run.checked());
  CHECK(text.starts_with("a.eml: accept (30 bytes, "));
  CHECK(text.find("\n  stage e: continue (?[31mred), ") != std::string::npos);
  CHECK(text.find("\n  add_header X: v\n") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("writer: the message with its edits, in the line ends asked for") {
  CheckedRun run(edits);
  CHECK(written_message(run.session->transaction(), true) ==
        "X-A: one space\r\nSubject: new\r\nX-B: b\r\n\r\nx\r\n");
  CHECK(written_message(run.session->transaction(), false) ==
        "X-A: one space\nSubject: new\nX-B: b\n\nx\n");
}
