#include "plugins/dkim/signing/signing_rules.hpp"

#include <string>
#include <vector>

#include "doctest/doctest.h"
#include "milterd/ascii.hpp"
#include "plugins/dkim/signing/signed_headers.hpp"
#include "test/plugins/dkim/temporary_file.hpp"
#include "test/support/stage_table.hpp"

using namespace milterd;
using namespace milterd::dkim;
using milterd::dkim::test::TemporaryFile;
using milterd::test::StageTable;

namespace {

std::vector<HeaderField> fields_of(const std::vector<std::string>& lines) {
  std::vector<HeaderField> fields;
  for (const std::string& line : lines) {
    fields.emplace_back(line, line.find(':'));
  }
  return fields;
}

/// The value of h=.
std::string list_of(const SigningRules& rules, const std::vector<std::string>& lines) {
  std::string list;
  const auto fields = fields_of(lines);
  for (const std::string_view name : names_to_sign(rules, fields)) {
    list += list.empty() ? "" : ":";
    list += name;
  }
  return list;
}

std::string list_of(const std::string& keys, const std::vector<std::string>& lines) {
  StageTable table(keys);
  const SigningRules rules = read_signing_rules(table.section());
  CHECK(table.errors() == std::vector<std::string>{});
  return list_of(rules, lines);
}

const std::vector<std::string> usual_lines = {
    "Received: from a",
    "Received: from b",
    "DKIM-Signature: v=1",
    "Subject: s",
    "From: a@b",
    "TO: x",
    "to: y",
    "X-One: 1",
    "X-Two: 2",
    "x-two: 3",
    "Comments: c",
    "Message-ID: <m>",
    "Return-Path: <r>",
    "Odd;Name: 1",
    "Date : d",
    "Bcc: z",
    "List-Archive: <l>",
    "Resent-Message-ID: <rm>",
};

}  // namespace

TEST_CASE("sign_headers, omit_headers and oversign_headers make h= as they do in opendkim") {
  const TemporaryFile names("Subject # the first\n\nX-One\nFROM\n");
  const TemporaryFile patterns("X-T* yes\n(list|resent)-*\n");
  struct Case {
    std::string keys, list;
  };
  const std::vector<Case> cases = {
      {"", "From:Subject:Date:Message-ID:To:To:Resent-Message-ID:From"},
      {"sign_headers = ['*']\nomit_headers = ['*']\n",
       "From:Subject:Date:Message-ID:To:To:Resent-Message-ID:From"},
      {"sign_headers = []\n", "From:From"},
      {"sign_headers = []\noversign_headers = []\n", "From"},
      {"sign_headers = ['subject', 'FROM', 'Subject']\noversign_headers = []\n", "From:subject"},
      {"sign_headers = ['x-TWO', 'X-Absent']\n", "From:x-TWO:x-TWO:From"},
      {"sign_headers = ['*', '+X-Two', '-to', '-SUBJECT']\noversign_headers = []\n",
       "From:Date:Message-ID:Resent-Message-ID:X-Two:X-Two"},
      {"sign_headers = 'csl:*,+X-One,-To'\noversign_headers = []\n",
       "From:Subject:Date:Message-ID:Resent-Message-ID:X-One"},
      {"sign_headers = 'Subject,X-One'\noversign_headers = []\n", "From:Subject:X-One"},
      {"sign_headers = '" + names.path() + "'\n", "From:Subject:X-One:From"},
      {"sign_headers = 'file:" + names.path() + "'\n", "From:Subject:X-One:From"},
      {"sign_headers = 'refile:" + patterns.path() + "'\noversign_headers = []\n",
       "From:X-Two:X-Two:List-Archive:Resent-Message-ID"},
      {"sign_headers = ['Subject', 'x-*']\noversign_headers = []\n",
       "From:Subject:X-One:X-Two:X-Two"},
      {"sign_headers = ['x-(one|other)']\noversign_headers = []\n", "From:X-One"},
      {"sign_headers = ['*', '+x-*']\noversign_headers = []\nomit_headers = ['*', '+X-Two']\n",
       "From:Subject:Date:Message-ID:To:To:Resent-Message-ID:X-One"},
      {"sign_headers = ['refile:" + patterns.path() +
           "']\nomit_headers = ['List-*']\noversign_headers = []\n",
       "From:X-Two:X-Two:Resent-Message-ID"},
      {"sign_headers = ['Received', 'Comments', 'Subject']\nomit_headers = []\n",
       "From:Received:Received:Comments:Subject:From"},
      {"sign_headers = ['*', '+Comments']\nomit_headers = ['*', '-comments']\n",
       "From:Subject:Date:Message-ID:To:To:Resent-Message-ID:Comments:From"},
      {"omit_headers = ['Subject', 'TO']\noversign_headers = []\n",
       "From:Date:Message-ID:Resent-Message-ID"},
      {"sign_headers = ['Subject']\noversign_headers = ['from', 'Reply-To', 'TO', 'from']\n",
       "From:Subject:TO:TO:From:Reply-To:TO"},
      {"sign_headers = ['Subject']\noversign_headers = 'csl:from,cc'\n", "From:Subject:From:cc"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.keys);
    CHECK(list_of(one.keys, usual_lines) == one.list);
  }
}

