#pragma once
/// Bytes of one message: in memory up to a limit, then in a file that has no name.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "milterd/result.hpp"
#include "milterd/util/unique_fd.hpp"

namespace milterd {

/// Grows by append(); view() gives all of it in one piece. Not thread-safe.
class BodyBuffer {
 public:
  /// At most `memory_limit` bytes stay in memory; the file is made in `directory`.
  BodyBuffer(std::uint64_t memory_limit, std::string directory);
  ~BodyBuffer();
  BodyBuffer(const BodyBuffer&) = delete;
  BodyBuffer& operator=(const BodyBuffer&) = delete;

  /// Makes room for this many bytes at once, as far as they would be in memory.
  void reserve(std::size_t bytes);
  /// Error: no memory, the file cannot be made, or the disk is full. The buffer is of no use then.
  Result<> append(std::string_view bytes);
  std::size_t size() const { return size_; }
  /// All bytes, until the next append(). Error: the file cannot be mapped.
  Result<std::string_view> view();

 private:
  struct Free {
    void operator()(char* memory) const;
  };
  bool grow(std::size_t capacity);
  Result<> move_to_file();
  Result<> write_to_file(std::string_view bytes);
  void unmap();

  std::uint64_t memory_limit_;
  std::string directory_;
  /// malloc's, not a vector's: realloc moves large blocks by remapping pages, without copying.
  std::unique_ptr<char, Free> memory_;
  std::size_t capacity_ = 0;
  std::size_t size_ = 0;
  UniqueFd file_;
  void* mapping_ = nullptr;
  std::size_t mapped_ = 0;
};

}  // namespace milterd
