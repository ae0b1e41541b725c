#include "policy/lint/lint_test.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <set>

#include "base/json.h"

namespace gatehouse::policy::lint {
namespace {

std::vector<Example> all_examples() {
  std::vector<Example> all;
  for (const auto& table :
       {grammar_examples(), condition_examples(), principal_examples(), advice_examples(), own_examples()}) {
    all.insert(all.end(), table.begin(), table.end());
  }
  return all;
}

TEST(Lint, EveryExampleFiresAndItsNeighbourDoesNot) {
  for (const Example& e : all_examples()) {
    const auto fires = findings_of(policy_of(e.fires), e.kind);
    const Finding* finding = find(fires, e.code);
    ASSERT_TRUE(finding) << e.code << " is silent on " << e.fires << "\n" << codes(fires);
    EXPECT_FALSE(finding->message.empty());
    EXPECT_FALSE(finding->help.empty());
    const auto silent = findings_of(policy_of(e.silent), e.kind);
    EXPECT_FALSE(find(silent, e.code)) << e.code << " fires on " << e.silent << "\n" << codes(silent);
    // Silent because it is right, not because it cannot be read.
    EXPECT_FALSE(e.silent.empty()) << e.code;
    EXPECT_FALSE(find(silent, "JSON_SYNTAX_ERROR")) << e.code << " " << e.silent;
  }
}

TEST(Lint, EveryCheckHasAnExample) {
  std::set<std::string_view> shown = {
      "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA",
      "POLICY_SIZE_EXCEEDS_SCP_QUOTA", "POLICY_SIZE_EXCEEDS_RCP_QUOTA", "OTHER_ACCOUNT"};
  for (const Example& e : all_examples()) shown.insert(e.code);
  std::set<std::string_view> published;
  for (const CheckInfo& check : all_checks()) {
    EXPECT_TRUE(shown.contains(check.code)) << check.code;
    if (check.of_access_analyzer) published.insert(check.code);
  }
  EXPECT_GE(published.size(), 100u);
}

// The finding types that the policy check reference gives, one of each section.
TEST(Lint, SeveritiesAreThoseOfAccessAnalyzer) {
  const std::map<std::string_view, Severity> published = {
      {"INVALID_ACTION", Severity::error},
      {"PRIVATE_NOT_IP_ADDRESS", Severity::error},
      {"TYPE_MISMATCH_IP_RANGE", Severity::error},
      {"MISSING_QUALIFIER", Severity::error},
      {"MISSING_VERSION", Severity::warning},
      {"TYPE_MISMATCH_NUMBER", Severity::warning},
      {"CREATE_SLR_WITH_NOT_RESOURCE", Severity::warning},
      {"UNIQUE_SIDS_RECOMMENDED", Severity::warning},
      {"ALLOW_WITH_NOT_PRINCIPAL", Severity::security_warning},
      {"MISSING_GITHUB_REPO_CONDITION_KEY", Severity::security_warning},
      {"S3_PREFIX_IN_NEGATIVE_CONTEXT", Severity::security_warning},
      {"EMPTY_ARRAY_ACTION", Severity::suggestion},
      {"CONFIRM_AUDIENCE_CLAIM_TYPE", Severity::suggestion},
      {"IMPROVE_IP_RANGE", Severity::suggestion}};
  for (const Example& e : all_examples()) {
    const auto at = published.find(e.code);
    if (at == published.end()) continue;
    EXPECT_EQ(find(findings_of(policy_of(e.fires), e.kind), e.code)->severity, at->second) << e.code;
  }
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: white space does not count.
TEST(Lint, SizesAreCountedWithoutWhiteSpace) {
  auto of_size = [](std::size_t size, bool spaced) {
    std::string head = R"({"Version":"2012-10-17","Statement":[{"Sid":")",
                tail = R"(","Effect":"Deny","Action":"s3:GetObject","Resource":"*"}]})";
    std::string text = head + std::string(size - head.size() - tail.size(), 'a') + tail;
    return spaced ? text + std::string(9000, '\n') : text;
  };
  const std::tuple<Kind, std::string_view, std::size_t> quotas[] = {
      {Kind::identity, "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA", 6144},
      {Kind::trust, "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA", 2048},
      {Kind::scp, "POLICY_SIZE_EXCEEDS_SCP_QUOTA", 5120},
      {Kind::rcp, "POLICY_SIZE_EXCEEDS_RCP_QUOTA", 5120}};
  for (const auto& [kind, code, quota] : quotas) {
    EXPECT_FALSE(find(findings_of(of_size(quota, true), kind), code)) << code;
    EXPECT_TRUE(find(findings_of(of_size(quota + 1, false), kind), code)) << code;
  }
}

