#pragma once
/// A small tree of plain data: what a stage tells about a message, whatever prints it.

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace milterd {

/// null, boolean, integer, real, text, list, or members in the order given.
struct Value {
  using List = std::vector<Value>;
  using Members = std::vector<std::pair<std::string, Value>>;

  Value() = default;
  Value(bool value) : data(value) {}
  Value(std::integral auto value) : data(static_cast<std::int64_t>(value)) {}
  Value(double value) : data(value) {}
  Value(const char* value) : data(std::string(value)) {}
  Value(std::string_view value) : data(std::string(value)) {}
  Value(std::string value) : data(std::move(value)) {}
  Value(List value) : data(std::move(value)) {}
  Value(Members value) : data(std::move(value)) {}

  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Members> data;
};

}  // namespace milterd
