#include "plugins/dkim/verifying/header_hash.hpp"

#include <chrono>
#include <random>
#include <string>
#include <vector>

#include "doctest/doctest.h"
#include "plugins/dkim/verifying/signature_hashes.hpp"

using namespace milterd;
using namespace milterd::dkim;

namespace {

/// A header whose fields live as long as it does.
class Header {
 public:
  explicit Header(std::vector<std::string> fields) : texts_(std::move(fields)) {
    for (const std::string& text : texts_) {
      fields_.emplace_back(text, text.find(':'));
    }
  }
  std::span<const HeaderField> fields() const { return fields_; }

 private:
  std::vector<std::string> texts_;
  std::vector<HeaderField> fields_;
};

std::string library_hash(const Header& header) {
  const auto hasher = SignatureHasher::open();
  REQUIRE(hasher);
  const Signatures found = find_signatures(header.fields());
  REQUIRE(found.entries.size() == 1);
  const auto hashes = hasher->hash(header.fields(), "body\r\n", found, {true},
                                   std::chrono::steady_clock::now() + std::chrono::hours(1));
  REQUIRE(hashes);
  REQUIRE(hashes->front().outcome == Outcome::verified);
  return hashes->front().header;
}

std::string own_hash(const Header& header) {
  const Signatures found = find_signatures(header.fields());
  REQUIRE(found.entries.size() == 1);
  const auto& entry = found.entries.front();
  REQUIRE(entry.header.fault == "");
  const auto hash = hash_named_fields(header.fields(), entry.field, entry.header);
  REQUIRE(hash);
  return *hash;
}

/// One of `words`.
std::string any_of(std::mt19937& random, const std::vector<std::string>& words) {
  return words[random() % words.size()];
}

std::string random_field(std::mt19937& random) {
  std::string text = any_of(random, {"From", "from", "To", "SUBJECT", "Subject ", "X-Odd\t"}) + ':';
  const auto parts = random() % 6;
  for (unsigned i = 0; i < parts; ++i) {
    text += any_of(random, {" ", "\t", "\r\n ", "\r\n\t ", "  ", "", " \r\n "});
    text += any_of(random, {"word", "Word", "a;b=c", "\xc3\xbc", ":", "=", "(x)", "b=", "\"q q\""});
  }
  return text + any_of(random, {"", " ", "\t ", "  "});
}

std::string random_signature(std::mt19937& random) {
  const std::string space = any_of(random, {"", " ", "\r\n\t"});
  return "DKIM-Signature:" + space + "v=1; a=" + any_of(random, {"rsa-sha256", "rsa-sha1"}) + ";" +
         space + " c=" + any_of(random, {"simple", "relaxed"}) + "/simple; d=example.org;" + space +
         " s=s1; h=" +
         any_of(random,
                {"from", "From : to", "subject:from:Subject:to", "from:from:from:x-odd:to:cc"}) +
         ";" + space +
         any_of(random, {"b=AAAA BBBB; bh=CCCC", "bh=CCCC; b=AAAA\r\n\tBBBB",
                         "bh=CC CC; zz=b; b=AAAA;", "bh=CCCC;b=\r\n AAAA"});
}

}  // namespace

TEST_CASE("it is the hash that libopendkim makes") {
  std::mt19937 random(20261122);  // NOLINT: the same each time.
  for (int round = 0; round < 3000; ++round) {
    std::vector<std::string> fields;
    const auto count = 1 + random() % 6;
    for (unsigned i = 0; i < count; ++i) {
      fields.push_back(random_field(random));
    }
    fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(random() % (count + 1)),
                  random_signature(random));
    const Header header(fields);
    std::string all;
    for (const std::string& field : fields) {
      all += field + "\n";
    }
    CAPTURE(all);
    REQUIRE(own_hash(header) == library_hash(header));
  }
}

TEST_CASE("the names of h= take the fields from below, and never the signature itself") {
  const std::string signature =
      "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1; bh=CCCC; b=AAAA; h=from";
  const std::string older = "DKIM-Signature: nonsense";
  const std::string from = "From: a@example.org";
  const Header alone({signature + ":dkim-signature", from});
  const Header above({older, signature + ":dkim-signature", from});
  const Header below({signature + ":dkim-signature", older, from});
  const auto hash_at = [](const Header& header, std::size_t position) {
    const auto hash = hash_named_fields(header.fields(), position,
                                        read_signature_header(header.fields()[position].value()));
    REQUIRE(hash);
    return *hash;
  };
  CHECK(hash_at(above, 1) == hash_at(below, 0));
  CHECK(hash_at(alone, 0) != hash_at(below, 0));
}

TEST_CASE("libopendkim empties other tags than b=, and not every b=") {
  const std::string start =
      "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1; h=from; bh=CCCC";
  for (const std::string end : {"; b=AAAA; zb=BBBB", "; b =AAAA"}) {
    const Header header({start + end, "From: a@example.org"});
    CHECK(own_hash(header) != library_hash(header));
  }
  const Header usual({start + "; b=AAAA; zz=BBBB", "From: a@example.org"});
  CHECK(own_hash(usual) == library_hash(usual));
}