TEST(Lint, ProvidersAreOfTheOwnAccount) {
  const std::string trust = data_file("documents/streamsets/trust.json");
  EXPECT_FALSE(find(findings_of(trust), "OTHER_ACCOUNT"));
  const auto findings = findings_of(trust, {}, "111122223333");
  ASSERT_TRUE(find(findings, "OTHER_ACCOUNT"));
  EXPECT_EQ(find(findings, "OTHER_ACCOUNT")->line, 7);
}

TEST(Lint, RecognisesKinds) {
  auto kind = [](std::string_view text) { return lint(policy_of(text)).kind; };
  EXPECT_EQ(kind(R"("Effect":"Allow","Action":"s3:*","Resource":"*")"), Kind::identity);
  EXPECT_EQ(
      kind(
          R"("Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":["sts:AssumeRole","sts:TagSession"])"),
      Kind::trust);
  EXPECT_EQ(kind(R"("Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*")"),
            Kind::key);
  EXPECT_EQ(kind(R"("Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::b/*")"),
            Kind::resource);
  EXPECT_EQ(kind_from("SCP"), Kind::scp);
  EXPECT_FALSE(kind_from("policy"));
}

// Mistakes that published policies do have.
bool is_their_own(std::string_view file, const Finding& f) {
  return file == "cluster-autoscaler.json" &&
         f.message.find("GetInstanceTypesFromInstanceRequirementsPages") != std::string::npos;
}

TEST(Lint, PublishedPoliciesHaveNoErrors) {
  int count = 0;
  for (const char* folder : {"aws", "vendors"}) {
    for (const auto& entry : std::filesystem::directory_iterator(std::string(GATEHOUSE_SOURCE_DIR) +
                                                                 "/tests/data/policies/" + folder)) {
      const Result result =
          lint(data_file("policies/" + std::string(folder) + "/" + entry.path().filename().string()));
      EXPECT_EQ(result.kind, Kind::identity);
      for (const Finding& f : result.findings) {
        if (is_their_own(entry.path().filename().string(), f)) continue;
        EXPECT_NE(f.severity, Severity::error)
            << entry.path() << ":" << f.line << " " << f.code << " " << f.message;
      }
      ++count;
    }
  }
  EXPECT_GE(count, 25);
}

// All of AWS's managed policies that the product brings along: {"Arn", …, "Document"}.
TEST(Lint, ManagedPoliciesHaveNoErrors) {
  const std::filesystem::path folder = std::string(GATEHOUSE_SOURCE_DIR) + "/data/aws-managed-policies";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no managed policies here";
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    std::ifstream file(entry.path());
    const auto whole = json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    ASSERT_TRUE(whole) << entry.path();
    for (const Finding& f : lint(json::dump_pretty(whole->at("Document"))).findings)
      EXPECT_NE(f.severity, Severity::error)
          << entry.path() << ":" << f.line << " " << f.code << " " << f.message;
    ++count;
  }
  EXPECT_GE(count, 100);
}

// The reference lists, under some findings, the managed policies that have them.
TEST(Lint, ManagedPoliciesHaveTheFindingsThatAwsNames) {
  const std::pair<std::string_view, std::string_view> named[] = {
      {"AdministratorAccess", "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE"},
      {"IAMFullAccess", "PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE"},
      {"AdministratorAccess", "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE"},
      {"IAMFullAccess", "CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE"},
      {"PowerUserAccess", "CREATE_SLR_WITH_STAR_IN_RESOURCE"},
      {"AdministratorAccess-Amplify", "PASS_ROLE_WITH_STAR_IN_RESOURCE"},
      {"S3UnlockBucketPolicy", "STRING_LIKE_OPERATOR_WITH_ARN_CONDITION_KEYS"}};
  for (const auto& [policy, code] : named) {
    EXPECT_TRUE(find(findings_of(data_file("policies/aws/" + std::string(policy) + ".json")), code))
        << policy << " " << code;
  }
}

TEST(Lint, AnyTextIsAnsweredSoon) {
  std::vector<std::string> texts = {"",
                                    "{",
                                    "\"",
                                    "null",
                                    "[[[[",
                                    std::string(100000, '['),
                                    std::string(100000, '{'),
                                    "{\"Statement\":[" + std::string(60000, ',') + "]}",
                                    "\xff\xfe\x00\x01",
                                    "{\"Version\":\"\xc3\x28\",\"Statement\":[]}",
                                    std::string(kMaxPolicy + 1, ' '),
                                    R"({"Statement":[{"Action":["\ud800","\u0000"]}]})"};
  std::string actions = R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":[)", resources,
              stars;
  for (int i = 0; i < 5000; ++i) actions += (i ? ",\"s3:Nearly" : "\"s3:Nearly") + std::to_string(i) + "\"";
  texts.push_back(actions + R"(],"Resource":"*"}]})");
  std::string many =
      R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:*","ec2:*"],"Resource":[)";
  for (int i = 0; i < 3000; ++i)
    many += (i ? ",\"arn:aws:s3:::*a*b*" : "\"arn:aws:s3:::*a*b*") + std::to_string(i) + "/*\"";
  texts.push_back(many + R"(]}]})");
  for (int i = 0; i < 60000; ++i) stars += "*a";
  texts.push_back(policy_of(R"("Effect":"Allow","Action":["s3:)" + stars +
                            R"("],"Resource":["arn:aws:s3:::)" + stars + R"("])"));
  texts.push_back(policy_of(R"("Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::)" +
                            std::string(100000, '<') + R"(")"));
  std::string variables;
  for (int i = 0; i < 30000; ++i) variables += "${";
  texts.push_back(policy_of(R"("Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::)" +
                            variables + R"(")"));
  for (const std::string& text : texts) {
    const auto start = std::chrono::steady_clock::now();
    const Result result = lint(text);
    EXPECT_FALSE(result.findings.empty()) << text.substr(0, 60);
    EXPECT_LE(result.findings.size(), kMaxFindings);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5)) << text.substr(0, 80);
    render_text("f", text, result.findings);
    EXPECT_TRUE(json::parse(render_sarif(std::vector<FileFindings>{{"f", result.findings}})));
  }
}

TEST(Render, TextShowsTheLineAndACaret) {
  const std::string text =
      "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\"Effect\": \"Allow\",\t\"Action\": "
      "\"s3:ListObjects\", \"Resource\": \"*\"}]\n}\n";
  const auto findings = findings_of(text);
  ASSERT_EQ(findings.size(), 1u) << codes(findings);
  EXPECT_EQ(
      render_text("p.json", text, findings),
      "p.json:3:47: error: \"s3:ListObjects\" is not an action of Amazon S3: it grants nothing. "
      "[INVALID_ACTION]\n"
      "      \"Statement\": [{\"Effect\": \"Allow\",\t\"Action\": \"s3:ListObjects\", \"Resource\": \"*\"}]\n"
      "    " +
          std::string(35, ' ') + "\t" + std::string(10, ' ') +
          "^\n"
          "    help: Listing a bucket's objects is s3:ListBucket, on the bucket's own ARN. Write that where "
          "it is missing, and remove s3:ListObjects.\n");
}

TEST(Render, JsonIsOneObjectALine) {
  const auto findings = findings_of(R"({"Statement":[]})");
  const std::string lines = render_json_lines("dir/p.json", findings);
  EXPECT_EQ(std::ranges::count(lines, '\n'), static_cast<std::ptrdiff_t>(findings.size()));
  const auto first = json::parse(lines.substr(0, lines.find('\n')));
  ASSERT_TRUE(first);
  std::vector<std::string> names;
  for (const auto& [key, value] : first->as_object()) names.emplace_back(key);
  EXPECT_EQ(names,
            (std::vector<std::string>{"file", "line", "column", "code", "severity", "message", "help"}));
  EXPECT_EQ(first->as_object().at("file").as_string(), "dir/p.json");
  EXPECT_EQ(first->as_object().at("line").as_int64(), 1);
}

// What https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html requires of a log.
TEST(Render, SarifHasRulesAndResults) {
  const auto sarif = json::parse(
      render_sarif(std::vector<FileFindings>{{"a b/%p.json", findings_of(R"({"Statement":[]})")}}));
  ASSERT_TRUE(sarif);
  EXPECT_EQ(sarif->at("version").as_string(), "2.1.0");
  EXPECT_EQ(sarif->at("runs").at(0).at("tool").at("driver").at("name").as_string(), "gatehouse");
  const auto& run = sarif->at("runs").as_array().at(0);
  std::set<std::string> rules;
  for (const auto& rule : run.at("tool").at("driver").at("rules").as_array())
    rules.emplace(rule.at("id").as_string());
  ASSERT_FALSE(run.at("results").as_array().empty());
  for (const auto& result : run.at("results").as_array()) {
    EXPECT_TRUE(rules.contains(std::string(result.at("ruleId").as_string())));
    EXPECT_FALSE(result.at("message").at("text").as_string().empty());
    const std::set<std::string_view> levels = {"error", "warning", "note"};
    EXPECT_TRUE(levels.contains(std::string_view(result.at("level").as_string())));
    EXPECT_EQ(
        result.at("locations").at(0).at("physicalLocation").at("artifactLocation").at("uri").as_string(),
        "a%20b/%25p.json");
    EXPECT_GE(result.at("locations")
                  .as_array()
                  .at(0)
                  .at("physicalLocation")
                  .at("region")
                  .at("startLine")
                  .as_int64(),
              1);
  }
}

}  // namespace
}  // namespace gatehouse::policy::lint
