/// What look-ups in a table cost, without a mail server around them.
///
///     table_cost TABLE KEYS PASSES
///
/// KEYS is a file of keys, each ended by a NUL. Asks for all of them PASSES times and prints the
/// answers of the last pass as "postmap -q -" does, then the CPU seconds on standard error: "parse
/// SECONDS" and "lookup SECONDS", all passes together.

#include <charconv>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/header_checks/table.hpp"

namespace {

using namespace milterd::header_checks;

int complain(const std::string& text) {
  std::fprintf(stderr, "table_cost: %s\n", text.c_str());
  return 1;
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

std::optional<std::vector<std::string>> read_keys(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file) {
    return std::nullopt;
  }
  std::vector<std::string> keys;
  for (std::size_t begin = 0, end = 0; (end = text.find('\0', begin)) != std::string::npos;
       begin = end + 1) {
    keys.push_back(text.substr(begin, end - begin));
  }
  return keys;
}

std::optional<int> read_count(std::string_view text) {
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool is_whole = error == std::errc{} && end == text.data() + text.size();
  return is_whole && count >= 1 ? std::optional(count) : std::nullopt;
}

}  // namespace

int main(int count, char** arguments) {
  const auto passes = count == 4 ? read_count(arguments[3]) : std::nullopt;
  if (!passes) {
    return complain("usage: table_cost TABLE KEYS PASSES");
  }
  const auto keys = read_keys(arguments[2]);
  if (!keys) {
    return complain("cannot read " + std::string(arguments[2]));
  }
  std::vector<TableFault> table_faults;
  const double start = cpu_seconds();
  const auto table = Table::open(arguments[1], {}, table_faults);
  const double parsed = cpu_seconds();
  if (!table) {
    return complain(table.error().message);
  }
  std::vector<LookupFault> faults;
  std::vector<std::optional<Match>> matches(keys->size());
  for (int pass = 0; pass < *passes; ++pass) {
    for (std::size_t key = 0; key < keys->size(); ++key) {
      matches[key] = (*table)->find((*keys)[key], faults);
    }
  }
  const double looked_up = cpu_seconds();
  if (!table_faults.empty() || !faults.empty()) {
    return complain("the table has faults, which would cost time of their own");
  }
  for (std::size_t key = 0; key < keys->size(); ++key) {
    if (const auto& match = matches[key]) {
      std::printf("%s\t%s\n", (*keys)[key].c_str(), match->text.c_str());
    }
  }
  std::fprintf(stderr, "parse %.6f\nlookup %.6f\n", parsed - start, looked_up - parsed);
  return 0;
}
