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

std::string hash_of_hasher(const Header& header) {
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
    REQUIRE(own_hash(header) == hash_of_hasher(header));
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

TEST_CASE("only b= is left out of a signature, however it is spelled") {
  const std::string start =
      "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1; h=from; bh=CCCC";
  const auto hash_with = [&start](const std::string& end) {
    const Header header({start + end, "From: a@example.org"});
    // libopendkim takes zb= for b=, and not "b ="; then its hash is not taken.
    CHECK(hash_of_hasher(header) == own_hash(header));
    return own_hash(header);
  };
  CHECK(hash_with("; b=AAAA; zb=BBBB") == hash_with("; b=DDDD; zb=BBBB"));
  CHECK(hash_with("; b=AAAA; zb=BBBB") != hash_with("; b=AAAA; zb=DDDD"));
  CHECK(hash_with("; b=AAAA; b_=BBBB") != hash_with("; b=AAAA; b_=DDDD"));
  CHECK(hash_with("; b =AAAA") == hash_with("; b =DDDD"));
  CHECK(hash_with("; b\r\n =AAAA") == hash_with("; b\r\n =DDDD"));
}

TEST_CASE("only blanks and folds are blanks") {
  const auto hash_with = [](const std::string& subject) {
    const Header header(
        {"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=example.org; "
         "s=s1; h=from:subject; bh=CCCC; b=AAAA",
         "From: a@example.org", "Subject:" + subject});
    CHECK(hash_of_hasher(header) == own_hash(header));
    return own_hash(header);
  };
  const std::string plain = hash_with(" one two");
  for (const std::string same : {"one two", " one\ttwo ", " one\r\n two", "one \r\n\t two\t"}) {
    CAPTURE(same);
    CHECK(hash_with(same) == plain);
  }
  for (const std::string other : {" one\vtwo", " one\ftwo", " one\rtwo", " one\ntwo", " one two\r",
                                  " one two\v", "\rone two", " one \r two", " onetwo"}) {
    CAPTURE(other);
    CHECK(hash_with(other) != plain);
  }
}

TEST_CASE("h= may name every field, and more") {
  // libopendkim would write beyond the end of its list; with some counts malloc notices.
  const std::string signature =
      "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=s1; bh=CCCC; b=AAAA; "
      "h=from:dkim-signature";
  for (std::size_t more = 0; more < 30; ++more) {
    std::vector<std::string> fields = {signature, "From: a@example.org"};
    for (std::size_t i = 0; i < more; ++i) {
      fields.front() += ":x";
      fields.emplace_back("X: y");
    }
    fields.front() += ":none:none";
    const Header header(fields);
    CHECK(hash_of_hasher(header) == own_hash(header));
  }
}
