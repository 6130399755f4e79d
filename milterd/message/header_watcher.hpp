#pragma once
/// Who is asked about header fields on their way into a message.

#include "milterd/stage.hpp"

namespace milterd {

class HeaderWatcher {
 public:
  /// Before an edit adds, inserts or changes a field. May change or drop it, and may edit the
  /// envelope of the transaction meanwhile, nothing else.
  virtual void about_to_write(HeaderEdit& edit) = 0;

 protected:
  ~HeaderWatcher() = default;
};

}  // namespace milterd
