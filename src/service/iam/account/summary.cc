// How much there is of each kind, and how much there may be; who has which credentials.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html
#include "base/time.h"
#include "service/iam/account/account.h"
#include "service/iam/principals/principals.h"

namespace gatehouse::service::iam {
namespace {

template <typename T>
int count(const Iam& iam, const Call& call) {
  int n = 0;
  iam.directory.each<T>(call.account, [&](const T&) { ++n; });
  return n;
}

constexpr std::pair<std::string_view, int> kQuotas[] = {
    {"UsersQuota", 5000},
    {"GroupsQuota", 300},
    {"RolesQuota", 1000},
    {"PoliciesQuota", 1500},
    {"InstanceProfilesQuota", 1000},
    {"ServerCertificatesQuota", 20},
    {"GroupsPerUserQuota", 10},
    {"AccessKeysPerUserQuota", 2},
    {"SigningCertificatesPerUserQuota", 2},
    {"UserPolicySizeQuota", 2048},
    {"GroupPolicySizeQuota", 5120},
    {"RolePolicySizeQuota", 10240},
    {"AssumeRolePolicySizeQuota", 2048},
    {"PolicySizeQuota", 6144},
    {"VersionsPerPolicyQuota", 5},
    {"PolicyVersionsInUseQuota", 10000},
    {"AttachedPoliciesPerUserQuota", 10},
    {"AttachedPoliciesPerGroupQuota", 10},
    {"AttachedPoliciesPerRoleQuota", 10},
};

}  // namespace

Result<wire::Value> get_account_summary(Iam& iam, Call& call) {
  wire::Value map(wire::Value::Map{});
  for (const auto& [name, quota] : kQuotas) map.put(std::string(name), quota);
  map.put("Users", count<account::User>(iam, call)).put("Groups", count<account::Group>(iam, call));
  map.put("Roles", count<account::Role>(iam, call)).put("Policies", count<account::ManagedPolicy>(iam, call));
  map.put("InstanceProfiles", count<account::InstanceProfile>(iam, call));
  map.put("ServerCertificates", count<account::ServerCertificate>(iam, call));
  map.put("Providers", count<account::OidcProvider>(iam, call) + count<account::SamlProvider>(iam, call));
  int versions = 0, enabled = 0;
  iam.directory.each<account::ManagedPolicy>(
      call.account, [&](const auto& policy) { versions += static_cast<int>(policy.versions.size()); });
  iam.directory.each<account::MfaDevice>(call.account, [&](const auto& d) { enabled += !d.user.empty(); });
  map.put("PolicyVersionsInUse", versions);
  map.put("MFADevices", count<account::MfaDevice>(iam, call)).put("MFADevicesInUse", enabled);
  map.put("AccountMFAEnabled", 0)
      .put("AccountPasswordPresent", 0)
      .put("AccountSigningCertificatesPresent", 0);
  map.put("AccountAccessKeysPresent", iam.directory.root_key(call.account) != nullptr ? 1 : 0);
  map.put("GlobalEndpointTokenVersion", 1);
  return wire::structure({{m::SummaryMap, std::move(map)}});
}

namespace {

constexpr auto kReportLives = std::chrono::hours(4);
constexpr std::string_view kHeader =
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
    "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
    "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
    "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
    "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,"
    "cert_2_active,cert_2_last_rotated";

// Dates in the report have an offset: 2026-01-31T23:59:59+00:00
std::string date(Time t) {
  std::string text = iso8601(t);
  text.replace(text.size() - 1, 1, "+00:00");
  return text;
}

std::string key_columns(const Iam& iam, const account::AccessKey* key) {
  if (key == nullptr) return ",false,N/A,N/A,N/A,N/A";
  const auto used = iam.usage.last(key->id);
  return fmt::format(",{},{},{},{},{}", key->active, date(key->created), used ? date(used->time) : "N/A",
                     used ? used->region : "N/A", used ? used->service : "N/A");
}

std::string line_of(const Iam& iam, const account::User& user) {
  const bool password = !user.login.hash.empty();
  const auto& policy = iam.directory.account(user.account)->passwords;
  std::string rotation = "N/A";
  if (password && policy.max_age_days > 0)
    rotation = date(user.login.changed + std::chrono::hours(24 * policy.max_age_days));
  std::string line =
      fmt::format("{},{},{},{},{},{},{},{}", user.name, user.arn, date(user.created), password,
                  password ? "no_information" : "N/A", password ? date(user.login.changed) : "N/A", rotation,
                  !mfa_devices_of(iam, user).empty());
  for (size_t i = 0; i < 2; ++i) {
    const auto key = i < user.access_keys.size() ? iam.directory.access_key(user.access_keys[i]) : nullptr;
    line += key_columns(iam, key.get());
  }
  for (size_t i = 0; i < 2; ++i) {
    const auto* const certificate = i < user.certificates.size() ? &user.certificates[i] : nullptr;
    line += certificate == nullptr ? std::string(",false,N/A")
                                   : fmt::format(",{},{}", certificate->active, date(certificate->created));
  }
  return line + "\n";
}

}  // namespace

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
Result<wire::Value> generate_credential_report(Iam& iam, Call& call) {
  account::Account account = *iam.directory.account(call.account);
  if (account.credential_report != Time{} && call.now() < account.credential_report + kReportLives)
    return wire::structure({{m::State, "COMPLETE"}});
  account.credential_report = call.now();
  CHECK_OK(save(iam, std::move(account)));
  return wire::structure(
      {{m::State, "STARTED"}, {m::Description, "No report exists. Starting a new report generation task"}});
}

Result<wire::Value> get_credential_report(Iam& iam, Call& call) {
  const auto account = iam.directory.account(call.account);
  if (account->credential_report == Time{})
    return fail("ReportNotPresent", "No report exists for the account.", 410);
  if (call.now() >= account->credential_report + kReportLives)
    return fail("ReportExpired", "The credential report has expired.", 410);
  std::string report(kHeader);
  report += fmt::format(
      "\n<root_account>,arn:aws:iam::{}:root,{},not_supported,no_information,not_supported,"
      "not_supported,false",
      call.account, date(account->created));
  report += key_columns(iam, iam.directory.root_key(call.account).get());
  report += ",false,N/A,N/A,N/A,N/A,false,N/A,false,N/A\n";
  for (const auto& user : iam.directory.list<account::User>(call.account)) report += line_of(iam, *user);
  return wire::structure({{m::Content, wire::Bytes{std::move(report)}},
                          {m::ReportFormat, "text/csv"},
                          {m::GeneratedTime, account->credential_report}});
}

}  // namespace gatehouse::service::iam
