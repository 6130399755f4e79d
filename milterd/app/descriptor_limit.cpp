#include "milterd/app/descriptor_limit.hpp"

#include <string>
#include <sys/resource.h>

namespace milterd {
namespace {

/// Its socket, a large message's file, and what a scan unpacks.
constexpr std::uint64_t descriptors_per_session = 4;
constexpr std::uint64_t descriptors_of_the_process = 256;

}  // namespace

void raise_descriptor_limit(std::uint64_t sessions, Logger& log) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return;
  }
  limit.rlim_cur = limit.rlim_max;
  const std::uint64_t wanted = sessions * descriptors_per_session + descriptors_of_the_process;
  if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max >= wanted) {
    return;
  }
  log.warn("start.few_descriptors",
           {{"limit", std::to_string(limit.rlim_max)},
            {"wanted", std::to_string(wanted)},
            {"effect",
             "with many sessions new ones wait; raise LimitNOFILE or 'ulimit -Hn', or "
             "lower 'sessions' under [limits]"}});
}

}  // namespace milterd
