#include "service/kms/kms.h"

#include <gtest/gtest.h>

#include "account/testing.h"

namespace gatehouse::service::kms {
namespace {

constexpr std::string_view kRegion = "us-east-1";

class KmsTest : public account::testing::AccountTest {
 protected:
  KmsTest() { open_kms(); }

  void open_kms() {
    kms_.reset();
    gate_ = std::make_unique<account::Gate>(*directory_, *organizations_);
    auto opened = Kms::open(*store_.records, *directory_, *gate_, clock_, random_);
    EXPECT_TRUE(opened) << opened.error().message;
    kms_ = std::move(*opened);
  }
  KeyPtr find(std::string_view name) {
    auto found = kms_->find(account(), kRegion, name);
    return found ? *found : nullptr;
  }
  std::string account() const { return directory_->first_account()->id; }

  std::unique_ptr<account::Gate> gate_;
  std::unique_ptr<Kms> kms_;
};

TEST_F(KmsTest, AServicesKeyIsMadeOnceAndSurvivesAStart) {
  const auto draft = kms_->draft_of_service(account(), kRegion, "s3");
  ASSERT_TRUE(draft);
  EXPECT_EQ((*draft)->revision, 0U);
  EXPECT_EQ(find("alias/aws/s3"), nullptr);
  const auto made = kms_->of_service(account(), kRegion, "s3");
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ((*kms_->of_service(account(), kRegion, "s3"))->id, (*made)->id);
  const auto sealed = kms_->seal(**made, {{"a", "b"}}, "text");
  ASSERT_TRUE(sealed);
  kms_.reset();
  open();
  open_kms();
  const auto key = find("alias/aws/s3");
  ASSERT_NE(key, nullptr);
  EXPECT_EQ(key->id, (*made)->id);
  EXPECT_EQ(kms_->open_sealed(*key, {{"a", "b"}}, *sealed).value_or(""), "text");
  EXPECT_FALSE(kms_->open_sealed(*key, {{"a", "c"}}, *sealed));
  EXPECT_FALSE(kms_->open_sealed(*key, {{"", "ab"}}, *sealed));
}

TEST_F(KmsTest, RotationKeepsWhatOlderMaterialSealed) {
  const auto made = kms_->of_service(account(), kRegion, "s3");
  ASSERT_TRUE(made);
  const auto before = kms_->seal(**made, {}, "text");
  ASSERT_TRUE(kms_->keep());
  EXPECT_EQ(find("alias/aws/s3")->materials.size(), 1U);
  clock_.advance(std::chrono::hours(24) * 366);
  ASSERT_TRUE(kms_->keep());
  const auto turned = find("alias/aws/s3");
  EXPECT_EQ(turned->materials.size(), 2U);
  const auto after = kms_->seal(*turned, {}, "text");
  EXPECT_EQ(kms_->open_sealed(*turned, {}, *before).value_or(""), "text");
  EXPECT_EQ(kms_->open_sealed(*turned, {}, *after).value_or(""), "text");
  EXPECT_FALSE(kms_->open_sealed(**made, {}, *after));  // without the new material
}

TEST_F(KmsTest, ADeletionHappensWhenItIsDueAndTakesTheAliases) {
  const auto made = kms_->of_service(account(), kRegion, "s3");
  ASSERT_TRUE(made);
  ASSERT_TRUE(kms_->update(**made, [&](Key& key) {
    key.state = State::pending_deletion;
    key.deletion = clock_.now() + std::chrono::hours(24) * 7;
  }));
  ASSERT_TRUE(kms_->keep());
  EXPECT_NE(find("alias/aws/s3"), nullptr);
  clock_.advance(std::chrono::hours(24) * 7);
  ASSERT_TRUE(kms_->keep());
  EXPECT_EQ(find("alias/aws/s3"), nullptr);
  EXPECT_EQ(find((*made)->id), nullptr);
  EXPECT_TRUE(kms_->aliases(account(), kRegion).empty());
}

TEST_F(KmsTest, AChangeOfAnOlderKeyIsALostRace) {
  const auto made = kms_->of_service(account(), kRegion, "s3");
  ASSERT_TRUE(made);
  ASSERT_TRUE(kms_->update(**made, [](Key& key) { key.description = "first"; }));
  const auto second = kms_->update(**made, [](Key& key) { key.description = "second"; });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "ConcurrentModification");
  EXPECT_EQ(find("alias/aws/s3")->description, "first");
}

TEST_F(KmsTest, NothingInTheStoreTellsTheMaterial) {
  const auto made = kms_->of_service(account(), kRegion, "s3");
  ASSERT_TRUE(made);
  const auto record = store_.records->get((*made)->record_key());
  ASSERT_TRUE(record && *record);
  EXPECT_EQ((*record)->value.find((*made)->materials.front().bytes), std::string::npos);
}

}  // namespace
}  // namespace gatehouse::service::kms
