#include "plugins/clamav/scanning/scan.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include "plugins/clamav/scanning/scan_context.hpp"
#include "sample_mail.hpp"
#include "scanner.hpp"

namespace milterd::clamav {
namespace {

using test::attachment_mail;
using test::eicar;
using test::gzip_of_zeros;
using test::image;
using test::in_a_minute;
using test::nested_zip;
using test::parts_mail;
using test::Scanner;
using test::text_mail;
using test::zip;
using test::zip_of_zeros;

const std::string found = "infected " + std::string(test::eicar_name);

TEST_CASE("a virus is found in every wrapping, and a clean message is clean") {
  Scanner scanner;
  struct Case {
    const char* name;
    std::string mail;
    std::string expected;
  };
  const Case cases[] = {
      {"clean text", text_mail("nothing here"), "clean"},
      {"clean attachment", attachment_mail("a.bin", "nothing here"), "clean"},
      {"clean archive", attachment_mail("a.zip", zip("a.txt", "nothing here")), "clean"},
      {"plain", text_mail(eicar()), found},
      {"base64", attachment_mail("eicar.com", eicar()), found},
      {"zip", attachment_mail("eicar.zip", zip("eicar.com", eicar())), found},
      {"three zips", attachment_mail("eicar.zip", nested_zip(3, eicar())), found},
      {"forwarded",
       text_mail(attachment_mail("eicar.com", eicar()),
                 "MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n"),
       found},
      {"another signature", text_mail("here: another signature of ours"),
       "infected Test.Other.UNOFFICIAL"},
  };
  for (const Case& one : cases) {
    CAPTURE(one.name);
    CHECK(scanner(one.mail) == one.expected);
  }
}

TEST_CASE("no first header field of the sender's choice hides an attachment") {
  Scanner scanner;
  for (const char* first : {"MZ: x", "PK\x03\x04: x", "%PDF-1.4: x", "{\\rtf: x", "Foo: x",
                            "#!/bin/sh: x", "<html>: x", "GIF89a: x", "\177ELF: x"}) {
    CAPTURE(first);
    const std::string fields = std::string(first) + "\r\n";
    CHECK(scanner(attachment_mail("eicar.com", eicar(), fields)) == found);
    CHECK(scanner(attachment_mail("a.zip", zip("eicar.com", eicar()), fields)) == found);
  }
}

TEST_CASE("what is over a limit is unscanned with the limit's key, each time, and never clean") {
  struct Case {
    const char* name;
    EngineSettings settings;
    std::string mail;
    std::string expected;
  };
  EngineSettings small_file;
  small_file.max_file_size = 10'000;
  EngineSettings small_scan;
  small_scan.max_scan_size = 100'000;
  EngineSettings flat;
  flat.max_recursion = 5;
  EngineSettings few;
  few.max_files = 4;
  EngineSettings hasty;
  hasty.max_scan_time = std::chrono::milliseconds(1);
  std::string lines;
  while (lines.size() < 8'000'000) {
    lines += "<p>some line of text " + std::to_string(lines.size()) + "</p>\r\n";
  }
  std::vector<std::string> many_parts;
  for (int i = 0; i < 20; ++i) {
    many_parts.push_back("part " + std::to_string(i));
  }

  const Case cases[] = {
      {"message size", small_file, text_mail(std::string(20'000, 'x')),
       "unscanned max_file_size exceeded"},
      {"message size, infected", small_file, text_mail(std::string(20'000, 'x') + eicar()),
       "unscanned max_file_size exceeded"},
      {"unpacked size", small_file, attachment_mail("a.gz", gzip_of_zeros()),
       "unscanned max_file_size exceeded"},
      {"member of a zip, cut off", small_file, attachment_mail("a.zip", zip_of_zeros()),
       "unscanned max_file_size exceeded"},
      {"all parts", small_scan, attachment_mail("a.bin", std::string(300'000, 'y')),
       "unscanned max_scan_size exceeded"},
      {"nesting", flat, attachment_mail("a.zip", nested_zip(8, "harmless")),
       "unscanned max_recursion exceeded"},
      {"nesting, infected", flat,
       attachment_mail("a.zip", nested_zip(8, attachment_mail("eicar.com", eicar()))),
       "unscanned max_recursion exceeded"},
      {"parts", few, parts_mail(many_parts), "unscanned max_files exceeded"},
      {"time", hasty, text_mail(lines, "Content-Type: text/html\r\n"),
       "unscanned max_scan_time exceeded"},
  };
  for (const Case& one : cases) {
    for (const bool disable_cache : {false, true}) {
      EngineSettings settings = one.settings;
      settings.disable_cache = disable_cache;
      Scanner scanner(settings);
      CAPTURE(one.name);
      CAPTURE(disable_cache);
      CHECK(scanner(one.mail) == one.expected);
      CHECK(scanner(one.mail) == one.expected);
    }
  }
}

TEST_CASE("a scan whose time is over leaves the message unscanned, and not in the cache as clean") {
  Scanner scanner;
  const std::string mail = attachment_mail("eicar.com", eicar());
  const ScanResult late =
      scan(*scanner.engine, image(mail), std::chrono::steady_clock::now(), scanner.log);
  CHECK(late.status == ScanResult::Status::unscanned);
  CHECK(late.text == "no time left");
  // Overload is the scanner's failure, on_fail, and not what on_unscanned is for.
  CHECK(late.scanner_failed());
  CHECK(scanner(mail) == found);
}

TEST_CASE("a scan that runs out of file handles has failed, and is never clean, then or later") {
  Scanner scanner;
  const std::string harmless = image(attachment_mail("a.zip", zip("a.txt", "harmless")));
  const std::string infected = image(attachment_mail("a.com", eicar()));
  const std::string packed = image(attachment_mail("b.zip", zip("b.com", eicar())));
  // A sanitizer that meets a type for the first time needs handles to look at it.
  static_cast<Logger&>(scanner.log).debug("before");
  rlimit before = {};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  // From no handle at all to more than a scan needs.
  bool clean = false;
  for (rlim_t most = 3; most < 60 && !clean; ++most) {
    const rlimit few_handles = {most, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few_handles) == 0);
    const ScanResult first = scan(*scanner.engine, harmless, in_a_minute(), scanner.log);
    const ScanResult second = scan(*scanner.engine, infected, in_a_minute(), scanner.log);
    const ScanResult third = scan(*scanner.engine, packed, in_a_minute(), scanner.log);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    CAPTURE(most);
    clean = first.status == ScanResult::Status::clean;
    CHECK(clean != first.scanner_failed());
    CHECK(second.status != ScanResult::Status::clean);
    CHECK(third.status != ScanResult::Status::clean);
    // Nothing of that is remembered as clean.
    CHECK(scan(*scanner.engine, infected, in_a_minute(), scanner.log).text == test::eicar_name);
    CHECK(scan(*scanner.engine, packed, in_a_minute(), scanner.log).text == test::eicar_name);
  }
  CHECK(clean);
}

TEST_CASE("what libclamav says when the system refuses it something is no fault of the message") {
  const auto temporary = TemporaryDirectory::create("");
  REQUIRE(temporary.has_value());
  struct Case {
    const char* text;
    bool lacked;
  };
  for (const auto& [text, lacked] :
       {Case{"cli_writen: write error: No space left on device", true},
        Case{"CRITICAL: fmap() failed", true},
        Case{"cli_max_malloc(): Can't allocate memory (78 bytes).", true},
        Case{"cli_gentempfd_with_prefix: Can't create temporary file /t: Too many files", true},
        Case{"cli_pdf: malformed object", false}}) {
    CAPTURE(text);
    test::CapturedLog log;
    const EngineSettings settings;
    const Cancellation never;
    ScanContext context(settings, in_a_minute(), *temporary, log, never);
    context.write_message(LogLevel::error, text);
    CHECK(context.lacked_resources() == lacked);
    CHECK(context.had_errors());
  }
}

}  // namespace
}  // namespace milterd::clamav
