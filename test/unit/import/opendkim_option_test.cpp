#include "milterd/import/opendkim_option.hpp"

#include <algorithm>
#include <array>
#include <doctest/doctest.h>
#include <string>

namespace milterd {
namespace {

using enum OpendkimOption::Type;

struct SourceOption {
  std::string_view name;
  OpendkimOption::Type type;
};

/// Every name of opendkim 2.11.0's opendkim-config.h, whatever it was built with.
constexpr std::array source_options = {
    SourceOption{"AllowSHA1Only", boolean},
    SourceOption{"AlwaysAddARHeader", boolean},
    SourceOption{"ATPSDomains", text},
    SourceOption{"ATPSHashAlgorithm", text},
    SourceOption{"AuthservID", text},
    SourceOption{"AuthservIDWithJobID", boolean},
    SourceOption{"AutoRestart", boolean},
    SourceOption{"AutoRestartCount", integer},
    SourceOption{"AutoRestartRate", text},
    SourceOption{"Background", boolean},
    SourceOption{"BaseDirectory", text},
    SourceOption{"BodyLengthDB", text},
    SourceOption{"BogusKey", text},
    SourceOption{"Canonicalization", text},
    SourceOption{"CaptureUnknownErrors", boolean},
    SourceOption{"ChangeRootDirectory", text},
    SourceOption{"ClockDrift", integer},
    SourceOption{"ConditionalSignatures", text},
    SourceOption{"DefaultSender", text},
    SourceOption{"Diagnostics", boolean},
    SourceOption{"DiagnosticDirectory", text},
    SourceOption{"DisableCryptoInit", boolean},
    SourceOption{"DNSConnect", boolean},
    SourceOption{"DNSTimeout", integer},
    SourceOption{"Domain", text},
    SourceOption{"DomainKeysCompat", boolean},
    SourceOption{"DontSignMailTo", text},
    SourceOption{"EnableCoredumps", boolean},
    SourceOption{"ExemptDomains", text},
    SourceOption{"ExternalIgnoreList", text},
    SourceOption{"FinalPolicyScript", text},
    SourceOption{"FixCRLF", boolean},
    SourceOption{"FlowData", text},
    SourceOption{"FlowDataFactor", integer},
    SourceOption{"FlowDataTTL", integer},
    SourceOption{"IdentityHeader", text},
    SourceOption{"IdentityHeaderRemove", boolean},
    SourceOption{"IgnoreMalformedMail", boolean},
    SourceOption{"Include", text},
    SourceOption{"InternalHosts", text},
    SourceOption{"KeepAuthResults", boolean},
    SourceOption{"KeepTemporaryFiles", boolean},
    SourceOption{"KeyFile", text},
    SourceOption{"KeyTable", text},
    SourceOption{"LDAPAuthMechanism", text},
    SourceOption{"LDAPAuthName", text},
    SourceOption{"LDAPAuthRealm", text},
    SourceOption{"LDAPAuthUser", text},
    SourceOption{"LDAPBindPassword", text},
    SourceOption{"LDAPBindUser", text},
    SourceOption{"LDAPDisableCache", boolean},
    SourceOption{"LDAPKeepaliveIdle", text},
    SourceOption{"LDAPKeepaliveInterval", text},
    SourceOption{"LDAPKeepaliveProbes", text},
    SourceOption{"LDAPTimeout", text},
    SourceOption{"LDAPUseTLS", boolean},
    SourceOption{"LogResults", boolean},
    SourceOption{"LogWhy", boolean},
    SourceOption{"LuaOnlySigning", boolean},
    SourceOption{"MaximumHeaders", integer},
    SourceOption{"MaximumSignedBytes", integer},
    SourceOption{"MaximumSignaturesToVerify", integer},
    SourceOption{"MacroList", text},
    SourceOption{"MilterDebug", integer},
    SourceOption{"Minimum", text},
    SourceOption{"MinimumKeyBits", integer},
    SourceOption{"MultipleSignatures", boolean},
    SourceOption{"Mode", text},
    SourceOption{"MTA", text},
    SourceOption{"MTACommand", text},
    SourceOption{"MustBeSigned", text},
    SourceOption{"Nameservers", text},
    SourceOption{"NoHeaderB", boolean},
    SourceOption{"OmitHeaders", text},
    SourceOption{"On-BadSignature", text},
    SourceOption{"On-Default", text},
    SourceOption{"On-DNSError", text},
    SourceOption{"On-InternalError", text},
    SourceOption{"On-KeyNotFound", text},
    SourceOption{"On-NoSignature", text},
    SourceOption{"On-ReputationError", text},
    SourceOption{"On-Security", text},
    SourceOption{"On-SignatureError", text},
    SourceOption{"OverSignHeaders", text},
    SourceOption{"PeerList", text},
    SourceOption{"PidFile", text},
    SourceOption{"POPDBFile", text},
    SourceOption{"Quarantine", boolean},
    SourceOption{"QueryCache", boolean},
    SourceOption{"RateLimits", text},
    SourceOption{"RedirectFailuresTo", text},
    SourceOption{"RemoveARAll", boolean},
    SourceOption{"RemoveARFrom", text},
    SourceOption{"RemoveOldSignatures", boolean},
    SourceOption{"ReplaceHeaders", text},
    SourceOption{"ReplaceRules", text},
    SourceOption{"ReportAddress", text},
    SourceOption{"ReportBccAddress", text},
    SourceOption{"ReputationCache", text},
    SourceOption{"ReputationCacheTTL", integer},
    SourceOption{"ReputationDuplicates", text},
    SourceOption{"ReputationLimits", text},
    SourceOption{"ReputationLowTime", text},
    SourceOption{"ReputationMinimum", integer},
    SourceOption{"ReputationLimitModifiers", text},
    SourceOption{"ReputationRatios", text},
    SourceOption{"ReputationRRDHashDepth", integer},
    SourceOption{"ReputationRRDRoot", text},
    SourceOption{"ReputationTest", boolean},
    SourceOption{"ReputationVerbose", boolean},
    SourceOption{"ReputationSpamCheck", text},
    SourceOption{"ReputationTimeFactor", integer},
    SourceOption{"ReputationTimeout", integer},
    SourceOption{"RequestReports", boolean},
    SourceOption{"RequiredHeaders", boolean},
    SourceOption{"RequireSafeKeys", boolean},
    SourceOption{"ResignAll", boolean},
    SourceOption{"ResignMailTo", text},
    SourceOption{"ResolverConfiguration", text},
    SourceOption{"ResolverTracing", boolean},
    SourceOption{"ScreenPolicyScript", text},
    SourceOption{"Selector", text},
    SourceOption{"SelectCanonicalizationHeader", text},
    SourceOption{"SenderHeaders", text},
    SourceOption{"SenderMacro", text},
    SourceOption{"SendReports", boolean},
    SourceOption{"SetupPolicyScript", text},
    SourceOption{"SignatureAlgorithm", text},
    SourceOption{"SignatureTTL", integer},
    SourceOption{"SignHeaders", text},
    SourceOption{"SigningTable", text},
    SourceOption{"SMTPURI", text},
    SourceOption{"Socket", text},
    SourceOption{"SoftwareHeader", boolean},
    SourceOption{"SoftStart", boolean},
    SourceOption{"Statistics", text},
    SourceOption{"StatisticsName", text},
    SourceOption{"StatisticsPolicyScript", text},
    SourceOption{"StatisticsPrefix", text},
    SourceOption{"StrictHeaders", boolean},
    SourceOption{"StrictTestMode", boolean},
    SourceOption{"SubDomains", boolean},
    SourceOption{"Syslog", boolean},
    SourceOption{"SyslogFacility", text},
    SourceOption{"SyslogName", text},
    SourceOption{"SyslogSuccess", boolean},
    SourceOption{"TemporaryDirectory", text},
    SourceOption{"TestDNSData", text},
    SourceOption{"TestPublicKeys", text},
    SourceOption{"TrustAnchorFile", text},
    SourceOption{"TrustSignaturesFrom", text},
    SourceOption{"UMask", integer},
    SourceOption{"UnprotectedKey", text},
    SourceOption{"UserID", text},
    SourceOption{"VBR-Certifiers", text},
    SourceOption{"VBR-PurgeFields", boolean},
    SourceOption{"VBR-TrustedCertifiers", text},
    SourceOption{"VBR-TrustedCertifiersOnly", boolean},
    SourceOption{"VBR-Type", text},
    SourceOption{"WeakSyntaxChecks", boolean},
    SourceOption{"X-Header", boolean},
};

TEST_CASE("every name of opendkim's source is known, with its type") {
  for (const SourceOption& wanted : source_options) {
    CAPTURE(wanted.name);
    const OpendkimOption* option = find_opendkim_option(wanted.name);
    REQUIRE(option != nullptr);
    CHECK(option->name == wanted.name);
    CHECK(option->type == wanted.type);
  }
  CHECK(opendkim_options().size() == source_options.size());
}

TEST_CASE("letter case of a name does not matter") {
  CHECK(find_opendkim_option("OversignHeaders") == find_opendkim_option("OverSignHeaders"));
  CHECK(find_opendkim_option("keytable") == find_opendkim_option("KEYTABLE"));
  CHECK(find_opendkim_option("KeyTabl") == nullptr);
  CHECK(find_opendkim_option("") == nullptr);
}

TEST_CASE("what becomes of an option is said: a key, or why there is none") {
  using Fate = OpendkimOption::Fate;
  for (const OpendkimOption& option : opendkim_options()) {
    CAPTURE(option.name);
    const bool speaks_for_itself = option.fate == Fate::base_directory ||
                                   option.fate == Fate::include || option.fate == Fate::algorithm ||
                                   option.fate == Fate::default_action;
    CHECK(option.note.empty() == speaks_for_itself);
    const bool has_key = option.fate < Fate::default_action || option.fate == Fate::capture;
    if (has_key) {
      CHECK(option.note.find_first_not_of("abcdefghijklmnopqrstuvwxyz_.1") ==
            std::string_view::npos);
    }
  }
}

}  // namespace
}  // namespace milterd
