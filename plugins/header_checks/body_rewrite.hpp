#pragma once
/// A body with some of its lines replaced, made in one pass.

#include <cstddef>
#include <string>
#include <string_view>

#include "milterd/result.hpp"

namespace milterd::header_checks {

class BodyRewrite {
 public:
  /// A view of the body, which must outlive this.
  explicit BodyRewrite(std::string_view body) : body_(body) {}

  /// Puts `text` in the place of [begin, end); places must not overlap and come in order. Error:
  /// the new body grows beyond all measure.
  Result<> replace(std::size_t begin, std::size_t end, std::string_view text);
  /// The line end belongs to [begin, end).
  bool reaches_line_end(std::size_t begin, std::size_t end) const {
    return body_.substr(begin, end - begin).ends_with("\r\n");
  }
  bool is_changed() const { return changed_; }
  /// The whole new body. Once.
  std::string finish();

 private:
  std::string_view body_;
  std::string result_;
  std::size_t done_ = 0;  ///< How much of the old body is in the new one.
  bool changed_ = false;
};

}  // namespace milterd::header_checks
