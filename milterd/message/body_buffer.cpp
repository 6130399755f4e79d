#include "milterd/message/body_buffer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

namespace milterd {
namespace {

constexpr std::size_t first_capacity = 16 * 1024;

std::string reason(int error) { return std::strerror(error); }

}  // namespace

void BodyBuffer::Free::operator()(char* memory) const { std::free(memory); }

BodyBuffer::BodyBuffer(std::uint64_t memory_limit, std::string directory)
    : memory_limit_(memory_limit), directory_(std::move(directory)) {}

BodyBuffer::~BodyBuffer() { unmap(); }

void BodyBuffer::unmap() {
  if (mapping_ != nullptr) {
    ::munmap(mapping_, mapped_);
    mapping_ = nullptr;
  }
}

bool BodyBuffer::grow(std::size_t capacity) {
  char* held = memory_.release();
  auto* grown = static_cast<char*>(std::realloc(held, capacity));
  memory_.reset(grown == nullptr ? held : grown);
  if (grown == nullptr) {
    return false;
  }
  capacity_ = capacity;
  return true;
}

void BodyBuffer::reserve(std::size_t bytes) {
  if (!file_ && bytes > capacity_ && bytes <= memory_limit_) {
    grow(bytes);
  }
}

Result<> BodyBuffer::append(std::string_view bytes) {
  if (bytes.empty()) {
    return {};
  }
  if (!file_ && size_ + bytes.size() > memory_limit_) {
    if (auto moved = move_to_file(); !moved) {
      return moved;
    }
  }
  if (file_) {
    return write_to_file(bytes);
  }
  if (size_ + bytes.size() > capacity_) {
    const std::size_t doubled = std::max({first_capacity, capacity_ * 2, size_ + bytes.size()});
    if (!grow(doubled)) {
      return fail("no memory for a message of " + std::to_string(size_ + bytes.size()) + " bytes");
    }
  }
  std::memcpy(memory_.get() + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
  return {};
}

Result<> BodyBuffer::move_to_file() {
  file_ = UniqueFd(::open(directory_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file_) {
    // Some file systems have no O_TMPFILE.
    std::string name = directory_ + "/milterd.XXXXXX";
    file_ = UniqueFd(::mkostemp(name.data(), O_CLOEXEC));
    if (!file_) {
      return fail("cannot make a file for a large message in '" + directory_ +
                  "': " + reason(errno));
    }
    ::unlink(name.c_str());
  }
  const std::string_view held(memory_.get(), size_);
  size_ = 0;
  if (auto written = write_to_file(held); !written) {
    return written;
  }
  memory_.reset();
  capacity_ = 0;
  return {};
}

Result<> BodyBuffer::write_to_file(std::string_view bytes) {
  unmap();
  while (!bytes.empty()) {
    const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written <= 0) {
      return fail("cannot write a large message to '" + directory_ + "': " + reason(errno));
    }
    size_ += static_cast<std::size_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::string_view> BodyBuffer::view() {
  if (!file_) {
    return std::string_view(memory_.get(), size_);
  }
  if (mapping_ == nullptr) {
    void* mapping = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file_.get(), 0);
    if (mapping == MAP_FAILED) {
      return fail("cannot map a message of " + std::to_string(size_) + " bytes: " + reason(errno));
    }
    mapping_ = mapping;
    mapped_ = size_;
  }
  return std::string_view(static_cast<const char*>(mapping_), size_);
}

}  // namespace milterd
