// The naive evaluator itself, and a look at it through the worked cases.
#include "policy/testing/naive.h"

#include <gtest/gtest.h>

#include <fstream>

#include "policy/testing/naive_conditions.h"

namespace gatehouse::policy::testing {
namespace {

using std::string;
using std::vector;

class Naive {
 public:
  explicit Naive(const json::object& c)
      : request_(c.at("request").as_object()),
        policies_(c.at("policies").as_object()),
        conditions_(request_.if_contains("context")) {
    action_ = lowered(string(request_.at("action").as_string()));
    resource_ = request_.at("resource").as_string();
    who_ = request_.at("principal").as_string();
    canonical_id_ = json::string_or(request_, "canonicalId", "");
    identify();
    in_play_ = layers_in_play();
  }

  NaiveDecision run() const {
    NaiveDecision d = decide();
    for (const string& layer : in_play_) {
      for (const Said& said : statements_of(layer)) {
        if (d.decision == "ExplicitlyDenied" && said.effect != "Deny") continue;
        const string name = layer == "resource" ? own() : layer;
        d.matched.push_back(name + " " + std::to_string(said.policy) + " " + std::to_string(said.statement));
      }
    }
    return d;
  }

 private:
  // A statement that applies. How near to the caller it names it: 3 the caller itself, 2 its role, 1 its
  // account.
  struct Said {
    string effect;
    std::size_t policy, statement;
    int nearness;
  };

  NaiveDecision decide() const {
    if (account_known_ && action_ == "sts:getcalleridentity") return {"Allowed", "identity", {}};
    for (const string& layer : in_play_) {
      for (const Said& said : statements_of(layer)) {
        if (said.effect == "Deny") return {"ExplicitlyDenied", layer == "resource" ? own() : layer, {}};
      }
    }
    if (action_ == "sts:getsessiontoken" && (type_ == "user" || type_ == "root"))
      return {"Allowed", "identity", {}};
    if (plays("scp") && !every_level_allows("scp")) return implicitly("scp");
    if (plays("endpoint") && allows("endpoint") == 0) return implicitly("endpoint");
    const int named = plays("resource") ? allows("resource") : 0;
    if (!account_known_) return named == 3 ? allowed_by(own()) : implicitly(own());
    const bool identity = type_ == "root" || allows("identity") > 0;
    const bool boundary = !plays("boundary") || allows("boundary") > 0;
    const bool session = plays("session") ? allows("session") > 0 : type_ != "federated";
    const bool same = account_ == owner();
    if ((!same || is_trust() || is_key()) && named == 0) return implicitly(own());
    if (same && named == 3) return allowed_by(own());
    const bool by_role = same && named == 2;
    if (!by_role && !identity) return implicitly("identity");
    if (!boundary) return implicitly("boundary");
    if (!session) return implicitly("session");
    return allowed_by(by_role ? own() : "identity");
  }

  static NaiveDecision implicitly(const string& layer) { return {"ImplicitlyDenied", layer, {}}; }
  static NaiveDecision allowed_by(const string& layer) { return {"Allowed", layer, {}}; }

  void identify() {
    const auto parts = cut_at_colons(who_);
    if (who_ == "*") {
      type_ = "anonymous";
      return;
    }
    const bool bare_account = who_.size() == 12 && who_.find_first_not_of("0123456789") == string::npos;
    if (parts.size() < 6 && !bare_account) {
      type_ = action_.starts_with("sts:assumerolewith") ? "provider" : "service";
      return;
    }
    const string r = bare_account ? "root" : parts[5];
    if (r.find("-provider/") != string::npos) {
      type_ = "provider";
      return;
    }
    account_known_ = true;
    account_ = bare_account ? who_ : parts[4];
    type_ = r == "root"                        ? "root"
            : r.starts_with("federated-user/") ? "federated"
            : r.starts_with("assumed-role/")   ? "session"
            : r.starts_with("role/")           ? "session"
                                               : "user";
    if (type_ == "federated") role_ = json::string_or(request_, "sessionIssuer", "");
    if (type_ == "session") role_ = role_of_session(r);
    if (const auto* v = conditions_.find("aws:userid"); v != nullptr && !v->first.empty())
      unique_id_ = v->first[0].substr(0, v->first[0].find(':'));
  }

