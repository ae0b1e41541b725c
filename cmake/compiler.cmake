# Warnings are errors. GCC 12 reports a few false positives inside libstdc++ when it inlines std::string
# (GCC bugs 105329, 105562, 105651); those two warnings are off for GCC alone.
add_compile_options(-Wall -Wextra -Wconversion -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-Wno-restrict -Wno-maybe-uninitialized)
else()
  # libstdc++ 12's own stable_sort uses what C++23 deprecates, and clang counts that as ours.
  add_compile_options(-Wno-sign-conversion -Wno-deprecated-declarations)
endif()

if(GATEHOUSE_SANITIZE)
  add_compile_options(-fsanitize=${GATEHOUSE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${GATEHOUSE_SANITIZE})
endif()
if(GATEHOUSE_FUZZ)
  # Coverage for libFuzzer in every room; only the fuzz targets link its main.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# mold links in a second what ld takes ten for; lld serves where the sanitizers want it.
find_program(MOLD mold)
if(MOLD AND NOT GATEHOUSE_SANITIZE)
  add_link_options(-fuse-ld=mold)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  add_link_options(-fuse-ld=lld)
endif()

# -O2, not CMake's -O3: two cores have to build it in minutes.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
