#include "account/organization/organizations.h"

#include <thread>

#include "account/testing.h"

namespace gatehouse::account {
namespace {

using testing::AccountTest;
using testing::kAccount;
using Kind = OrganizationNode::Kind;

class OrganizationsTest : public AccountTest {
 protected:
  std::string make(std::string_view management = kAccount) {
    Organization made = new_organization(*directory_->account(management), true, clock_.now(), random_);
    enable(made, ControlType::scp, true);
    const std::string id = made.id;
    EXPECT_TRUE(organizations_->create(std::move(made)));
    return id;
  }
  std::string add_unit(const std::string& organization, std::string_view parent, std::string_view name) {
    std::string id;
    EXPECT_TRUE(organizations_->change(organization, [&](Organization& o) -> Result<void> {
      id = organization_id(random_, "ou-", 8);
      o.set(new_node(o, Kind::unit, id, std::string(parent), std::string(name)));
      return {};
    }));
    return id;
  }
  std::string other_account() { return (*directory_->create_account("other", "other@example.com"))->id; }
  std::function<Result<void>(Organization&)> joining(const std::string& account) {
    return [account](Organization& o) -> Result<void> {
      o.set(new_node(o, Kind::account, account, o.root, "other"));
      return {};
    };
  }
};

TEST_F(OrganizationsTest, NoOrganizationIsNoStanding) {
  EXPECT_EQ(organizations_->standing(), nullptr);
  EXPECT_EQ(organizations_->of_account(kAccount), nullptr);
  const std::string id = make();
  EXPECT_NE(organizations_->standing(), nullptr);
  ASSERT_TRUE(organizations_->remove(*organizations_->find(id)));
  EXPECT_EQ(organizations_->standing(), nullptr);
}

TEST_F(OrganizationsTest, IsTheSameAfterARestart) {
  const std::string id = make();
  const std::string unit = add_unit(id, organizations_->find(id)->root, "lakes");
  const auto text = R"({"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]})";
  ASSERT_TRUE(organizations_->change(id, [&](Organization& o) -> Result<void> {
    ControlPolicy p;
    p.id = "p-12345678";
    p.arn = "arn:aws:organizations::123456789012:policy/o/service_control_policy/p-12345678";
    p.name = "none";
    p.document = {text, *policy::compile(text, policy::Kind::scp)};
    p.tags = {{"k", "v"}};
    o.set(p);
    OrganizationNode changed = *o.node(unit);
    changed.policies.push_back(p.id);
    o.set(std::move(changed));
    o.services["cloudtrail.amazonaws.com"] = clock_.now();
    return {};
  }));
  open();
  const auto again = organizations_->of_account(kAccount);
  ASSERT_NE(again, nullptr);
  EXPECT_EQ(again->id, id);
  EXPECT_EQ(again->node(unit)->name, "lakes");
  EXPECT_EQ(again->node(unit)->policies, (std::vector<std::string>{"p-FullAWSAccess", "p-12345678"}));
  EXPECT_EQ(again->policy("p-12345678")->document.text, text);
  EXPECT_EQ(again->policy("p-12345678")->tags, (std::vector<Tag>{{"k", "v"}}));
  EXPECT_TRUE(again->policy("p-FullAWSAccess")->aws_managed);
  EXPECT_TRUE(again->services.contains("cloudtrail.amazonaws.com"));
  EXPECT_TRUE(again->is_enabled(ControlType::scp));
  EXPECT_FALSE(again->is_enabled(ControlType::rcp));
}

TEST_F(OrganizationsTest, ARequestThatACrashLeftHasFailed) {
  const std::string id = make();
  ASSERT_TRUE(organizations_->change(id, [&](Organization& o) -> Result<void> {
    AccountRequest request;
    request.id = "car-12345678";
    o.set(std::move(request));
    return {};
  }));
  open();
  const auto request = organizations_->find(id)->requests.at("car-12345678");
  EXPECT_EQ(request->state, AccountRequest::State::failed);
  EXPECT_EQ(request->failure, "INTERNAL_FAILURE");
}

