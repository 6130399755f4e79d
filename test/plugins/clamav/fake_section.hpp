#pragma once
/// A [[stage]] table made of literals.

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "milterd/section.hpp"

namespace milterd::test {

/// Values have the right type and unit already: the host's own section is tested elsewhere. Faults
/// are kept as "key: text".
class FakeSection final : public Section {
 public:
  using Entry = std::variant<std::string, bool, std::int64_t, std::chrono::milliseconds>;
  using Entries = std::map<std::string, Entry, std::less<>>;
  explicit FakeSection(Entries entries = {}) : entries_(std::move(entries)) {}

  bool has(std::string_view key) const override { return entries_.contains(key); }
  std::string string(std::string_view key, std::string_view otherwise) override {
    return get<std::string>(key, std::string(otherwise));
  }
  bool boolean(std::string_view key, bool otherwise) override { return get(key, otherwise); }
  std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t least,
                       std::int64_t most) override {
    return in_range(key, get(key, otherwise), otherwise, least, most);
  }
  std::chrono::milliseconds duration(std::string_view key, std::chrono::milliseconds otherwise,
                                     std::chrono::milliseconds least,
                                     std::chrono::milliseconds most) override {
    return in_range(key, get(key, otherwise), otherwise, least, most);
  }
  std::uint64_t size(std::string_view key, std::uint64_t otherwise, std::uint64_t least,
                     std::uint64_t most) override {
    const auto value = static_cast<std::uint64_t>(get(key, static_cast<std::int64_t>(otherwise)));
    return in_range(key, value, otherwise, least, most);
  }
  std::size_t choice(std::string_view key, std::size_t otherwise,
                     std::initializer_list<std::string_view> words) override {
    asked_.emplace_back(key);
    const auto found = entries_.find(key);
    if (found == entries_.end()) {
      return otherwise;
    }
    const auto* const word = std::ranges::find(words, std::get<std::string>(found->second));
    if (word == words.end()) {
      error(key, "is no such word");
      return otherwise;
    }
    return static_cast<std::size_t>(word - words.begin());
  }
  std::vector<std::string> strings(std::string_view /*key*/,
                                   std::initializer_list<std::string_view> /*otherwise*/) override {
    return {};
  }
  std::vector<Section*> tables(std::string_view /*key*/) override { return {}; }
  void error(std::string_view key, std::string_view text) override {
    errors_.push_back(std::string(key) + ": " + std::string(text));
  }
  void warning(std::string_view /*key*/, std::string_view /*text*/) override {}

  const std::vector<std::string>& errors() const { return errors_; }
  const std::vector<std::string>& asked() const { return asked_; }

 private:
  template <class T>
  T get(std::string_view key, const T& otherwise) {
    asked_.emplace_back(key);
    const auto found = entries_.find(key);
    return found == entries_.end() ? otherwise : std::get<T>(found->second);
  }
  template <class T>
  T in_range(std::string_view key, T value, T otherwise, T least, T most) {
    if (value >= least && value <= most) {
      return value;
    }
    error(key, "is out of range");
    return otherwise;
  }

  Entries entries_;
  std::vector<std::string> errors_;
  std::vector<std::string> asked_;
};

}  // namespace milterd::test