TEST_CASE("a signature names From even where there is none, and never itself") {
  CHECK(list_of(SigningRules{}, {"Subject: s"}) == "From");
  CHECK(list_of("sign_headers = ['*', '+*']\nomit_headers = []\n",
                {"DKIM-Signature: v=1", "From: a"}) == "From:From");
}

TEST_CASE("names that h= cannot hold are left out") {
  const std::string long_name(201, 'x');
  const std::vector<std::string> lines = {"From: a",   "X;Y: 1",          "X\xe4: 1",
                                          "X Y: 1",    long_name + ": 1", std::string("X-N: \0", 6),
                                          "X-Good: 1", "X-Good : twice",  "X-Good\t: tab"};
  CHECK(list_of("sign_headers = ['x*']\noversign_headers = []\n", lines) == "From:X-Good:X-Good");
}

TEST_CASE("h= stays readable however many fields there are") {
  std::vector<std::string> lines;
  for (int i = 0; i < 1000; ++i) {
    lines.push_back("X-" + std::to_string(i) + "-" + std::string(20, 'y') + ": 1");
    lines.emplace_back("Subject: s");
  }
  lines.emplace_back("From: a");
  const std::string list = list_of("sign_headers = ['Subject', 'x-*']\n", lines);
  CHECK(list.size() < 4000);
  CHECK(list.size() > 3500);
  CHECK(list.starts_with("From:" + std::string("Subject:Subject:Subject:Subject:Subject:Subject:"
                                               "Subject:Subject:X-0-")));
  CHECK(list.ends_with("yyy:From"));
}

TEST_CASE("signatures are made as the keys say") {
  StageTable table(
      "canonicalization = 'simple'\nsignature_ttl = '2h'\nmaximum_signed_bytes = '4KiB'\n"
      "remove_old_signatures = true\nsoftware_header = true\nsign_at = 'end'\n");
  const SigningRules rules = read_signing_rules(table.section());
  CHECK(rules.canonicalization.header == "simple");
  CHECK(rules.canonicalization.body == "simple");
  CHECK(rules.signature_ttl == std::chrono::hours(2));
  CHECK(rules.maximum_signed_bytes == 4096U);
  CHECK(rules.remove_old_signatures);
  CHECK(rules.software_header);
  CHECK(rules.at_end);
  CHECK(
      table.errors() ==
      std::vector<std::string>{
          "maximum_signed_bytes: milterd.toml:5:24: warning: anybody can append text to a message "
          "that is signed so, and the signature still verifies (RFC 6376 section 8.2); without "
          "this key the whole body is signed"});
}

