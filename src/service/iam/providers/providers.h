// Whose word an account believes: OpenID Connect and SAML providers, and server certificates.
#pragma once

#include "service/iam/about.h"

namespace gatehouse::service::iam {

Result<Requirements> create_provider_needs(Iam& iam, Call& call);
Result<wire::Value> create_open_id_connect_provider(Iam& iam, Call& call);
Result<wire::Value> get_open_id_connect_provider(Iam& iam, Call& call);
Result<wire::Value> list_open_id_connect_providers(Iam& iam, Call& call);
Result<wire::Value> delete_open_id_connect_provider(Iam& iam, Call& call);
Result<wire::Value> add_client_id(Iam& iam, Call& call);
Result<wire::Value> remove_client_id(Iam& iam, Call& call);
Result<wire::Value> update_thumbprint(Iam& iam, Call& call);

Result<wire::Value> create_saml_provider(Iam& iam, Call& call);
Result<wire::Value> get_saml_provider(Iam& iam, Call& call);
Result<wire::Value> list_saml_providers(Iam& iam, Call& call);
Result<wire::Value> update_saml_provider(Iam& iam, Call& call);
Result<wire::Value> delete_saml_provider(Iam& iam, Call& call);

Result<wire::Value> upload_server_certificate(Iam& iam, Call& call);
Result<wire::Value> get_server_certificate(Iam& iam, Call& call);
Result<wire::Value> list_server_certificates(Iam& iam, Call& call);
Result<wire::Value> update_server_certificate(Iam& iam, Call& call);
Result<wire::Value> delete_server_certificate(Iam& iam, Call& call);

}  // namespace gatehouse::service::iam
