#include "milterd/util/units.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <limits>
#include <span>
#include <system_error>

namespace milterd {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

/// Largest first, as format() wants them; the one for zero is named apart.
constexpr Unit duration_units[] = {
    {"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}};
constexpr Unit size_units[] = {
    {"GiB", 1ULL << 30}, {"MiB", 1ULL << 20}, {"KiB", 1ULL << 10}, {"B", 1}};

struct Quantity {
  std::span<const Unit> units;
  std::uint64_t most;
  std::string_view zero;
  std::string_view advice;
};

constexpr Quantity duration_quantity{
    duration_units, static_cast<std::uint64_t>(std::chrono::milliseconds::max().count()), "0s",
    "a duration: write a whole number and ms, s, m, h or d, such as \"30s\""};
constexpr Quantity size_quantity{
    size_units, std::numeric_limits<std::uint64_t>::max(), "0B",
    "a size: write a whole number and B, KiB, MiB or GiB, such as \"25MiB\""};

Result<std::uint64_t> parse(std::string_view text, const Quantity& quantity) {
  if (text == "0") {
    return 0;
  }
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view unit_name = text.substr(digits);
  const auto unit = std::ranges::find(quantity.units, unit_name, &Unit::name);
  if (digits == 0 || unit == quantity.units.end()) {
    return fail("\"" + std::string(text) + "\" is not " + std::string(quantity.advice));
  }
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + digits, number);
  if (parsed.ec != std::errc{} || number > quantity.most / unit->factor) {
    return fail("\"" + std::string(text) + "\" is too large");
  }
  return number * unit->factor;
}

std::string format(std::uint64_t amount, const Quantity& quantity) {
  if (amount == 0) {
    return std::string(quantity.zero);
  }
  const auto unit = std::ranges::find_if(
      quantity.units, [amount](const Unit& candidate) { return amount % candidate.factor == 0; });
  return std::to_string(amount / unit->factor) + std::string(unit->name);
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto amount = parse(text, duration_quantity);
  if (!amount) {
    return std::unexpected(amount.error());
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(*amount));
}

Result<std::uint64_t> parse_size(std::string_view text) { return parse(text, size_quantity); }

std::string format_duration(std::chrono::milliseconds duration) {
  return format(static_cast<std::uint64_t>(duration.count()), duration_quantity);
}

std::string format_size(std::uint64_t bytes) { return format(bytes, size_quantity); }

}  // namespace milterd