TEST_CASE("without a key the whole message is signed, in the stage's turn, for ever") {
  StageTable table("");
  const SigningRules rules = read_signing_rules(table.section());
  CHECK(rules.canonicalization.header == "relaxed");
  CHECK(rules.canonicalization.body == "relaxed");
  CHECK(rules.signature_ttl.count() == 0);
  CHECK_FALSE(rules.maximum_signed_bytes);
  CHECK_FALSE(rules.remove_old_signatures);
  CHECK_FALSE(rules.software_header);
  CHECK_FALSE(rules.at_end);
  CHECK(table.errors().empty());
  CHECK(table.printed() ==
        "canonicalization = \"relaxed/relaxed\"\nsign_headers = [\"*\"]\nomit_headers = [\"*\"]\n"
        "oversign_headers = [\"From\"]\nsignature_ttl = \"0s\"\nmaximum_signed_bytes = \"0B\"\n"
        "remove_old_signatures = false\nsoftware_header = false\nsign_at = \"stage\"\n");
}

TEST_CASE("every fault of the signing keys is told") {
  const TemporaryFile names("Subject\nTwo;Names\n+Date\n");
  const TemporaryFile patterns("X-(\n");
  struct Case {
    std::string keys;
    std::vector<std::string> problems;
  };
  const std::string warning = "milterd.toml:3:16: warning: ";
  const std::vector<Case> cases = {
      {"canonicalization = 'relaxed/strict'\n",
       {"canonicalization: 'relaxed/strict' is no canonicalization: use simple or relaxed for the "
        "header, a / and the same for the body"}},
      {"sign_headers = ['Sub ject', 'A:B', '']\n",
       {"sign_headers: 'Sub ject' is not the name of a header field",
        "sign_headers: 'A:B' is not the name of a header field",
        "sign_headers: '' is not the name of a header field"}},
      {"sign_headers = ['+Date', 'To']\n",
       {"sign_headers: '+Date' changes the default list: put \"*\" into the list too"}},
      {"sign_headers = ['*', 'To']\n",
       {"sign_headers: 'To' beside \"*\" is neither \"+NAME\" nor \"-NAME\"; leave out \"*\" for a "
        "whole list"}},
      {"sign_headers = 'file:" + names.path() + "'\n",
       {"sign_headers: '" + names.path() +
            "' line 2: 'Two;Names' is not the name of a header field",
        "sign_headers: '" + names.path() +
            "' line 3: '+Date' changes the default list: put \"*\" into the list too"}},
      {"sign_headers = ['*', '-X-Absent']\n",
       {"sign_headers: " + warning +
        "'-X-Absent' takes nothing away: the default list does not have it"}},
      {"sign_headers = ['*', '+Received', '+DKIM-Signature']\n",
       {"sign_headers: " + warning + "'Received' is not signed: omit_headers leaves it out",
        "sign_headers: " + warning + "DKIM-Signature is never signed"}},
      {"omit_headers = ['Subject', 'from']\n",
       {"omit_headers: omit_headers leaves out From, which every signature has to cover (RFC 6376 "
        "section 5.4)"}},
      {"omit_headers = ['f*']\noversign_headers = []\n",
       {"omit_headers: omit_headers leaves out From, which every signature has to cover (RFC 6376 "
        "section 5.4)"}},
      {"oversign_headers = ['*', 'X-*', 'Comments', 'dkim-signature', 'a b']\n",
       {"oversign_headers: '*' is a pattern: give whole names",
        "oversign_headers: 'X-*' is a pattern: give whole names",
        "oversign_headers: 'a b' is not the name of a header field",
        "oversign_headers: 'Comments' cannot be oversigned: omit_headers leaves it out; \"*\" and "
        "\"-Comments\" there take it off the list",
        "oversign_headers: DKIM-Signature is never signed"}},
      {"signature_ttl = '1500ms'\n", {"signature_ttl: signatures count whole seconds"}},
      {"sign_at = 'eoh'\n", {"sign_at: 'sign_at' must be stage or end, got \"eoh\""}},
  };
  for (const Case& one : cases) {
    CAPTURE(one.keys);
    StageTable table(one.keys);
    read_signing_rules(table.section());
    CHECK(table.errors() == one.problems);
  }
  std::string many = "oversign_headers = [";
  for (int i = 0; i < 100; ++i) {
    many += "'X-Number-" + std::to_string(i) + "',";
  }
  StageTable table(many + "]\n");
  read_signing_rules(table.section());
  CHECK(table.errors() ==
        std::vector<std::string>{"oversign_headers: the names have more than 1000 bytes together: "
                                 "verifiers could not read the list"});
}
