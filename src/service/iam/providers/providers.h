// Whose word an account believes: OpenID Connect and SAML providers, and server certificates.
#pragma once

#include "service/iam/about.h"

namespace gatehouse::service::iam {

Resolver create_provider_needs;
Handler create_open_id_connect_provider, get_open_id_connect_provider, list_open_id_connect_providers,
    delete_open_id_connect_provider, add_client_id, remove_client_id, update_thumbprint;

Handler create_saml_provider, get_saml_provider, list_saml_providers, update_saml_provider,
    delete_saml_provider;

// The SHA-256 of a certificate in PEM, in hexadecimal. MalformedCertificate 400.
Result<std::string> certificate_fingerprint(std::string_view pem);

Handler upload_server_certificate, get_server_certificate, list_server_certificates,
    update_server_certificate, delete_server_certificate;

}  // namespace gatehouse::service::iam