  string role_of_session(const string& r) const {
    if (const string issuer = json::string_or(request_, "sessionIssuer", ""); !issuer.empty()) return issuer;
    if (const auto* v = conditions_.find("aws:principalarn");
        v != nullptr && !v->first.empty() && v->first[0].find(":role/") != string::npos) {
      return v->first[0];
    }
    if (r.starts_with("role/")) return who_;
    return "arn:aws:iam::" + account_ + ":role/" + r.substr(13, r.find('/', 13) - 13);
  }

  bool present(const string& layer) const {
    const json::value* v = policies_.if_contains(layer);
    return v != nullptr && !v->is_null();
  }

  // In the order in which AWS names the one that denied.
  vector<string> layers_in_play() const {
    if (account_known_ && action_ == "sts:getcalleridentity") return {};
    const bool linked = role_.find(":role/aws-service-role/") != string::npos && type_ == "session";
    vector<string> layers;
    for (const string layer : {"scp", "rcp", "endpoint", "resource", "identity", "boundary", "session"}) {
      const bool of_resource = layer == "rcp" || layer == "endpoint" || layer == "resource";
      const bool of_organization = layer == "scp" || layer == "rcp";
      if (present(layer) && (of_resource || account_known_) && !(of_organization && linked))
        layers.push_back(layer);
    }
    return layers;
  }

  bool plays(const string& layer) const {
    return std::find(in_play_.begin(), in_play_.end(), layer) != in_play_.end();
  }

  // Levels laid end to end.
  vector<json::value> all_policies(const string& layer) const {
    vector<json::value> all;
    for (const json::value& v : listed(policies_.if_contains(layer))) {
      for (const json::value& inner : listed(&v)) all.push_back(inner);
    }
    return all;
  }

  string own() const { return is_trust() ? "trust" : "resource"; }

  bool is_trust() const {
    const bool assumes = action_.starts_with("sts:assumerole") || action_ == "sts:tagsession" ||
                         action_ == "sts:setsourceidentity" || action_ == "sts:setcontext";
    const auto parts = cut_at_colons(resource_);
    return assumes && parts.size() == 6 && parts[2] == "iam" && parts[5].starts_with("role/");
  }

  bool is_key() const {
    const auto parts = cut_at_colons(resource_);
    return action_.starts_with("kms:") && parts.size() == 6 && parts[2] == "kms" &&
           parts[5].starts_with("key/");
  }

  string owner() const {
    if (const string given = json::string_or(request_, "resourceAccount", ""); !given.empty()) return given;
    const auto parts = cut_at_colons(resource_);
    return parts.size() == 6 && parts[4].size() == 12 ? parts[4] : account_;
  }

  int allows(const string& layer) const {
    int most = 0;
    for (const Said& said : statements_of(layer)) {
      if (said.effect == "Allow") most = std::max(most, said.nearness);
    }
    return most;
  }

  bool every_level_allows(const string& layer) const {
    const auto levels = listed(&policies_.at(layer));
    bool every = !levels.empty();
    for (const json::value& level : levels) {
      bool one = false;
      for (const json::value& policy : listed(&level)) {
        for (const Said& said : statements_of(policy, 0)) one = one || said.effect == "Allow";
      }
      every = every && one;
    }
    return every;
  }

  vector<Said> statements_of(const string& layer) const {
    vector<Said> all;
    std::size_t index = 0;
    for (const json::value& policy : all_policies(layer)) {
      for (const Said& said : statements_of(policy, index)) all.push_back(said);
      ++index;
    }
    return all;
  }

  vector<Said> statements_of(const json::value& policy, std::size_t index) const {
    const json::object& p = policy.as_object();
    const bool variables = json::string_or(p, "Version", "") == "2012-10-17";
    vector<Said> all;
    std::size_t number = 0;
    for (const json::value& v : listed(&p.at("Statement"))) {
      const json::object& s = v.as_object();
      const string effect = json::string_or(s, "Effect", "");
      const int named = principal_fits(s, effect == "Deny");
      if (named > 0 && action_fits(s) && resource_fits(s, variables) && conditions_.fit(s, variables))
        all.push_back({effect, index, number, named});
      ++number;
    }
    return all;
  }

