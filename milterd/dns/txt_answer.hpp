#pragma once
/// What libunbound answered, in the words of the resolver interface.

#include <string>

#include "milterd/resolver.hpp"

struct ub_result;

namespace milterd {

/// Any status but `found`.
TxtAnswer no_records(TxtAnswer::Status status, std::string reason, bool secure = false);

/// `error` is what libunbound's callback was called with; `result` may be null if it is not 0.
/// An answer of more than 32 records or 64 KiB is `temporary`: nobody publishes such a thing to be
/// read.
TxtAnswer txt_answer(int error, const ub_result* result);

}  // namespace milterd
