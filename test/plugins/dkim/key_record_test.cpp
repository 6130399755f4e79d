#include "plugins/dkim/verifying/key_record.hpp"

#include <string>
#include <vector>

#include "doctest/doctest.h"

using namespace milterd;
using namespace milterd::dkim;

namespace {

TxtAnswer found(std::vector<std::string> records) {
  TxtAnswer answer;
  answer.status = TxtAnswer::Status::found;
  answer.records = std::move(records);
  return answer;
}

}  // namespace

TEST_CASE("a key record is read as RFC 6376 section 3.6.1 has it") {
  struct Case {
    std::string record;
    Outcome outcome;
    std::string reason;
    Algorithm algorithm = Algorithm::rsa_sha256;
  };
  const std::string broken = "key record is malformed: ";
  for (const Case& one : std::vector<Case>{
           {"p=AAAA", Outcome::verified, ""},
           {"v=DKIM1; p=AAAA", Outcome::verified, ""},
           {"v=DKIM1;k=rsa;p=AAAA;", Outcome::verified, ""},
           {" v = DKIM1 ; k = RSA ; p = AA AA ", Outcome::verified, ""},
           {"p=AAAA; v=DKIM1", Outcome::verified, ""},
           {"v=DKIM1; g=*; p=AAAA; x=unknown", Outcome::verified, ""},
           {"v=DKIM1; g=; p=AAAA", Outcome::verified, ""},
           {"v=DKIM1; h=sha1:SHA256; p=AAAA", Outcome::verified, ""},
           {"v=DKIM1; h=sha512:sha256; p=AAAA", Outcome::verified, ""},
           {"v=DKIM1; s=tlsrpt:email; p=AAAA", Outcome::verified, ""},
           {"v=DKIM1; s=*; p=AAAA", Outcome::verified, ""},
           {"v=DKIM1; k=ed25519; p=AAAA", Outcome::verified, "", Algorithm::ed25519_sha256},
           {"v=DKIM1; h=sha1; p=AAAA", Outcome::verified, "", Algorithm::rsa_sha1},
           {"v=DKIM2; p=AAAA", Outcome::key_version, "key record has a version that is not known"},
           {"v=dkim1; p=AAAA", Outcome::key_version, "key record has a version that is not known"},
           {"v=DKIM1", Outcome::key_malformed, "key record has no p="},
           {"", Outcome::key_malformed, "key record has no p="},
           {"v=DKIM1; p=", Outcome::key_revoked, "key is revoked"},
           {"v=DKIM1; p= ;", Outcome::key_revoked, "key is revoked"},
           {"v=DKIM1; p=A*A", Outcome::key_undecodable, "key record has a p= that is not base64"},
           {"v=DKIM1; h=md5; p=AAAA", Outcome::key_hash_unknown,
            "key record allows no hash that is known (h=)"},
           {"v=DKIM1; h=; p=AAAA", Outcome::key_hash_unknown,
            "key record allows no hash that is known (h=)"},
           {"v=DKIM1; h=sha1; p=AAAA", Outcome::key_hash_refused,
            "key record does not allow the signature's hash (h=)"},
           {"v=DKIM1; h=sha256; p=AAAA", Outcome::key_hash_refused,
            "key record does not allow the signature's hash (h=)", Algorithm::rsa_sha1},
           {"v=DKIM1; s=tlsrpt; p=AAAA", Outcome::key_service, "key is not meant for mail (s=)"},
           {"v=DKIM1; s=emails; p=AAAA", Outcome::key_service, "key is not meant for mail (s=)"},
           {"v=DKIM1; k=dsa; p=AAAA", Outcome::key_type_unknown,
            "key record has a type that is not known (k=)"},
           {"v=DKIM1; k=; p=AAAA", Outcome::key_type_unknown,
            "key record has a type that is not known (k=)"},
           {"v=DKIM1; k=ed25519; p=AAAA", Outcome::key_type_differs,
            "key record is not of the signature's algorithm (k=)"},
           {"v=DKIM1; p=AAAA", Outcome::key_type_differs,
            "key record is not of the signature's algorithm (k=)", Algorithm::ed25519_sha256},
           {"v=DKIM1; p=AAAA; p=BBBB", Outcome::key_malformed, broken + "tag p= comes twice"},
           {"v=DKIM1\\; p=AAAA", Outcome::key_version,
            "key record has a version that is not known"},
           {"nonsense", Outcome::key_malformed, broken + "tag nonsense has no ="},
           {"\"v=DKIM1; p=AAAA\"", Outcome::key_malformed, broken + "a tag name is malformed"},
           {std::string("v=DKIM1; p=AA\0AA", 16), Outcome::key_malformed,
            broken + "tag p= has a byte that may not be there"},
           {"v=DKIM1; p=AAAA; n=\xc3\xbc", Outcome::key_malformed,
            broken + "tag n= has a byte that may not be there"},
       }) {
    CAPTURE(one.record);
    const KeyRecord record = choose_key_record(found({one.record}), one.algorithm);
    CHECK(record.outcome == one.outcome);
    CHECK(record.reason == one.reason);
    CHECK(record.key == (one.outcome == Outcome::verified ? "AAAA" : ""));
  }
}

TEST_CASE("flags are read, of a record that cannot be used too") {
  struct Case {
    std::string record;
    bool test;
    bool exact_identity;
  };
  for (const Case& one : std::vector<Case>{
           {"p=AAAA", false, false},
           {"p=AAAA; t=y", true, false},
           {"p=AAAA; t=s", false, true},
           {"p=AAAA; t=x:s:Y", true, true},
           {"p=AAAA; t=sy", false, false},
           {"p=; t=y", true, false},
       }) {
    CAPTURE(one.record);
    const KeyRecord record = choose_key_record(found({one.record}), Algorithm::rsa_sha256);
    CHECK(record.test == one.test);
    CHECK(record.exact_identity == one.exact_identity);
  }
}

TEST_CASE("the state of DNSSEC is known only to those who validate") {
  using Status = TxtAnswer::Status;
  using Dnssec = KeyRecord::Dnssec;
  struct Case {
    Status status;
    bool validating;
    bool secure;
    Dnssec dnssec;
    Outcome outcome;
  };
  for (const Case& one : std::vector<Case>{
           {Status::found, false, false, Dnssec::unknown, Outcome::verified},
           {Status::found, true, false, Dnssec::unprotected, Outcome::verified},
           {Status::found, true, true, Dnssec::secure, Outcome::verified},
           {Status::bogus, true, false, Dnssec::bogus, Outcome::verified},
           {Status::none, true, true, Dnssec::unknown, Outcome::key_missing},
           {Status::temporary, true, false, Dnssec::unknown, Outcome::key_temporary},
       }) {
    TxtAnswer answer = found({"v=DKIM1; p=AAAA"});
    answer.status = one.status;
    answer.validating = one.validating;
    answer.secure = one.secure;
    const KeyRecord record = choose_key_record(answer, Algorithm::rsa_sha256);
    CHECK(record.dnssec == one.dnssec);
    CHECK(record.outcome == one.outcome);
  }
  TxtAnswer withheld;
  withheld.status = Status::bogus;
  CHECK(choose_key_record(withheld, Algorithm::rsa_sha256).outcome == Outcome::key_temporary);
  CHECK(choose_key_record(withheld, Algorithm::rsa_sha256).dnssec == Dnssec::bogus);
}