  bool action_fits(const json::object& s) const {
    const bool negated = s.contains("NotAction");
    for (const json::value& v : listed(s.if_contains(negated ? "NotAction" : "Action"))) {
      if (plain_glob(lowered(text_of(v)), action_)) return !negated;
    }
    return negated;
  }

  bool resource_fits(const json::object& s, bool variables) const {
    const bool negated = s.contains("NotResource");
    if (!negated && !s.contains("Resource")) return true;
    bool is_void = false;
    for (const json::value& v : listed(s.if_contains(negated ? "NotResource" : "Resource"))) {
      const Fits fits = conditions_.arn_fits(text_of(v), resource_, variables, false);
      if (fits == Fits::yes) return !negated;
      is_void = is_void || fits == Fits::void_;
    }
    return negated && !is_void;
  }

  int nearness(const string& type, const string& id) const {
    if (type == "AWS" && id == "*") return 3;
    if (type == "Service") return type_ == "service" && id == who_ ? 3 : 0;
    if (type == "Federated") return type_ == "provider" && id == who_ ? 3 : 0;
    if (!account_known_) return 0;
    // S3 keeps a canonical user as the account whose it is.
    if (type == "CanonicalUser") return !canonical_id_.empty() && id == canonical_id_ ? 1 : 0;
    if (id == account_ || id == "arn:aws:iam::" + account_ + ":root") return 1;
    if (!role_.empty() && id == role_) return 2;
    if (id == who_) return 3;
    if (!unique_id_.empty() && id == unique_id_) return type_ == "session" || type_ == "federated" ? 2 : 3;
    return 0;
  }

  int principal_fits(const json::object& s, bool deny) const {
    const bool negated = s.contains("NotPrincipal");
    const json::value* element = s.if_contains(negated ? "NotPrincipal" : "Principal");
    if (element == nullptr) return 3;
    bool seen[4] = {};
    if (element->is_string()) {
      seen[3] = true;
      if (negated) return 0;
    } else {
      for (const auto& [type, ids] : element->as_object()) {
        for (const json::value& id : listed(&ids)) {
          if (negated && text_of(id) == "*") return 0;
          seen[nearness(type, text_of(id))] = true;
        }
      }
    }
    if (!negated) return seen[3] ? 3 : seen[2] ? 2 : seen[1] ? 1 : 0;
    return spared(seen, deny) ? 0 : 3;
  }

  bool spared(const bool (&seen)[4], bool deny) const {
    if (!deny) return seen[1] || seen[2] || seen[3];
    if (!account_known_) return seen[3];
    if (type_ == "root") return seen[1];
    if (present("boundary")) return false;
    return seen[1] && seen[3] && (type_ != "session" || seen[2]);
  }

  const json::object& request_;
  const json::object& policies_;
  NaiveConditions conditions_;
  string action_, resource_, who_, type_, account_, role_, unique_id_, canonical_id_;
  bool account_known_ = false;
  vector<string> in_play_;
};

}  // namespace

NaiveDecision decide_naively(const json::object& the_case) { return Naive(the_case).run(); }

std::string to_text(const NaiveDecision& decision) {
  string text = decision.decision + " by " + decision.decided_by + " [";
  for (const string& one : decision.matched) text += (text.ends_with('[') ? "" : ", ") + one;
  return text + "]";
}

TEST(Naive, DecidesTheWorkedCasesToo) {
  std::ifstream file(GATEHOUSE_SOURCE_DIR "/tests/data/policy/cases.jsonl");
  ASSERT_TRUE(file);
  for (string line; std::getline(file, line);) {
    const json::object c = json::parse(line)->as_object();
    const json::object& expected = c.at("expect").as_object();
    // The library's ISO 8601 has no years alone.
    if (json::string_or(c, "id", "") == "Date-year") continue;
    const NaiveDecision d = decide_naively(c);
    EXPECT_EQ(d.decision, json::string_or(expected, "decision", "?")) << json::string_or(c, "id", "");
    EXPECT_EQ(d.decided_by, json::string_or(expected, "decidedBy", "?")) << json::string_or(c, "id", "");
  }
}

}  // namespace gatehouse::policy::testing
