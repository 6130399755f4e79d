#pragma once
/// One message through the whole of DKIM verification, libopendkim included.

#include <string>
#include <string_view>

namespace milterd::fuzz {

/// `signature` is the value of the message's DKIM-Signature field, `record` the TXT record that DNS
/// has for it.
void verify_message(std::string_view signature, const std::string& record);

inline constexpr std::string_view plain_signature =
    " v=1; a=ed25519-sha256; c=relaxed/relaxed; d=example.org; s=s1; h=from:subject;\r\n"
    "\tbh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n"
    "\tb=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==";
inline constexpr const char* plain_record =
    "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

}  // namespace milterd::fuzz
