# A room is a folder of src/ and one static library, gh_<name>. It sees the rooms it names and no other:
# the include path is src/, but only what is linked has its symbols, so a call upwards does not link, and
# scripts/check_rooms.sh refuses the include itself.
#
#   gatehouse_room(wire DEPENDS base LINKS OpenSSL::SSL)
#
# Sources are every *.cc below the folder; *_test.cc make the room's test program, <name>_test.
function(gatehouse_room name)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;LINKS;GENERATED" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(TRANSFORM ROOM_DEPENDS PREPEND gh_)
  if(NOT sources)
    add_library(gh_${name} INTERFACE)
    target_link_libraries(gh_${name} INTERFACE ${ROOM_DEPENDS} ${ROOM_LINKS})
    return()
  endif()
  add_library(gh_${name} STATIC ${sources} ${ROOM_GENERATED})
  if(ROOM_GENERATED AND TARGET gatehouse_models)
    add_dependencies(gh_${name} gatehouse_models)  # the rooms above include its headers
  endif()
  target_include_directories(gh_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src> $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>
    $<INSTALL_INTERFACE:include/gatehouse>)
  target_link_libraries(gh_${name} PUBLIC ${ROOM_DEPENDS} ${ROOM_LINKS})
  if(GATEHOUSE_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE gh_${name} GTest::gtest GTest::gmock GTest::gtest_main)
    target_compile_definitions(${name}_test PRIVATE GATEHOUSE_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    include(GoogleTest)
    gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_TIMEOUT 60)
  endif()
endfunction()
