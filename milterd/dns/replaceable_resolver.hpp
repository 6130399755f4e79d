#pragma once
/// One resolver for everybody, while the one behind it changes.

#include <memory>
#include <mutex>
#include <string_view>

#include "milterd/resolver.hpp"

namespace milterd {

/// Stages keep a reference to their resolver for as long as they live, and parts of them live on in
/// the stages after them. This is what they get; so what a reload replaces can end with its last
/// look-up. Thread-safe.
class ReplaceableResolver final : public Resolver {
 public:
  explicit ReplaceableResolver(std::shared_ptr<Resolver> first);
  /// Look-ups from now on go to `next`; those under way still get their answer.
  void replace(std::shared_ptr<Resolver> next);
  std::unique_ptr<TxtLookup> lookup_txt(std::string_view name) override;

 private:
  std::mutex mutex_;
  std::shared_ptr<Resolver> current_;
};

}  // namespace milterd
