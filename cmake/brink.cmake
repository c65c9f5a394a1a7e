# One target per folder: brink_library(NAME SOURCES … DEPS … TESTS … FUZZ …).
#
#   brink_library(http
#     SOURCES request_parser.cc …    the folder's code; headers are found by path
#     DEPS    brink::base …          what its public headers include
#     PRIVATE_DEPS Boost::json …     what only its .cc files include
#     TESTS   request_parser_test.cc …  one program, brink_<name>_test
#     TEST_DEPS …                    what only the tests need
#     FUZZ    request_parser_fuzz.cc …  one libFuzzer program each, corpus in
#             fuzz/corpus/<file without .cc>/
#
# An interface target brink::<name> comes out; the link graph is the
# architecture, and tests/architecture_test.py checks its order.

add_library(brink_flags INTERFACE)
target_compile_options(
  brink_flags
  INTERFACE -Wall
            -Wextra
            -Wshadow
            -Wnon-virtual-dtor
            -Wimplicit-fallthrough
            -Wthread-safety
            -Wconversion
            -Wno-sign-conversion
            -fstack-protector-strong
            $<$<BOOL:${BRINK_WERROR}>:-Werror>
            $<$<CONFIG:Debug>:-D_GLIBCXX_ASSERTIONS>)
target_link_options(brink_flags INTERFACE -fuse-ld=lld)
if(NOT BRINK_SANITIZE AND NOT BRINK_FUZZ)
  target_compile_options(brink_flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
endif()
if(BRINK_SANITIZE)
  target_compile_options(brink_flags INTERFACE -fsanitize=address,undefined
                                               -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(brink_flags INTERFACE -fsanitize=address,undefined)
endif()
if(BRINK_FUZZ)
  target_compile_options(brink_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

function(brink_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" ""
                        "SOURCES;DEPS;PRIVATE_DEPS;TESTS;TEST_DEPS;FUZZ")
  if(arg_SOURCES)
    add_library(brink_${name} STATIC ${arg_SOURCES})
    set(scope PUBLIC)
    target_link_libraries(brink_${name} PRIVATE brink_flags ${arg_PRIVATE_DEPS})
  else()
    add_library(brink_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(brink::${name} ALIAS brink_${name})
  target_include_directories(brink_${name} ${scope} "${PROJECT_SOURCE_DIR}/src")
  target_link_libraries(brink_${name} ${scope} ${arg_DEPS})

  if(arg_TESTS)
    add_executable(brink_${name}_test ${arg_TESTS})
    target_link_libraries(brink_${name}_test PRIVATE brink_${name} brink_flags ${arg_PRIVATE_DEPS}
                                                     ${arg_TEST_DEPS} GTest::gmock_main)
    gtest_discover_tests(
      brink_${name}_test
      TEST_PREFIX "${name}."
      PROPERTIES TIMEOUT 60 LABELS unit
      DISCOVERY_TIMEOUT 60)
  endif()

  if(BRINK_FUZZ)
    foreach(source IN LISTS arg_FUZZ)
      get_filename_component(target "${source}" NAME_WE)
      add_executable(${target} ${source})
      target_link_libraries(${target} PRIVATE brink_${name} brink_flags ${arg_PRIVATE_DEPS})
      target_link_options(${target} PRIVATE -fsanitize=fuzzer)
      set_property(GLOBAL APPEND PROPERTY BRINK_FUZZ_TARGETS ${target})
    endforeach()
  endif()
endfunction()

# brink_program(NAME SOURCES … DEPS …): an executable in the build folder's top.
function(brink_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPS")
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE brink_flags ${arg_DEPS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}")
endfunction()
