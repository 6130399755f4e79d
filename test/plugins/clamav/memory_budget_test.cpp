#include "plugins/clamav/database/memory_budget.hpp"

#include <doctest/doctest.h>
#include <filesystem>

#include "signature_directory.hpp"

namespace milterd::clamav {
namespace {

constexpr std::uint64_t kibibyte = 1024;

struct FakeSystem {
  void write(const std::string& path, const std::string& content) const {
    std::filesystem::create_directories(
        std::filesystem::path(directory.path() + "/" + path).parent_path());
    directory.write(path, content);
  }
  std::optional<std::uint64_t> available() const { return available_memory(directory.path()); }

  test::SignatureDirectory directory;
};

TEST_CASE_FIXTURE(FakeSystem, "without a control group it is what the kernel says") {
  CHECK_FALSE(available());
  write("proc/meminfo", "MemTotal: 8000 kB\nMemFree: 10 kB\nMemAvailable:    5000 kB\n");
  write("proc/self/cgroup", "0::/\n");
  CHECK(available() == 5000 * kibibyte);
}

TEST_CASE_FIXTURE(FakeSystem, "the tightest group above the process counts") {
  write("proc/meminfo", "MemAvailable: 5000 kB\n");
  write("proc/self/cgroup", "0::/a/b/c\n");
  write("sys/fs/cgroup/a/b/c/memory.max", "max\n");
  write("sys/fs/cgroup/a/b/c/memory.current", "1000\n");
  write("sys/fs/cgroup/a/b/memory.max", "900000\n");
  write("sys/fs/cgroup/a/b/memory.current", "600000\n");
  write("sys/fs/cgroup/a/b/memory.stat", "anon 5\nactive_file 7\ninactive_file 100000\n");
  write("sys/fs/cgroup/a/memory.max", "700000\n");
  write("sys/fs/cgroup/a/memory.current", "600000\n");
  CHECK(available() == 100000);
  write("sys/fs/cgroup/a/memory.max", "max\n");
  CHECK(available() == 400000);
  write("sys/fs/cgroup/a/b/memory.current", "2000000\n");
  CHECK(available() == 0);
}

TEST_CASE_FIXTURE(FakeSystem, "a container sees its own group as the root") {
  write("proc/meminfo", "MemAvailable: 5000 kB\n");
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/memory.max", "500000\n");
  write("sys/fs/cgroup/memory.current", "100000\n");
  CHECK(available() == 400000);
}

TEST_CASE_FIXTURE(FakeSystem, "version 1 has other names") {
  write("proc/meminfo", "MemAvailable: 5000 kB\n");
  write("proc/self/cgroup", "9:cpu,cpuacct:/x\n4:memory:/docker/1\n");
  write("sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes", "800000\n");
  write("sys/fs/cgroup/memory/docker/1/memory.usage_in_bytes", "500000\n");
  write("sys/fs/cgroup/memory/docker/1/memory.stat",
        "inactive_file 1\ntotal_inactive_file 50000\n");
  CHECK(available() == 350000);
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("sys/fs/cgroup/memory/memory.usage_in_bytes", "500000\n");
  CHECK(available() == 350000);
}

TEST_CASE("an engine grows with what its files grow by, not in proportion to files of some bytes") {
  constexpr std::uint64_t mebibyte = 1024 * kibibyte;
  CHECK(memory_needed(100 * mebibyte, 20 * mebibyte, 20 * mebibyte) == 120 * mebibyte);
  CHECK(memory_needed(100 * mebibyte, 20 * mebibyte, 5 * mebibyte) == 120 * mebibyte);
  CHECK(memory_needed(100 * mebibyte, 20 * mebibyte, 45 * mebibyte) == 360 * mebibyte);
  CHECK(memory_needed(10 * mebibyte, 100, 45 * mebibyte) < 500 * mebibyte);
  CHECK(memory_needed(10 * mebibyte, 100, 45 * mebibyte) > 3 * 45 * mebibyte);
}

TEST_CASE("this process is somewhere in memory, and some is left") {
  CHECK(resident_memory() > 1024 * kibibyte);
  REQUIRE(available_memory());
  CHECK(*available_memory() > 1024 * kibibyte);
}

}  // namespace
}  // namespace milterd::clamav
