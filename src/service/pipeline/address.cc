#include "service/pipeline/address.h"

#include <algorithm>
#include <vector>

#include "wire/model.h"

namespace gatehouse::service {
namespace {

std::vector<std::string_view> labels_of(std::string_view host) {
  std::vector<std::string_view> labels;
  while (true) {
    const auto dot = host.find('.');
    labels.push_back(host.substr(0, dot));
    if (dot == std::string_view::npos) return labels;
    host.remove_prefix(dot + 1);
  }
}

// amazonaws.com, amazonaws.com.cn, api.aws: the labels before them, or nothing.
std::optional<std::string_view> before_amazon(std::string_view host) {
  for (const std::string_view suffix : {".amazonaws.com", ".amazonaws.com.cn", ".api.aws"}) {
    if (host.ends_with(suffix)) return host.substr(0, host.size() - suffix.size());
  }
  return std::nullopt;
}

// us-east-1, ap-southeast-2, us-gov-west-1; not s3-us-west-2
bool is_region(std::string_view label) {
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  return label.size() > 8 && letter(label[0]) && letter(label[1]) && label[2] == '-' &&
         std::count(label.begin(), label.end(), '-') >= 2 && label.back() >= '0' && label.back() <= '9';
}

void put_bucket(Address& address, std::string_view bucket) {
  if (!bucket.empty()) address.path = "/" + std::string(bucket) + address.path;
}

// The labels before "s3" are the bucket, which may hold dots.
Address s3_address(std::string_view name, std::string_view path) {
  Address address{"s3", "", std::string(path), false};
  std::vector<std::string_view> labels = labels_of(name);
  if (!labels.empty() && is_region(labels.back())) {
    address.region = labels.back();
    labels.pop_back();
  }
  if (!labels.empty() && labels.back() == "dualstack") labels.pop_back();
  if (!labels.empty() && labels.back().starts_with("s3-") && is_region(labels.back().substr(3))) {
    address.region = labels.back().substr(3);
  }
  if (!labels.empty()) labels.pop_back();  // "s3"
  if (!labels.empty()) {
    const char* begin = labels.front().data();
    put_bucket(address, {begin, static_cast<size_t>(labels.back().data() + labels.back().size() - begin)});
  }
  return address;
}

// [bucket.|BUCKET.bucket.|*.]vpce-ID-RANDOM[-ZONE].SERVICE.REGION, what stands before .vpce.amazonaws.com.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html
std::optional<Address> endpoint_address(std::string_view name, std::string_view path) {
  std::vector<std::string_view> labels = labels_of(name);
  if (labels.size() < 3 || !is_region(labels.back())) return std::nullopt;
  Address address{"", std::string(labels.back()), std::string(path), false};
  labels.pop_back();
  address.service = labels.back();
  labels.pop_back();
  const std::string_view own = labels.back();
  labels.pop_back();
  // vpce-0123456789abcdef0-abcdefgh-us-east-1a
  constexpr std::string_view kPrefix = "vpce-";
  if (!own.starts_with(kPrefix)) return std::nullopt;
  address.vpc_endpoint = own.substr(0, own.find('-', kPrefix.size()));
  if (address.service == "s3" && labels.size() > 1 && labels.back() == "bucket") {
    const char* begin = labels.front().data();
    put_bucket(address, {begin, static_cast<size_t>(labels.back().data() - 1 - begin)});
  }
  return address;
}

void use_model_id(Address& address) {
  for (const wire::ServiceModel* model : wire::services()) {
    if (model->endpoint_prefix == address.service) address.service = model->id;
  }
}

bool names_s3(std::string_view name) {
  std::vector<std::string_view> labels = labels_of(name);
  if (is_region(labels.back())) labels.pop_back();
  if (!labels.empty() && labels.back() == "dualstack") labels.pop_back();
  return !labels.empty() &&
         (labels.back() == "s3" || (labels.back().starts_with("s3-") && is_region(labels.back().substr(3))));
}

// S3's account settings: its paths might be a bucket's, its header is nobody else's.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html
bool is_s3_control(const wire::Head& head) {
  return head.path().starts_with("/v20180820/") && head.headers.find("x-amz-account-id") != nullptr;
}

}  // namespace

std::string host_of(const wire::Head& head) {
  std::string host(head.proxied_host.empty() ? head.headers.get("host")
                                             : std::string_view(head.proxied_host));
  if (!host.starts_with('[')) {
    if (const auto colon = host.rfind(':'); colon != std::string::npos) host.resize(colon);
  }
  std::transform(host.begin(), host.end(), host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return host;
}

Address address_of(const wire::Head& head) {
  const std::string host = host_of(head);
  Address address{"", "", std::string(head.path()), false};
  if (host.ends_with(".s3.localhost")) {
    address.service = "s3";
    put_bucket(address, std::string_view(host).substr(0, host.size() - 13));
    return address;
  }
  if (host == "s3.localhost") {
    address.service = "s3";
    return address;
  }
  const auto name = before_amazon(host);
  if (!name) {
    if (is_s3_control(head)) address.service = "s3control";
    return address;
  }
  constexpr std::string_view kVpce = ".vpce";
  if (name->ends_with(kVpce)) {
    if (auto through = endpoint_address(name->substr(0, name->size() - kVpce.size()), head.path())) {
      use_model_id(*through);
      return *through;
    }
  }
  if (names_s3(*name)) return s3_address(*name, head.path());
  std::vector<std::string_view> labels = labels_of(*name);
  if (labels.size() == 3 && labels[0] == "oidc" && labels[1] == "eks") {
    address.issuer = true;
    address.region = labels[2];
    return address;
  }
  if (is_region(labels.back())) {
    address.region = labels.back();
    labels.pop_back();
  } else if (labels.back() != "s3-control") {  // an account's settings are everywhere the same
    address.region = kGlobalRegion;
  }
  if (labels.size() > 1 && labels.back() == "dualstack") labels.pop_back();
  if (labels.empty()) return address;
  address.service = labels.back();
  use_model_id(address);
  return address;
}

bool is_amazon_host(std::string_view host) {
  if (const auto colon = host.rfind(':'); colon != std::string_view::npos) host = host.substr(0, colon);
  std::string folded(host);
  std::transform(folded.begin(), folded.end(), folded.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return before_amazon(folded).has_value();
}

}  // namespace gatehouse::service
