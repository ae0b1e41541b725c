# The model tables of src/wire/model.h: one service for every @aws-sdk/client-* in package.json, and for every
# services/NAME.mjs.
set(package_json ${CMAKE_CURRENT_SOURCE_DIR}/package.json)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${package_json})
file(READ ${package_json} package)
string(JSON count LENGTH ${package} dependencies)
math(EXPR last "${count} - 1")
set(services "")
foreach(i RANGE ${last})
  string(JSON name MEMBER ${package} dependencies ${i})
  if(name MATCHES "^@aws-sdk/client-(.+)$")
    list(APPEND services ${CMAKE_MATCH_1})
  endif()
endforeach()

file(GLOB own CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/services/*.mjs)
foreach(file ${own})
  get_filename_component(name ${file} NAME_WE)
  list(APPEND services ${name})
endforeach()
list(SORT services)

set(generated ${PROJECT_BINARY_DIR}/generated)
set(headers ${services})
list(TRANSFORM headers REPLACE "(.+)" "${generated}/model/\\1.h")
set(sources ${services} services)
list(TRANSFORM sources REPLACE "(.+)" "${generated}/model/\\1.cc")

add_custom_command(
  OUTPUT ${sources} ${headers}
  COMMAND ${NODE_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/models.mjs ${GATEHOUSE_NPM_MODULES} ${generated} ${services}
  DEPENDS models.mjs model_tables.mjs ${own} ${GATEHOUSE_NPM_STAMP}
  COMMENT "Making the model tables: ${services}"
  VERBATIM)
add_custom_target(gatehouse_models DEPENDS ${sources} ${headers})
set(GATEHOUSE_MODEL_SOURCES ${sources} PARENT_SCOPE)
