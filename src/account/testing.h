// What the account room's tests share: a real store in a temporary directory and a clock that moves.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>

#include "account/directory/directory.h"
#include "account/organization/organizations.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/time.h"
#include "store/store.h"

namespace gatehouse::account::testing {

class TemporaryDirectory {
 public:
  TemporaryDirectory() : path_((std::filesystem::temp_directory_path() / "gatehouse-test-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp");
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline constexpr std::string_view kAccount = "123456789012";
inline constexpr std::string_view kTrustsAll =
    R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}]})";

class AccountTest : public ::testing::Test {
 protected:
  AccountTest() { open(); }

  void open() {
    organizations_.reset();
    directory_.reset();
    store_ = {};
    auto store = store::open_embedded(place_.path() + "/store");
    EXPECT_TRUE(store) << store.error().message;
    store_ = std::move(*store);
    auto directory = Directory::open(*store_.records, clock_, random_);
    EXPECT_TRUE(directory) << directory.error().message;
    directory_ = std::move(*directory);
    auto organizations = Organizations::open(*store_.records, clock_);
    EXPECT_TRUE(organizations) << organizations.error().message;
    organizations_ = std::move(*organizations);
  }

  Role role(std::string name, std::string path = "/") {
    Role r;
    r.account = kAccount;
    r.name = name;
    r.path = path;
    r.arn = "arn:aws:iam::123456789012:role" + path + name;
    r.id = unique_id(random_, id_prefix::kRole);
    r.created = clock_.now();
    r.trust = {std::string(kTrustsAll), *policy::compile(kTrustsAll, policy::Kind::trust)};
    return r;
  }
  PolicyText identity_policy(std::string text) {
    auto compiled = policy::compile(text, policy::Kind::identity);
    EXPECT_TRUE(compiled) << compiled.error().message;
    return {std::move(text), std::move(*compiled)};
  }

  TemporaryDirectory place_;
  ManualClock clock_{from_unix_seconds(1'800'000'000)};
  SystemRandom random_;
  store::Embedded store_;
  std::unique_ptr<Directory> directory_;
  std::unique_ptr<Organizations> organizations_;
};

}  // namespace gatehouse::account::testing
