#include "plugins/dkim/verifying/key_lookups.hpp"

#include <algorithm>

namespace milterd::dkim {

KeyLookups::Lookup* KeyLookups::find(std::string_view name) {
  const auto found = std::ranges::find(lookups_, name, &Lookup::name);
  return found == lookups_.end() ? nullptr : &*found;
}

void KeyLookups::start(Resolver& resolver, std::string_view name) {
  if (find(name) == nullptr) {
    lookups_.push_back({.name = std::string(name), .pending = resolver.lookup_txt(name)});
  }
}

const TxtAnswer& KeyLookups::wait(std::string_view name,
                                  std::chrono::steady_clock::time_point deadline) {
  Lookup* lookup = find(name);
  if (lookup == nullptr) {
    lookup = &lookups_.emplace_back(Lookup{.name = std::string(name), .pending = nullptr});
    lookup->answer.emplace().reason = "it was never started";
  }
  if (!lookup->answer) {
    lookup->answer = lookup->pending->wait(deadline);
    lookup->pending.reset();
  }
  return *lookup->answer;
}

}  // namespace milterd::dkim
