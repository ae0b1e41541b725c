# AWS's managed policies as a table; src/account/directory/managed_policies.h reads it.
set(managed_policies_folder ${PROJECT_SOURCE_DIR}/data/aws-managed-policies)
file(GLOB managed_policies_files CONFIGURE_DEPENDS ${managed_policies_folder}/*.json)
set(managed_policies_table ${PROJECT_BINARY_DIR}/generated/managed_policies_table.cc)
add_custom_command(
  OUTPUT ${managed_policies_table}
  COMMAND ${NODE_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/managed_policies.mjs ${managed_policies_folder}
          ${managed_policies_table}
  DEPENDS ${managed_policies_files} ${CMAKE_CURRENT_LIST_DIR}/managed_policies.mjs
  COMMENT "Making the table of AWS managed policies"
  VERBATIM)
add_custom_target(gatehouse_managed_policies DEPENDS ${managed_policies_table})
set(GATEHOUSE_MANAGED_POLICIES_SOURCES ${managed_policies_table} PARENT_SCOPE)
