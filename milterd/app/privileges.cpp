#include "milterd/app/privileges.hpp"

#include <cerrno>
#include <grp.h>
#include <pwd.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace milterd {

bool is_root() { return geteuid() == 0; }

Result<> drop_privileges(const std::string& user) {
  if (user.empty() || !is_root()) {
    return {};
  }
  const auto failed = [&](const std::string& why) {
    return fail("cannot become user \"" + user + "\": " + why);
  };
  std::vector<char> buffer(16384);
  passwd entry{};
  passwd* found = nullptr;
  const int error = getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found == nullptr) {
    return failed(error == 0 ? "there is no such user; create it or name another one"
                             : std::generic_category().message(error));
  }
  if (initgroups(user.c_str(), found->pw_gid) != 0 || setgid(found->pw_gid) != 0 ||
      setuid(found->pw_uid) != 0) {
    return failed(std::generic_category().message(errno));
  }
  if (found->pw_uid != 0 && setuid(0) == 0) {
    return failed("the system would let it become root again");
  }
  return {};
}

}  // namespace milterd
