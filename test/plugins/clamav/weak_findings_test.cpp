/// What one part of a message is, or was, must not hide what is in another.

#include <doctest/doctest.h>
#include <string>
#include <utility>
#include <vector>

#include "plugins/clamav/scanning/zip_methods.hpp"
#include "scanner.hpp"

namespace milterd::clamav {
namespace {

using test::eicar;
using test::encrypted_zip;
using test::gzip_of_zeros;
using test::nested_zip;
using test::parts_mail;
using test::Scanner;
using test::zip;
using test::zip_of_method;
using test::zip_of_zeros;

const std::string found = "infected " + std::string(test::eicar_name);
const std::string unwanted_name = "infected PUA.Test.Unwanted.UNOFFICIAL";

/// Taken for an archive of a kind that libclamav then finds no sense in.
std::string broken_archive() {
  std::string file = "EGGA";
  for (int i = 0; i < 3000; ++i) {
    file += static_cast<char>((i * 7919) >> 3);
  }
  return file;
}

EngineSettings tight() {
  EngineSettings settings;
  settings.max_recursion = 5;
  settings.max_file_size = 15'000;
  settings.max_scan_size = 200'000;
  settings.detect_pua = true;
  return settings;
}

Scanner::Files unwanted() {
  // "an unwanted thing"
  return {{"pua.ndu", "PUA.Test.Unwanted:0:*:616e20756e77616e746564207468696e67\n"}};
}

struct Weak {
  std::string name;
  std::string part;
  std::string alone;
};

std::vector<Weak> weak_parts() {
  return {
      {"encrypted", encrypted_zip("a.txt", "secret"), "unscanned encrypted part"},
      {"nested", nested_zip(8, "harmless"), "unscanned max_recursion exceeded"},
      {"large", gzip_of_zeros(), "unscanned max_file_size exceeded"},
      {"cut off", zip_of_zeros(), "unscanned max_file_size exceeded"},
      {"packed with LZMA", zip_of_method("a.txt", "some bytes", 14),
       "unscanned unknown kind of compression"},
      {"broken", broken_archive(), "unscanned parser error"},
  };
}

TEST_CASE("no weak part hides a virus, an unwanted program or another virus, in no order") {
  for (const bool precedence : {false, true}) {
    for (const bool disable_cache : {false, true}) {
      EngineSettings settings = tight();
      settings.heuristic_scan_precedence = precedence;
      settings.disable_cache = disable_cache;
      Scanner scanner(settings, unwanted());
      for (const Weak& weak : weak_parts()) {
        CAPTURE(precedence);
        CAPTURE(disable_cache);
        CAPTURE(weak.name);
        for (int again = 0; again < 2; ++again) {
          CHECK(scanner(parts_mail({weak.part, "harmless"})) == weak.alone);
          CHECK(scanner(parts_mail({weak.part, eicar()})) == found);
          CHECK(scanner(parts_mail({eicar(), weak.part})) == found);
          CHECK(scanner(parts_mail({weak.part, "an unwanted thing"})) == unwanted_name);
          CHECK(scanner(parts_mail({"an unwanted thing", weak.part})) == unwanted_name);
          CHECK(scanner(parts_mail({weak.part, "another signature of ours", eicar()})) ==
                "infected Test.Other.UNOFFICIAL");
          CHECK(scanner(parts_mail({eicar(), weak.part, "another signature of ours"})) == found);
        }
      }
    }
  }
}

TEST_CASE("a signature goes before an unwanted program, unless heuristics have precedence") {
  const std::string weak_first = parts_mail({"an unwanted thing", eicar()});
  const std::string strong_first = parts_mail({eicar(), "an unwanted thing"});
  EngineSettings settings = tight();
  Scanner scanner(settings, unwanted());
  CHECK(scanner(weak_first) == found);
  CHECK(scanner(strong_first) == found);
  settings.heuristic_scan_precedence = true;
  Scanner with_precedence(settings, unwanted());
  CHECK(with_precedence(weak_first) == unwanted_name);
  CHECK(with_precedence(strong_first) == found);
}

TEST_CASE("one archive may hold both") {
  Scanner scanner(tight(), unwanted());
  const std::string both =
      zip("a.zip", encrypted_zip("a.txt", "secret") + nested_zip(8, "x") + zip("b", eicar()));
  CHECK(scanner(parts_mail({both})) == found);
}

TEST_CASE("a member of a zip archive that libclamav cannot unpack is seen, wherever it is") {
  const std::string known = zip_of_method("a", "b", 0);
  const std::string unknown = zip_of_method("a", "b", 95);
  for (const int method : {0, 6, 8, 9, 12}) {
    CHECK_FALSE(has_unknown_method(zip_of_method("a", "b", method)));
  }
  for (const int method : {1, 14, 93, 98}) {
    CHECK(has_unknown_method(zip_of_method("a", "b", method)));
  }
  const auto without_directory = [](const std::string& file) {
    return file.substr(0, file.find("PK\x01\x02"));
  };
  CHECK(has_unknown_method(without_directory(known) + without_directory(unknown)));
  CHECK_FALSE(has_unknown_method(without_directory(known) + without_directory(known)));
  CHECK_FALSE(has_unknown_method(zip_of_method("directory/", "", 14)));
  CHECK_FALSE(has_unknown_method(""));
  for (std::size_t size = 0; size < unknown.size(); ++size) {
    has_unknown_method(unknown.substr(0, size));  // must not read beyond its end
  }
}

TEST_CASE("limits and encrypted parts count as infected where the settings say so") {
  EngineSettings settings = tight();
  settings.alert_encrypted = true;
  settings.alert_exceeds_max = true;
  Scanner scanner(settings, unwanted());
  const std::string encrypted = encrypted_zip("a.txt", "secret");
  const std::string nested = nested_zip(8, "harmless");
  CHECK(scanner(parts_mail({encrypted})) == "infected Heuristics.Encrypted.Zip");
  CHECK(scanner(parts_mail({nested})) == "infected Heuristics.Limits.Exceeded.MaxRecursion");
  CHECK(scanner(parts_mail({nested, eicar()})) == found);
  CHECK(scanner(parts_mail({nested, "an unwanted thing", encrypted})) == unwanted_name);
}

}  // namespace
}  // namespace milterd::clamav
