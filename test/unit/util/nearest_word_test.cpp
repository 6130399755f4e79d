#include "milterd/util/nearest_word.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace milterd;

TEST_CASE("nearest_word: finds what was meant, or nothing") {
  struct Case {
    std::string_view word;
    std::string_view nearest;  // "" for none
  };
  constexpr std::string_view known[] = {"max_scan_size", "max_file_size", "max_files",
                                        "reject",        "tempfail",      "no"};
  constexpr Case cases[] = {
      {"max_scan_size", "max_scan_size"},
      {"max_scn_size", "max_scan_size"},
      {"max-scan-size", "max_scan_size"},
      {"MAX_SCAN_SIZE", "max_scan_size"},
      {"max_scan_szie", "max_scan_size"},
      {"max_filess", "max_files"},
      {"rejcet", "reject"},
      {"tempfial", "tempfail"},
      {"on", "no"},
      {"x", ""},
      {"", ""},
      {"completely_different", ""},
      {"quarantine", ""},
  };
  for (const auto& [word, nearest] : cases) {
    CAPTURE(word);
    CHECK(nearest_word(word, known).value_or("") == nearest);
  }
}

TEST_CASE("nearest_word: of equally near words the first one is taken") {
  constexpr std::string_view known[] = {"bad", "bed"};
  CHECK(nearest_word("bid", known) == "bad");
}

TEST_CASE("nearest_word: a word of a million letters is answered without comparing them") {
  constexpr std::string_view known[] = {"max_scan_size"};
  CHECK_FALSE(nearest_word(std::string(1'000'000, 'a'), known).has_value());
}
