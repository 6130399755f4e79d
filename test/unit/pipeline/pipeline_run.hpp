#pragma once
/// A session through a pipeline of fixture stages.

#include <doctest/doctest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "milterd/pipeline/pipeline_session.hpp"
#include "test/support/loaded_pipeline.hpp"

namespace milterd::test {

using Fields = std::vector<std::pair<std::string, std::string>>;

/// A session through the pipeline of `text`.
struct Run {
  LoadedPipeline loaded;
  FixedMacros macros;
  std::unique_ptr<PipelineSession> session;

  explicit Run(const std::string& text, Granted granted = {}, std::vector<std::string> only = {})
      : loaded(text) {
    INFO(loaded.problems());
    REQUIRE(loaded.pipeline);
    session = std::make_unique<PipelineSession>(
        PipelineSession::Settings{loaded.pipeline,
                                  {"s1", "client.example", "192.0.2.7", ""},
                                  macros,
                                  loaded.log,
                                  granted,
                                  {},
                                  std::move(only)});
  }
  const Outcome& message(const Fields& fields = {{"From", " a@example.org"}, {"Subject", " s"}},
                         const std::string& body = "body\r\n") {
    session->connect();
    session->helo("client");
    return next_message(fields, body);
  }
  const Outcome& next_message(const Fields& fields, const std::string& body = "body\r\n") {
    session->mail({"a@example.org", ""});
    session->rcpt({"b@example.net", ""});
    session->data();
    for (const auto& [name, value] : fields) {
      session->header(name, value);
    }
    session->header_complete();
    session->body(body);
    return session->message();
  }
  std::string header() const {
    std::string all;
    for (const auto& field : session->transaction().headers()) {
      all.append(field.text()).append("|");
    }
    return all;
  }
};

inline std::string stage(const std::string& name, const std::string& rest) {
  return "[[stage]]\nplugin = \"scripted\"\nname = \"" + name + "\"\n" + rest + "\n";
}

inline std::string words(const Outcome& outcome) {
  std::string all;
  for (const StageOutcome& one : outcome.stages) {
    all.append(all.empty() ? "" : " ").append(to_string(one));
  }
  return all;
}

}  // namespace milterd::test
