# Installs gen/package-lock.json into the build directory, never into the source tree.
# Sets GATEHOUSE_NODE_MODULES and GATEHOUSE_NPM_STAMP, on which every generated table depends.
find_program(NODE_EXECUTABLE NAMES node nodejs REQUIRED)
find_program(NPM_EXECUTABLE npm REQUIRED)

set(npm_directory ${PROJECT_BINARY_DIR}/gen)
set(GATEHOUSE_NODE_MODULES ${npm_directory}/node_modules)
set(GATEHOUSE_NPM_STAMP ${npm_directory}/installed)
add_custom_command(
  OUTPUT ${GATEHOUSE_NPM_STAMP}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${npm_directory}
  COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_CURRENT_LIST_DIR}/package.json ${CMAKE_CURRENT_LIST_DIR}/package-lock.json
          ${npm_directory}
  COMMAND ${CMAKE_COMMAND} -E chdir ${npm_directory} ${NPM_EXECUTABLE} ci --ignore-scripts --no-audit --no-fund
          --loglevel=error
  COMMAND ${CMAKE_COMMAND} -E touch ${GATEHOUSE_NPM_STAMP}
  DEPENDS ${CMAKE_CURRENT_LIST_DIR}/package.json ${CMAKE_CURRENT_LIST_DIR}/package-lock.json
  COMMENT "Installing the packages the generated tables are made from"
  VERBATIM)
