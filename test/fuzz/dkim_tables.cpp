/// Data sets, and signing tables in them, as administrators write them and bad editors leave them.

#include <cstddef>
#include <string>
#include <sys/mman.h>
#include <unistd.h>

#include "milterd/util/unique_fd.hpp"
#include "plugins/common/data_set.hpp"
#include "plugins/dkim/keys/signing_table.hpp"
#include "test/fuzz/fuzz_target.hpp"
#include "test/support/stage_table.hpp"

namespace {

using milterd::fuzz::require;

void check_entries(const std::string& specification) {
  const auto set = milterd::DataSet::read(specification);
  if (!set) {
    require(!set.error().message.empty(), "an error says why");
    return;
  }
  for (const milterd::DataEntry& entry : set->entries) {
    require(!entry.key.empty() && !entry.place.empty(), "an entry has a key and a place");
    require(set->kind == milterd::DataSet::Kind::list || entry.key.find('\n') == std::string::npos,
            "an entry of a file is of one line");
  }
}

void check_signing_table(const std::string& specification) {
  milterd::test::StageTable stage("");
  const milterd::dkim::SigningTable table(stage.section(), specification, true);
  for (const auto& sender :
       {milterd::MailAddress{"user", "example.org"}, milterd::MailAddress{"", "."},
        milterd::MailAddress{std::string(300, 'a'), std::string(2000, 'b')}}) {
    const auto rows = table.find(sender);
    require(rows.size() <= table.rows().size(), "no row is found twice");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t most = 4096;
  const std::string_view text = milterd::fuzz::text(data, size).substr(0, most);
  // Repetitions of repetitions are the one thing that the C library's patterns take no bounds for.
  if (text.find('{') != std::string_view::npos) {
    return 0;
  }
  const milterd::UniqueFd file(memfd_create("table", MFD_CLOEXEC));
  require(file && write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()),
          "the input can be written");
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  for (const std::string& specification :
       {"csl:" + std::string(text), std::string(text), "file:" + path, "refile:" + path}) {
    // What the input names itself is not to be read.
    if (specification.find('/') == std::string::npos || specification.ends_with(path)) {
      check_entries(specification);
      check_signing_table(specification);
    }
  }
  return 0;
}
