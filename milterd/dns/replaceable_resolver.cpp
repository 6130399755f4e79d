#include "milterd/dns/replaceable_resolver.hpp"

#include <chrono>
#include <utility>

namespace milterd {
namespace {

/// Keeps its resolver alive.
class HeldLookup final : public TxtLookup {
 public:
  HeldLookup(std::shared_ptr<Resolver> resolver, std::unique_ptr<TxtLookup> lookup)
      : resolver_(std::move(resolver)), lookup_(std::move(lookup)) {}
  TxtAnswer wait(std::chrono::steady_clock::time_point deadline) override {
    return lookup_->wait(deadline);
  }

 private:
  std::shared_ptr<Resolver> resolver_;
  std::unique_ptr<TxtLookup> lookup_;
};

}  // namespace

ReplaceableResolver::ReplaceableResolver(std::shared_ptr<Resolver> first)
    : current_(std::move(first)) {}

void ReplaceableResolver::replace(std::shared_ptr<Resolver> next) {
  {
    const std::scoped_lock lock(mutex_);
    current_.swap(next);
  }
  // What was replaced ends here, without the lock, or with its last look-up.
}

std::unique_ptr<TxtLookup> ReplaceableResolver::lookup_txt(std::string_view name) {
  std::shared_ptr<Resolver> resolver;
  {
    const std::scoped_lock lock(mutex_);
    resolver = current_;
  }
  auto lookup = resolver->lookup_txt(name);
  return std::make_unique<HeldLookup>(std::move(resolver), std::move(lookup));
}

}  // namespace milterd
