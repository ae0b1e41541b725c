// SSH public keys as IAM takes them: RSA of 2,048 to 16,384 bits, in OpenSSH's form or in PEM.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSSHPublicKey.html
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace gatehouse::service::iam {

struct SshKey {
  std::string pem;          // SubjectPublicKeyInfo
  std::string openssh;      // "ssh-rsa AAAA…", without a comment
  std::string fingerprint;  // the MD5 of the OpenSSH blob, as ssh-keygen -E md5 shows it
};

// InvalidPublicKey 400 or UnrecognizedPublicKeyEncoding 400.
Result<SshKey> read_ssh_key(std::string_view text);

}  // namespace gatehouse::service::iam
