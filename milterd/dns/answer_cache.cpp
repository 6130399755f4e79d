#include "milterd/dns/answer_cache.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace milterd {
namespace {

using namespace std::chrono_literals;

/// A key that was taken back should not verify for longer, whatever its record says.
constexpr std::chrono::seconds longest = 1h;
/// Of an entry, beside its texts.
constexpr std::size_t overhead = 256;

std::size_t bytes_of(std::string_view key, const TxtAnswer& answer) {
  std::size_t bytes = overhead + key.size() + answer.reason.size() + answer.alias_of.size();
  for (const std::string& record : answer.records) {
    bytes += sizeof(std::string) + record.size();
  }
  return bytes;
}

}  // namespace

void AnswerCache::remove(Entries::iterator entry) {
  bytes_ -= entry->bytes;
  places_.erase(entry->key);
  entries_.erase(entry);
}

std::shared_ptr<const TxtAnswer> AnswerCache::find(std::string_view key, Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(key);
  if (place == places_.end()) {
    return nullptr;
  }
  const Entries::iterator entry = place->second;
  if (now >= entry->until) {
    remove(entry);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->answer;
}

void AnswerCache::keep(std::string_view key, std::shared_ptr<const TxtAnswer> answer,
                       std::chrono::seconds ttl, Clock::time_point now) {
  const std::size_t bytes = bytes_of(key, *answer);
  const std::lock_guard lock(mutex_);
  if (const auto place = places_.find(key); place != places_.end()) {
    remove(place->second);
  }
  if (ttl <= 0s || bytes > most_bytes_) {
    return;
  }
  while (bytes_ + bytes > most_bytes_) {
    remove(std::prev(entries_.end()));
  }
  entries_.push_front({.key = std::string(key),
                       .answer = std::move(answer),
                       .until = now + std::min(ttl, longest),
                       .bytes = bytes});
  places_.emplace(entries_.front().key, entries_.begin());
  bytes_ += bytes;
}

}  // namespace milterd
