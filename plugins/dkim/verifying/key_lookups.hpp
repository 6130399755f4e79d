#pragma once
/// The key look-ups of one message: begun early, waited for late, each name once.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "milterd/resolver.hpp"

namespace milterd::dkim {

class KeyLookups {
 public:
  /// Never blocks. Does nothing for a name that is looked up already.
  void start(Resolver& resolver, std::string_view name);
  /// The answer for a name that was started. At the deadline it is temporary. Stays valid until
  /// clear() or the next start().
  const TxtAnswer& wait(std::string_view name, std::chrono::steady_clock::time_point deadline);
  /// Drops the interest in everything.
  void clear() { lookups_.clear(); }

 private:
  struct Lookup {
    std::string name;
    std::unique_ptr<TxtLookup> pending;
    std::optional<TxtAnswer> answer = {};
  };
  Lookup* find(std::string_view name);

  std::vector<Lookup> lookups_;
};

}  // namespace milterd::dkim
