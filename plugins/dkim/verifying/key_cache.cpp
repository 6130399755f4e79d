#include "plugins/dkim/verifying/key_cache.hpp"

#include <utility>

namespace milterd::dkim {

Result<KeyCache::Key> KeyCache::parse(std::string_view base64, Algorithm algorithm) {
  std::string name(algorithm == Algorithm::ed25519_sha256 ? "ed25519 " : "rsa ");
  name += base64;
  if (Key known = find(name)) {
    return known;
  }
  auto parsed = VerificationKey::parse(base64, algorithm);
  if (!parsed) {
    return std::unexpected(std::move(parsed.error()));
  }
  auto key = std::make_shared<const VerificationKey>(std::move(*parsed));
  const std::scoped_lock lock(mutex_);
  keep(std::move(name), key);
  return key;
}

KeyCache::Key KeyCache::find(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  if (const auto found = young_.find(name); found != young_.end()) {
    return found->second;
  }
  const auto found = old_.find(name);
  if (found == old_.end()) {
    return nullptr;
  }
  Key key = found->second;
  keep(name, key);
  return key;
}

void KeyCache::keep(std::string name, Key key) {
  if (young_.size() >= most_) {
    old_ = std::exchange(young_, {});
  }
  young_.insert_or_assign(std::move(name), std::move(key));
}

}  // namespace milterd::dkim
