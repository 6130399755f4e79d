#pragma once
/// Public keys that were parsed before: parsing takes longer than verifying.

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "milterd/result.hpp"
#include "plugins/dkim/verifying/verification_key.hpp"

namespace milterd::dkim {

/// Holds a key by its own text, so that nothing in it can be out of date. Of twice `most` keys at
/// most, those that were used last. Thread-safe.
class KeyCache {
 public:
  using Key = std::shared_ptr<const VerificationKey>;

  explicit KeyCache(std::size_t most = 500) : most_(most) {}

  /// VerificationKey::parse(), the first time.
  Result<Key> parse(std::string_view base64, Algorithm algorithm);

 private:
  using Keys = std::unordered_map<std::string, Key>;

  /// Null if it is not there.
  Key find(const std::string& name);
  /// Needs the mutex.
  void keep(std::string name, Key key);

  const std::size_t most_;
  std::mutex mutex_;  ///< Guards the rest.
  Keys young_;
  Keys old_;  ///< What was young before; a key that is used again becomes so once more.
};

}  // namespace milterd::dkim