TEST_F(OrganizationsTest, ChangesAtOnceAllHappen) {
  const std::string id = make();
  const std::string root = organizations_->find(id)->root;
  constexpr int kEach = 10;
  std::atomic<int> lost = 0;
  const auto work = [&](int who) {
    for (int i = 0; i < kEach; ++i) {
      const auto done = organizations_->change(id, [&](Organization& o) -> Result<void> {
        const std::string name = std::to_string(who) + "-" + std::to_string(i);
        o.set(new_node(o, Kind::unit, "ou-" + name, root, name));
        return {};
      });
      // Whoever is refused was told so, and nothing of it is there.
      if (!done) {
        EXPECT_EQ(done.error().code, "ConcurrentModificationException");
        ++lost;
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int who = 0; who < 4; ++who) threads.emplace_back(work, who);
  }
  EXPECT_EQ(organizations_->find(id)->children(root, Kind::unit).size(), 4U * kEach - lost);
  open();
  EXPECT_EQ(organizations_->find(id)->children(root, Kind::unit).size(), 4U * kEach - lost);
}

TEST_F(OrganizationsTest, AnAccountIsInOneOrganization) {
  const std::string second = other_account();
  const std::string third = other_account();
  const std::string one = make(), two = make(second);
  EXPECT_FALSE(
      organizations_->create(new_organization(*directory_->account(kAccount), true, clock_.now(), random_)));
  ASSERT_TRUE(organizations_->admit(one, third, joining(third)));
  const auto refused = organizations_->admit(two, third, joining(third));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, store::kConflict);
  ASSERT_TRUE(organizations_->change(one, [&](Organization& o) -> Result<void> {
    o.nodes.erase(third);
    return {};
  }));
  EXPECT_TRUE(organizations_->admit(two, third, joining(third)));
  EXPECT_EQ(organizations_->of_account(third)->id, two);
}

TEST_F(OrganizationsTest, OfManyFoundersOneFounds) {
  std::atomic<int> made = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        Organization o = new_organization(*directory_->account(kAccount), true, clock_.now(), random_);
        made += organizations_->create(std::move(o)).has_value();
      });
    }
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(organizations_->all().size(), 1U);
  open();
  EXPECT_EQ(organizations_->all().size(), 1U);
}

TEST_F(OrganizationsTest, AFailedEditChangesNothing) {
  const std::string id = make();
  const auto before = organizations_->find(id);
  EXPECT_FALSE(organizations_->change(id, [](Organization& o) -> Result<void> {
    o.all_features = false;
    return fail("Refused", "");
  }));
  EXPECT_EQ(organizations_->find(id), before);
}

TEST_F(OrganizationsTest, APlacementHasTheWholeLine) {
  const std::string id = make();
  const std::string root = organizations_->find(id)->root;
  const std::string outer = add_unit(id, root, "outer");
  const std::string inner = add_unit(id, outer, "inner");
  const std::string member = other_account();
  ASSERT_TRUE(organizations_->change(id, [&](Organization& o) -> Result<void> {
    o.set(new_node(o, Kind::account, member, inner, "member"));
    return {};
  }));
  const auto standing = organizations_->standing();
  const Placement* place = standing->find(member);
  ASSERT_NE(place, nullptr);
  EXPECT_EQ(place->path, id + "/" + root + "/" + outer + "/" + inner + "/");
  ASSERT_TRUE(place->scp);
  EXPECT_EQ(place->scp->levels.size(), 4U);
  EXPECT_EQ(place->scp->policies.size(), 4U);
  EXPECT_FALSE(place->rcp);
  EXPECT_FALSE(standing->find(kAccount)->scp);
}

}  // namespace
}  // namespace gatehouse::account
