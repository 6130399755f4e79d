#include "milterd/import/clamav_option.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <string>
#include <vector>

namespace milterd {
namespace {

using enum ClamavProgram;

TEST_CASE("letter case matters, and each program has its own options") {
  CHECK(find_clamav_option(clamd, "ScanPE") != nullptr);
  CHECK(find_clamav_option(clamd, "scanpe") == nullptr);
  CHECK(find_clamav_option(clamd, "OnInfected") == nullptr);
  CHECK(find_clamav_option(clamav_milter, "OnInfected") != nullptr);
  CHECK(find_clamav_option(clamav_milter, "ScanPDF") == nullptr);
}

TEST_CASE("no option is named twice, and of each is said what becomes of it") {
  using Fate = ClamavOption::Fate;
  for (const ClamavProgram program : {clamd, clamav_milter}) {
    std::vector<std::string_view> names;
    for (const ClamavOption& option : clamav_options(program)) {
      CAPTURE(option.name);
      names.push_back(option.name);
      CHECK(!option.note.empty());
      if (option.fate < Fate::ignored) {
        CHECK(option.note.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.0123456789") ==
              std::string_view::npos);
      }
      CHECK((option.type == ClamavOption::Type::word) == !option.words.empty());
      const bool is_bounded = option.fate == Fate::limit || option.fate == Fate::number ||
                              option.fate == Fate::milliseconds || option.fate == Fate::seconds ||
                              option.fate == Fate::days || option.fate == Fate::milter_size;
      CHECK(is_bounded == (option.most > option.least));
    }
    std::ranges::sort(names);
    CHECK(std::ranges::adjacent_find(names) == names.end());
  }
}

}  // namespace
}  // namespace milterd
