// Which service a request is for, told by the host name it was sent to; or, of those that sign with another's
// name, by what only they send.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wire/http.h"

namespace gatehouse::service {

struct Address {
  std::string service;  // the model's id; empty where the name says nothing (127.0.0.1, localhost)
  std::string region;   // likewise
  std::string path;     // encoded; a bucket that stood in the host name is its first segment
  bool issuer = false;  // oidc.eks.REGION.amazonaws.com
  std::string
      vpc_endpoint{};  // vpce-ID of [BUCKET.bucket.]vpce-ID-RANDOM[-ZONE].SERVICE.REGION.vpce.amazonaws.com
};

// The host as the client meant it: the proxy's CONNECT target, else the Host header, without the port.
std::string host_of(const wire::Head& head);

Address address_of(const wire::Head& head);

// Whether a name may be ended here by the proxy: Amazon's own API names and nothing else.
bool is_amazon_host(std::string_view host);

// Services without a region in their names answer from here.
inline constexpr std::string_view kGlobalRegion = "us-east-1";

}  // namespace gatehouse::service
