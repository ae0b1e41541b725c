# The pinned npm packages, installed once a build directory and never in the source tree. Targets and custom
# commands depend on ${GATEHOUSE_NPM_STAMP} and read ${GATEHOUSE_NPM_MODULES}.
find_program(NODE_EXECUTABLE NAMES node nodejs REQUIRED)
find_program(NPM_EXECUTABLE npm REQUIRED)
set(GATEHOUSE_NPM "" CACHE PATH "Where another build directory has installed them, its npm folder; empty: install them here")
if(GATEHOUSE_NPM)
  set(GATEHOUSE_NPM_MODULES ${GATEHOUSE_NPM}/node_modules PARENT_SCOPE)
  set(GATEHOUSE_NPM_MODULES ${GATEHOUSE_NPM}/node_modules)
  set(GATEHOUSE_NPM_STAMP ${GATEHOUSE_NPM}/installed)
  return()
endif()
set(npm_dir ${PROJECT_BINARY_DIR}/npm)
set(GATEHOUSE_NPM_MODULES ${npm_dir}/node_modules)
set(GATEHOUSE_NPM_MODULES ${GATEHOUSE_NPM_MODULES} PARENT_SCOPE)
set(GATEHOUSE_NPM_STAMP ${npm_dir}/installed)
add_custom_command(
  OUTPUT ${GATEHOUSE_NPM_STAMP}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${npm_dir}
  COMMAND ${CMAKE_COMMAND} -E copy ${CMAKE_CURRENT_SOURCE_DIR}/package.json ${CMAKE_CURRENT_SOURCE_DIR}/package-lock.json ${npm_dir}
  COMMAND ${CMAKE_COMMAND} -E chdir ${npm_dir} ${NPM_EXECUTABLE} ci --ignore-scripts --no-audit --no-fund --loglevel=error
  COMMAND ${CMAKE_COMMAND} -E touch ${GATEHOUSE_NPM_STAMP}
  DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/package.json ${CMAKE_CURRENT_SOURCE_DIR}/package-lock.json
  COMMENT "Installing the pinned npm packages"
  VERBATIM)
