#include "plugins/header_checks/charset.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <iconv.h>
#include <memory>
#include <type_traits>

#include "milterd/ascii.hpp"

namespace milterd::header_checks {
namespace {

struct Charset {
  std::string_view name;   ///< In mail, lower case.
  const char* iconv_name;  ///< The larger charset where mail programs send that under this name.
};

/// What mail is written in. A name from a message never reaches iconv_open(3), which would look for
/// it in the file system.
constexpr auto charsets = std::to_array<Charset>({
    {"ansi_x3.4-1968", "WINDOWS-1252"},
    {"ascii", "WINDOWS-1252"},
    {"big5", "BIG5-HKSCS"},
    {"big5-hkscs", "BIG5-HKSCS"},
    {"cp1250", "WINDOWS-1250"},
    {"cp1251", "WINDOWS-1251"},
    {"cp1252", "WINDOWS-1252"},
    {"cp850", "CP850"},
    {"cp866", "CP866"},
    {"cp932", "CP932"},
    {"cp936", "GB18030"},
    {"cp949", "CP949"},
    {"euc-jp", "EUC-JP"},
    {"euc-kr", "CP949"},
    {"euc-tw", "EUC-TW"},
    {"gb18030", "GB18030"},
    {"gb2312", "GB18030"},
    {"gbk", "GB18030"},
    {"ibm850", "CP850"},
    {"ibm866", "CP866"},
    {"iso-2022-jp", "ISO-2022-JP"},
    {"iso-2022-kr", "ISO-2022-KR"},
    {"iso-8859-1", "WINDOWS-1252"},
    {"iso-8859-10", "ISO-8859-10"},
    {"iso-8859-11", "WINDOWS-874"},
    {"iso-8859-13", "ISO-8859-13"},
    {"iso-8859-14", "ISO-8859-14"},
    {"iso-8859-15", "ISO-8859-15"},
    {"iso-8859-16", "ISO-8859-16"},
    {"iso-8859-2", "ISO-8859-2"},
    {"iso-8859-3", "ISO-8859-3"},
    {"iso-8859-4", "ISO-8859-4"},
    {"iso-8859-5", "ISO-8859-5"},
    {"iso-8859-6", "ISO-8859-6"},
    {"iso-8859-7", "ISO-8859-7"},
    {"iso-8859-8", "ISO-8859-8"},
    {"iso-8859-8-i", "ISO-8859-8"},
    {"iso-8859-9", "WINDOWS-1254"},
    {"koi8-r", "KOI8-R"},
    {"koi8-u", "KOI8-U"},
    {"ks_c_5601-1987", "CP949"},
    {"latin1", "WINDOWS-1252"},
    {"macintosh", "MACINTOSH"},
    {"shift-jis", "CP932"},
    {"shift_jis", "CP932"},
    {"tis-620", "WINDOWS-874"},
    {"us-ascii", "WINDOWS-1252"},
    {"utf-16be", "UTF-16BE"},
    {"utf-16le", "UTF-16LE"},
    {"utf-7", "UTF-7"},
    {"utf-8", "UTF-8"},
    {"utf8", "UTF-8"},
    {"windows-1250", "WINDOWS-1250"},
    {"windows-1251", "WINDOWS-1251"},
    {"windows-1252", "WINDOWS-1252"},
    {"windows-1253", "WINDOWS-1253"},
    {"windows-1254", "WINDOWS-1254"},
    {"windows-1255", "WINDOWS-1255"},
    {"windows-1256", "WINDOWS-1256"},
    {"windows-1257", "WINDOWS-1257"},
    {"windows-1258", "WINDOWS-1258"},
    {"windows-31j", "CP932"},
    {"windows-874", "WINDOWS-874"},
    {"windows-949", "CP949"},
    {"x-gbk", "GB18030"},
    {"x-sjis", "CP932"},
});
static_assert(std::ranges::is_sorted(charsets, {}, &Charset::name));

constexpr std::string_view replacement = "\xEF\xBF\xBD";

const Charset* find_charset(std::string_view name) {
  const auto wanted = to_lower(name);
  const auto* found =
      std::ranges::lower_bound(charsets, std::string_view(wanted), {}, &Charset::name);
  return found != charsets.end() && found->name == wanted ? found : nullptr;
}

std::string convert(iconv_t handle, std::string_view bytes) {
  std::string text;
  // iconv(3) takes char** and does not write through it.
  char* in = const_cast<char*>(bytes.data());  // NOLINT(cppcoreguidelines-pro-type-const-cast)
  std::size_t in_left = bytes.size();
  std::array<char, 512> piece;
  while (in_left > 0) {
    char* out = piece.data();
    std::size_t out_left = piece.size();
    const auto done = iconv(handle, &in, &in_left, &out, &out_left);
    const int error = done == static_cast<std::size_t>(-1) ? errno : 0;
    text.append(piece.data(), piece.size() - out_left);
    if (error != 0 && error != E2BIG) {
      text += replacement;
      ++in;
      --in_left;
    }
  }
  // What a charset with states still holds back.
  char* out = piece.data();
  std::size_t out_left = piece.size();
  if (iconv(handle, nullptr, nullptr, &out, &out_left) != static_cast<std::size_t>(-1)) {
    text.append(piece.data(), piece.size() - out_left);
  }
  return text;
}

struct CloseIconv {
  void operator()(iconv_t handle) const { static_cast<void>(iconv_close(handle)); }
};

}  // namespace

struct Utf8Converter::Open {
  const Charset* charset;
  std::unique_ptr<std::remove_pointer_t<iconv_t>, CloseIconv> handle;
};

Utf8Converter::Utf8Converter() = default;
Utf8Converter::~Utf8Converter() = default;

std::optional<std::string> Utf8Converter::to_utf8(std::string_view charset,
                                                  std::string_view bytes) {
  const auto* known = find_charset(charset);
  if (known == nullptr) {
    return std::nullopt;
  }
  const auto open = std::ranges::find(open_, known, &Open::charset);
  if (open != open_.end()) {
    return convert(open->handle.get(), bytes);
  }
  iconv_t handle = iconv_open("UTF-8", known->iconv_name);
  // -1 as a pointer is iconv_open's way to say that it cannot.
  if (handle == reinterpret_cast<iconv_t>(-1)) {  // NOLINT(performance-no-int-to-ptr)
    return std::nullopt;
  }
  open_.push_back({known, {handle, {}}});
  return convert(handle, bytes);
}

}  // namespace milterd::header_checks
