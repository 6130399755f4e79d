/// The dkim stage in a pipeline with stages behind it that edit what it signed.

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "plugins/dkim/keys/signing_key.hpp"
#include "plugins/dkim/tag_list.hpp"
#include "test/plugins/dkim/temporary_file.hpp"
#include "test/plugins/dkim/test_keys.hpp"
#include "test/unit/pipeline/pipeline_run.hpp"

using namespace milterd;
using milterd::dkim::test::TemporaryFile;
using milterd::test::Fields;
using milterd::test::Run;
using milterd::test::stage;

namespace {

/// The plugins of both folders of the build tree in one directory, where Run looks for them.
class StageDirectory {
 public:
  StageDirectory() {
    namespace fs = std::filesystem;
    std::string path = (fs::temp_directory_path() / "milterd-stages-XXXXXX").string();
    REQUIRE(mkdtemp(path.data()) != nullptr);
    path_ = path;
    // NOLINTBEGIN(concurrency-mt-unsafe): before any thread
    const char* fixtures = std::getenv("FIXTURE_STAGES");
    const char* plugin = std::getenv("DKIM_PLUGIN");
    REQUIRE(fixtures != nullptr);
    REQUIRE(plugin != nullptr);
    fs::create_symlink(fs::path(fixtures) / "scripted.so", path_ / "scripted.so");
    fs::create_symlink(plugin, path_ / "dkim.so");
    before_ = fixtures;
    setenv("FIXTURE_STAGES", path_.c_str(), 1);
  }
  ~StageDirectory() {
    setenv("FIXTURE_STAGES", before_.c_str(), 1);
    // NOLINTEND(concurrency-mt-unsafe)
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  StageDirectory(const StageDirectory&) = delete;
  StageDirectory& operator=(const StageDirectory&) = delete;

 private:
  std::filesystem::path path_;
  std::string before_;
};

/// A dkim stage that signs for example.org what the client of a Run sends.
struct SigningPipeline {
  StageDirectory directory;
  TemporaryFile key{dkim::test::ed25519_key};
  Run run;

  SigningPipeline(const std::string& keys, const std::string& other_stages)
      : run("[[stage]]\nplugin = 'dkim'\ndomain = 'example.org'\nselector = 's1'\nkey_file = '" +
            key.path() + "'\nrequire_safe_keys = false\ninternal_hosts = ['192.0.2.7']\n" + keys +
            other_stages) {}

  std::vector<std::string> warnings() { return run.loaded.log.lines("warn dkim."); }
  std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const HeaderField& field : run.session->transaction().headers()) {
      names.emplace_back(field.name());
    }
    return names;
  }
  /// h= of the only signature.
  std::string signed_names() {
    for (const HeaderField& field : run.session->transaction().headers()) {
      if (field.name() == "DKIM-Signature") {
        const auto tags = dkim::TagList::parse(field.value());
        REQUIRE(tags);
        return *tags->find("h");
      }
    }
    return "";
  }
};

const Fields message = {{"From", " joe@example.org"}, {"Subject", " s"}};
const std::string body = "body\r\n";

const std::string edits_subject = stage("tagger", "edits = ['change Subject 1 [tagged] s']");
const std::string edits_body = stage("footer", "edits = ['body body\\nfooter']");
const std::string adds_header = stage("scanner", "edits = ['add X-Virus-Status Clean']");

}  // namespace

TEST_CASE("a later edit to what was signed is a warning that names stage and header") {
  SigningPipeline pipeline("", edits_subject + edits_body + adds_header);
  CHECK(pipeline.run.message(message, body).action == Action::proceed);
  CHECK(pipeline.names() ==
        std::vector<std::string>{"DKIM-Signature", "From", "Subject", "X-Virus-Status"});
  const std::string advice =
      " domain=example.org advice=the signature was made before this edit; put sign_at = \"end\" "
      "into the dkim stage, or the stage that edits before it";
  CHECK(
      pipeline.warnings() ==
      std::vector<std::string>{
          "warn dkim.signature_broken queue_id=4Yk2 stage=dkim by=tagger op=change_header "
          "header=Subject" +
              advice,
          "warn dkim.signature_broken queue_id=4Yk2 stage=dkim by=footer op=replace_body header=" +
              advice});
}

TEST_CASE("edits that the signature survives are no warning") {
  SigningPipeline pipeline(
      "", adds_header + stage("same", "edits = ['change Subject 1   s  ', 'body body']"));
  CHECK(pipeline.run.message(message, body).modifications.size() == 4);
  CHECK(pipeline.warnings().empty());
}

TEST_CASE("with sign_at = end the signature covers what all stages left") {
  SigningPipeline pipeline("sign_at = 'end'\nsign_headers = ['*', '+X-Virus-Status']\n",
                           edits_subject + edits_body + adds_header);
  const Outcome& outcome = pipeline.run.message(message, body);
  CHECK(outcome.action == Action::proceed);
  CHECK(pipeline.warnings().empty());
  CHECK(pipeline.names() ==
        std::vector<std::string>{"DKIM-Signature", "From", "Subject", "X-Virus-Status"});
  CHECK(pipeline.signed_names() == "From:Subject:X-Virus-Status:From");
  CHECK(outcome.notes == Fields{{"dkim_result", "signed:example.org"}});

  // What the MTA then holds verifies.
  const auto& state = pipeline.run.session->transaction();
  Fields edited;
  for (const HeaderField& field : state.headers()) {
    edited.emplace_back(field.name(), field.value());
  }
  const auto parsed = dkim::SigningKey::parse(dkim::test::ed25519_key, "test key");
  REQUIRE(parsed);
  const TemporaryFile public_keys("s1._domainkey.example.org " + parsed->public_record() + "\n");
  Run verifying("[[stage]]\nplugin = 'dkim'\ntest_public_keys = '" + public_keys.path() + "'\n");
  const Outcome& verified = verifying.message(edited, std::string(state.body()));
  CHECK(verified.notes == Fields{{"dkim_result", "pass:example.org"}});
}

TEST_CASE("with sign_at = end a message that a stage refused is not signed") {
  SigningPipeline pipeline("sign_at = 'end'\n", stage("refuses", "verdict = 'reject'"));
  const Outcome& outcome = pipeline.run.message(message, body);
  CHECK(outcome.action == Action::reject);
  CHECK(outcome.notes.empty());
  CHECK(pipeline.signed_names() == "");
}
